"""The vendor's intake form: questions and code lists of intake.toml, and the fields for the answers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from hub.errors import FieldRefused, IntakeIncomplete
from hub.model import Intake, Question

from .mapping import choice
from .settings import BmcSettings
from .texts import storable


class Line(NamedTuple):
    """One line of the form: the question, and the create form's field that carries its answer."""

    question: Question
    field: str


@cache
def form() -> tuple[Line, ...]:
    """The form as the plugin ships it."""
    read = tomllib.loads(files(__package__).joinpath("intake.toml").read_text("utf-8"))
    return tuple(Line(msgspec.convert(raw, Question), raw["field"]) for raw in read["question"])


def intake(settings: BmcSettings) -> Intake:
    """The form with the account's own defaults."""
    return Intake(questions=tuple(_own(line.question, settings) for line in form()))


def _own(question: Question, settings: BmcSettings) -> Question:
    default = str(getattr(settings, question.name, question.default))
    extra = (default,) if question.choices and default and default not in question.choices else ()
    return question.evolve(default=default, choices=question.choices + extra)


def answers(given: Mapping[str, str], settings: BmcSettings) -> dict[str, str]:
    """The create form's fields for the answers given, defaults filled in.

    Raises FieldRefused for a question that the form does not have or an answer that is not on its list, and
    IntakeIncomplete with the questions that are still open.
    """
    questions = {line.question.name: _own(line.question, settings) for line in form()}
    for name in given:
        if name not in questions:
            raise FieldRefused(
                f"the intake form has no question {name!r}",
                field=name,
                next_step=f"ask: {', '.join(questions)}",
            )
    values: dict[str, str] = {}
    missing: list[Question] = []
    for line in form():
        question = questions[line.question.name]
        value = given.get(question.name, "") or question.default
        if value:
            values[line.field] = choice(question.name, storable(value, question.name), question.choices)
        elif question.required:
            missing.append(question)
    if missing:
        raise IntakeIncomplete("the vendor wants answers first", questions=tuple(missing))
    return values
