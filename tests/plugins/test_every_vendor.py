"""Every installed vendor keeps the conformance suite, found by its entry point: one line a vendor.

What came of a rule is remembered: the tests of a vendor belong into one process.
"""

from __future__ import annotations

from collections import Counter
from importlib import metadata

import pytest

from hub.testing import candidate, conformance
from hub.vendors import ENTRY_POINTS

OURS = sorted(one.name for one in metadata.entry_points(group=ENTRY_POINTS) if one.value.startswith("plugins."))

for _name in OURS:
    globals()[f"test_{_name}"] = pytest.mark.xdist_group(_name)(conformance(_name))


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in OURS])
def test_the_rules_say_something_about_a_vendor(name: str) -> None:
    """More rules are kept than are exempt, and the account's own capabilities decide which say nothing."""
    plugin = candidate(name)
    for platform in plugin.platforms:
        verdicts = Counter(one.verdict for one in plugin.results() if one.platform == platform)
        assert verdicts["kept"] > 40
        assert verdicts["kept"] > 10 * verdicts["exempt"]
