"""A vendor's intake form: questions and code lists from the plugin's intake.toml, and the fields for the answers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec

from hub.errors import FieldRefused, IntakeIncomplete
from hub.model import AccountSettings, Intake, Question
from hub.platforms.texts import storable


class FormLine(NamedTuple):
    """One line of the form: the question, and the vendor's field for its answer."""

    question: Question
    field: str


class IntakeForm:
    """The form in the plugin's intake.toml; the file is read at first use.

    A vendor with several desks has a file for each.
    """

    def __init__(self, package: str, file: str = "intake.toml") -> None:
        self._package, self._file = package, file

    @cached_property
    def lines(self) -> tuple[FormLine, ...]:
        """The form's tables [[question]], each with a `Question` and the vendor's `field`."""
        form = tomllib.loads(files(self._package).joinpath(self._file).read_text("utf-8"))
        return tuple(
            FormLine(msgspec.convert(raw, Question), raw.get("field", raw["name"])) for raw in form["question"]
        )

    def intake(self, settings: AccountSettings) -> Intake:
        """The form with the account's own defaults, from settings with a question's name."""
        return Intake(questions=tuple(_with_default(line.question, settings) for line in self.lines))

    def answers(self, given: Mapping[str, str], settings: AccountSettings) -> dict[str, str]:
        """The vendor's fields for these answers and the defaults.

        Raises FieldRefused for an unknown question or an answer that is not on its list, and IntakeIncomplete with the
        questions that are still unanswered.
        """
        questions = {line.question.name: _with_default(line.question, settings) for line in self.lines}
        for name in given:
            if name not in questions:
                raise FieldRefused(
                    f"the intake form has no question {name!r}",
                    field=name,
                    next_step=f"choose one of: {', '.join(questions)}",
                )
        values: dict[str, str] = {}
        missing: list[Question] = []
        for line in self.lines:
            question = questions[line.question.name]
            value = given.get(question.name, "") or question.default
            if value:
                values[line.field] = choice(question.name, storable(value, question.name), question.choices)
            elif question.required:
                missing.append(question)
        if missing:
            raise IntakeIncomplete("the vendor requires answers first", questions=tuple(missing))
        return values


def choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """The value, if it is on the code list or there is no list; raises FieldRefused."""
    if allowed and value not in allowed:
        raise FieldRefused(
            f"the value of {name} is not on the vendor's list",
            field=name,
            next_step=f"choose one of: {', '.join(allowed)}",
        )
    return value


def _with_default(question: Question, settings: Any) -> Question:
    default = str(getattr(settings, question.name, question.default))
    extra = (default,) if question.choices and default and default not in question.choices else ()
    return question.evolve(default=default, choices=question.choices + extra)
