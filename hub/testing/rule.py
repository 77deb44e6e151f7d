"""A rule of the conformance suite: a name, a sentence, the capabilities it needs, and the check that proves it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Literal

from hub.testing.bed import TestBed

Group = Literal["speaks", "reads", "writes", "endures", "keeps quiet"]
GROUPS: tuple[Group, ...] = ("speaks", "reads", "writes", "endures", "keeps quiet")

Check = Callable[[TestBed], Awaitable[None]]


@dataclass(frozen=True)
class Rule:
    """One property of a plugin."""

    name: str
    group: Group
    says: str
    check: Check = field(repr=False)
    needs: frozenset[str] = frozenset()
    """Capabilities without which the rule does not apply."""


def rule(group: Group, *needs: str) -> Callable[[Check], Rule]:
    """Make a rule of a check: its name is the function's, its sentence the docstring."""

    def make(check: Check) -> Rule:
        return Rule(check.__name__, group, inspect.getdoc(check) or "", check, frozenset(needs))

    return make


def rules_of(module: ModuleType) -> tuple[Rule, ...]:
    """The rules of a module, in its order."""
    single = [value for value in vars(module).values() if isinstance(value, Rule)]
    return (*single, *vars(module).get("SERIES", ()))
