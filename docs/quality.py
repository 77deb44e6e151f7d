"""The generated page on the conformance suite: rules by group, what each tier takes, the bugs that prove it."""

from __future__ import annotations

import inspect
import re

from docs.pages import page, table
from hub.testing import GROUPS, RULES
from hub.testing.tiers import ASKED_OF_PLATINUM, GROUPS_OF
from tests.testing.mutants import CAUGHT_BY, LOADING


def conformance_page() -> str:
    """Every rule with its sentence and what it needs, and the tiers."""
    told = [
        (
            f"{len(RULES)} rules say what the hub expects of a plugin. They drive it through its hooks and a client, "
            "against its own simulator on loopback; how to run them is in "
            "[prove a plugin](../how-to/prove-a-plugin.md)."
        ),
        "## Tiers",
        (
            "A tier is reached when every rule of its groups is kept, exempt with a reason in the plugin's "
            "`quality.toml`, or says nothing about the account, and when that holds on each of the vendor's "
            "systems. A plugin that claims a higher tier than it reaches fails its tests."
        ),
        table(
            ("tier", "groups", "besides"),
            [(tier, ", ".join(groups), _besides() if tier == "platinum" else "") for tier, groups in GROUPS_OF.items()],
        ),
    ]
    for group in GROUPS:
        rules = [one for one in RULES if one.group == group]
        told += [
            f"## {group.capitalize()}",
            table(
                ("rule", "what it says", "needs"),
                [(f"`{one.name}`", one.says, ", ".join(sorted(one.needs))) for one in rules],
            ),
        ]
    told += [
        "## Proof",
        (
            f"The suite is tried on {len(CAUGHT_BY)} plugins of an example vendor, each with one bug "
            f"(`tests/testing/mutants`); it catches {sum(map(bool, CAUGHT_BY.values()))}. The same plugin without "
            "a bug keeps every rule."
        ),
        table(
            ("bug", "what is wrong", "caught by"),
            [(_bug(bug), inspect.getdoc(bug) or "", _rule(rule)) for bug, rule in CAUGHT_BY.items()],
        ),
    ]
    return page("Conformance", *told)


def _bug(bug: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", bug.__name__).lower()


def _rule(rule: str) -> str:
    return "not caught" if not rule else rule if rule == LOADING else f"`{rule}`"


def _besides() -> str:
    return f"no exemption; answered on every system: {', '.join(sorted(ASKED_OF_PLATINUM))}"
