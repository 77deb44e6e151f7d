"""The register of seeded bugs: plugins for the example vendor with one bug each, and the rule that catches it."""

from __future__ import annotations

from collections.abc import Callable

from tests.testing.quirk import Plugin

LOADING = "refused when it is loaded"
CAUGHT_BY: dict[type[Plugin], str] = {}
"""Every mutant, and the rule that catches it; empty if no rule does."""


def caught_by(rule: str) -> Callable[[type[Plugin]], type[Plugin]]:
    """Add a plugin to the register."""

    def keep(mutant: type[Plugin]) -> type[Plugin]:
        CAUGHT_BY[mutant] = rule
        return mutant

    return keep
