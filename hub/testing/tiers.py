"""Tiers: which rules each of them needs, and which tier a plugin's results reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hub.testing.rule import Group, Rule
from hub.vendors import TIERS, Tier

GROUPS_OF: Mapping[Tier, tuple[Group, ...]] = {
    "bronze": ("speaks",),
    "silver": ("speaks", "reads", "writes"),
    "gold": ("speaks", "reads", "writes", "endures", "keeps quiet"),
    "platinum": ("speaks", "reads", "writes", "endures", "keeps quiet"),
}
"""The groups whose rules must all be kept or exempt. Platinum allows no exemption and needs PLATINUM_CAPABILITIES."""

PLATINUM_CAPABILITIES = frozenset(
    {
        "check_account",
        "intake",
        "open_case",
        "find_case",
        "read_case",
        "change_case",
        "add_comment",
        "add_attachment",
        "fetch_attachment",
        "changed_cases",
        "changed_articles",
        "read_webhook",
    }
)
"""Capabilities that a platinum plugin has on each of its vendor's platforms."""


class RuleResult(NamedTuple):
    """The result of one rule on one platform."""

    rule: Rule
    platform: str
    verdict: str
    """kept, broken, exempt or not applicable."""
    why: str = ""


def reached(results: Iterable[RuleResult], lacking: Iterable[str] = ()) -> Tier:
    """The highest tier whose rules are all kept; `lacking` are platinum capabilities that the plugin does not have."""
    all_results, missing = list(results), tuple(lacking)
    broken = {result.rule.group for result in all_results if result.verdict == "broken"}
    exempt = any(result.verdict == "exempt" for result in all_results)
    best: Tier = "none"
    for tier in TIERS[1:]:
        if broken.intersection(GROUPS_OF[tier]) or (tier == "platinum" and (exempt or missing)):
            break
        best = tier
    return best


def beyond(claim: Tier, result: Tier) -> bool:
    """Whether a plugin claims a higher tier than it reaches."""
    return TIERS.index(claim) > TIERS.index(result)
