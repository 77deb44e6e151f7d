"""Tiers: what a plugin has to keep for each, and which one its results reach."""

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
"""The groups of which every rule is kept or exempt. Platinum: no exemption, and all of ASKED_OF_PLATINUM answered."""

ASKED_OF_PLATINUM = frozenset(
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
"""Capabilities that the best plugins have on every system of their vendor."""


class RuleResult(NamedTuple):
    """What came of one rule on one platform."""

    rule: Rule
    platform: str
    verdict: str
    """kept, broken, exempt or not applicable."""
    why: str = ""


def reached(results: Iterable[RuleResult], lacking: Iterable[str] = ()) -> Tier:
    """The highest tier whose rules are all kept; `lacking` are capabilities asked of platinum that are not there."""
    known, lack = list(results), tuple(lacking)
    broken = {one.rule.group for one in known if one.verdict == "broken"}
    exempt = any(one.verdict == "exempt" for one in known)
    best: Tier = "none"
    for tier in TIERS[1:]:
        if broken.intersection(GROUPS_OF[tier]) or (tier == "platinum" and (exempt or lack)):
            break
        best = tier
    return best


def beyond(claim: Tier, result: Tier) -> bool:
    """Whether a plugin claims more than it reaches."""
    return TIERS.index(claim) > TIERS.index(result)
