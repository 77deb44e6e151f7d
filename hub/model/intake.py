"""The intake form: what a vendor asks before it accepts a case."""

from __future__ import annotations

from hub.model.base import Value


class Question(Value, frozen=True):
    """One question of the form."""

    name: str
    title: str
    help: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()  # empty: free text
    default: str = ""
    ticket_field: str = ""  # the ticket field used when no answer is given


class Intake(Value, frozen=True):
    """A vendor's form for one account."""

    questions: tuple[Question, ...] = ()
