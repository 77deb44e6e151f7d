"""What a rule's check uses to state an expectation, and the exceptions by which it ends early."""

from __future__ import annotations


class RuleBroken(AssertionError):
    """The plugin breaks a rule; the text says what was expected and what was found."""


class NotApplicable(Exception):
    """The rule does not apply to this account; the text says why."""


def require(condition: object, otherwise: str) -> None:
    """Raise RuleBroken with this text unless the condition holds."""
    if not condition:
        raise RuleBroken(otherwise)


def require_equal(what: str, wanted: object, found: object) -> None:
    """Raise RuleBroken unless the two values are equal."""
    require(wanted == found, f"{what}: expected {wanted!r}, found {found!r}")
