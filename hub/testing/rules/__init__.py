"""All rules of the conformance suite, in the order of their groups."""

from __future__ import annotations

from itertools import chain

from hub.testing.bed import TestBed
from hub.testing.checks import require, require_equal
from hub.testing.rule import GROUPS, Rule, rule, rules_of
from hub.testing.rules import (
    case_reading,
    changes,
    deliveries,
    doubt,
    endures,
    files,
    knowledge,
    quiet,
    reads,
    sessions,
    speaks,
    writes,
)
from hub.vendors import TIERS


@rule("speaks")
async def quality_file_is_valid(bed: TestBed) -> None:
    """quality.toml claims an existing tier, exempts only existing rules, and gives a reason for each exemption."""
    quality = bed.vendor.quality
    require(quality.tier in TIERS, f"there is no tier {quality.tier}")
    names = {known_rule.name for known_rule in RULES}
    names |= {f"{platform}-{name}" for platform in bed.vendor.info.platforms for name in names}
    require_equal("exempt rules that do not exist", set(), set(quality.exempt) - names)
    require_equal("exemptions without a reason", [], [name for name, why in quality.exempt.items() if len(why) < 10])


_MODULES = (speaks, reads, case_reading, writes, changes, files, knowledge, sessions, endures, doubt, quiet, deliveries)
_ALL = (*chain.from_iterable(map(rules_of, _MODULES)), quality_file_is_valid)

RULES: tuple[Rule, ...] = tuple(sorted(_ALL, key=lambda entry: GROUPS.index(entry.group)))
"""Every rule, once."""
