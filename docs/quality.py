"""The generated page on the conformance suite: rules by group, what each tier takes, the bugs that prove it."""

from __future__ import annotations

import inspect
import re

from docs.pages import page, table
from hub.testing import GROUPS, RULES
from hub.testing.tiers import GROUPS_OF, PLATINUM_CAPABILITIES
from tests.testing.mutants import CAUGHT_BY, LOADING


def conformance_page() -> str:
    """Every rule with its sentence and what it needs, and the tiers."""
    sections = [
        (
            f"{len(RULES)} rules define what the hub expects of a plugin. They call its hooks with a client that is "
            "connected to the plugin's own simulator on loopback. To run them, see "
            "[prove a plugin](../how-to/prove-a-plugin.md)."
        ),
        "## Tiers",
        (
            "A plugin reaches a tier when every rule of the tier's groups is kept, not applicable to the account, or "
            "exempt with a reason in the plugin's `quality.toml`, on each of the vendor's platforms. A plugin that "
            "claims a higher tier than it reaches fails its tests."
        ),
        table(
            ("tier", "groups", "also needed"),
            [
                (tier, ", ".join(groups), _platinum() if tier == "platinum" else "")
                for tier, groups in GROUPS_OF.items()
            ],
        ),
    ]
    for group in GROUPS:
        rules = [rule for rule in RULES if rule.group == group]
        sections += [
            f"## {group.capitalize()}",
            table(
                ("rule", "what it says", "needs"),
                [(f"`{rule.name}`", rule.says, ", ".join(sorted(rule.needs))) for rule in rules],
            ),
        ]
    sections += [
        "## Proof",
        (
            f"The suite is run on {len(CAUGHT_BY)} plugins for an example vendor, each with one bug "
            f"(`tests/testing/mutants`); it catches {sum(map(bool, CAUGHT_BY.values()))}. The same plugin without "
            "a bug keeps every rule."
        ),
        table(
            ("bug", "what is wrong", "caught by"),
            [(_bug(bug), inspect.getdoc(bug) or "", _rule(rule)) for bug, rule in CAUGHT_BY.items()],
        ),
    ]
    return page("Conformance", *sections)


def _bug(bug: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", bug.__name__).lower()


def _rule(rule: str) -> str:
    return "not caught" if not rule else rule if rule == LOADING else f"`{rule}`"


def _platinum() -> str:
    return f"no exemption; on every platform: {', '.join(sorted(PLATINUM_CAPABILITIES))}"
