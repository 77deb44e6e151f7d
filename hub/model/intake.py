"""The intake form: what a vendor wants answered before it takes a case."""

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
    ticket_field: str = ""  # the ticket's own field that answers it when nobody else does


class Intake(Value, frozen=True):
    """A vendor's form for one account."""

    questions: tuple[Question, ...] = ()
