"""A rule of the conformance suite: a name, a sentence, what it needs, and the check that proves it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hub.testing.bench import TestBed

Group = Literal["speaks", "reads", "writes", "endures", "keeps quiet"]
GROUPS: tuple[Group, ...] = ("speaks", "reads", "writes", "endures", "keeps quiet")

Check = Callable[["TestBed"], Awaitable[None]]


class RuleBroken(AssertionError):
    """The plugin breaks a rule; the text says what was expected and what came."""


class NotApplicable(Exception):
    """The rule says nothing about this account; the text says why."""


@dataclass(frozen=True)
class Rule:
    """One property of a plugin."""

    name: str
    group: Group
    says: str
    check: Check = field(repr=False)
    needs: frozenset[str] = frozenset()
    """Capabilities without which the rule says nothing."""


def rule(group: Group, *needs: str) -> Callable[[Check], Rule]:
    """Make a rule of a check: its name is the function's, its sentence the docstring."""

    def made(check: Check) -> Rule:
        return Rule(check.__name__, group, inspect.getdoc(check) or "", check, frozenset(needs))

    return made


def rules_of(module: ModuleType) -> tuple[Rule, ...]:
    """The rules of a module, in its order."""
    single = [value for value in vars(module).values() if isinstance(value, Rule)]
    return (*single, *vars(module).get("SERIES", ()))


def require(condition: object, otherwise: str) -> None:
    """Raise Broken unless the condition holds."""
    if not condition:
        raise RuleBroken(otherwise)


def same(what: str, wanted: object, found: object) -> None:
    """Raise Broken unless the two are equal."""
    require(wanted == found, f"{what}: expected {wanted!r}, found {found!r}")
