"""Every installed vendor keeps the conformance suite, found by its entry point."""

from __future__ import annotations

from collections import Counter
from importlib import metadata

import pytest

from hub.testing import RULES, Candidate, Rule, candidate
from hub.testing.tiers import beyond
from hub.vendors import ENTRY_POINTS

OURS = sorted(
    point.name for point in metadata.entry_points(group=ENTRY_POINTS) if point.value.startswith("plugins.")
)
PLAYED: list[tuple[str, str]] = [(name, platform) for name in OURS for platform in candidate(name).platforms]


def rules() -> list[object]:
    """Each rule on each system of each vendor."""
    return [
        pytest.param(
            candidate(name),
            platform,
            rule,
            id=f"{name}-{platform}-{rule.name}" if platform else f"{name}-{rule.name}",
        )
        for name, platform in PLAYED
        for rule in RULES
    ]


@pytest.mark.parametrize(("plugin", "platform", "rule"), rules())
def test_a_vendor_keeps_a_rule(plugin: Candidate, platform: str, rule: Rule) -> None:
    """The rule is kept, exempt with a reason, or says nothing about the account."""
    result = plugin.result(rule, platform)
    assert result.verdict != "broken", f"{rule.says}\n{result.why}"


@pytest.mark.parametrize("name", OURS)
def test_no_vendor_claims_too_much(name: str) -> None:
    """The tier in quality.toml is reached, and most rules do say something about the vendor."""
    plugin = candidate(name)
    assert not beyond(plugin.vendor.quality.tier, plugin.tier())
    verdicts = Counter(result.verdict for result in plugin.results())
    assert verdicts["kept"] > verdicts["exempt"]
