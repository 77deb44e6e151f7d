"""The offer: plans, goals, features and calendars, read from a TOML file that a provider can replace."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec

from hub.errors import SettingsError
from hub.model import Severity, TicketStatus, Value
from hub.sla.calendar import Calendar, CalendarData

_GOAL = re.compile(r"(\d+(?:\.\d+)?) (business|clock) (hour|hours|minute|minutes)")
_SECONDS = {"hour": 3600, "minute": 60}


class Goal(Value, frozen=True):
    """The time allowed for an answer."""

    seconds: int
    unit: Literal["business", "clock"]

    def __str__(self) -> str:
        hours = self.seconds / 3600
        return f"{hours:g} {self.unit} hour{'' if hours == 1 else 's'}"


class Plan(Value, frozen=True):
    """One support plan: its hours and goals."""

    name: str
    title: str
    hours: str  # as published, in words
    calendar: str
    around_the_clock: bool
    response: dict[Severity, Goal]
    features: frozenset[str]
    pauses: frozenset[str] = frozenset()
    """The ticket statuses in which the plan pauses the clock."""


class SeverityText(Value, frozen=True):
    """The criteria of a severity."""

    title: str
    criteria: str
    examples: tuple[str, ...] = ()


class _PlanData(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    hours: str
    calendar: str
    around_the_clock: bool
    response: dict[str, str]
    features: list[str]
    pauses: list[str] = []


class _OfferData(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    severities: dict[str, SeverityText]
    calendars: dict[str, CalendarData]
    plans: dict[str, _PlanData]
    features: dict[str, str]


class Offer:
    """A provider's whole offer. Its parts are frozen; calendars are computed when first used."""

    def __init__(self, data: _OfferData) -> None:
        self.version = data.version
        self.severities = {Severity[name]: text for name, text in data.severities.items()}
        self.features: Mapping[str, str] = data.features
        self.plans = {name: _plan(name, plan, data) for name, plan in data.plans.items()}
        self._calendars = data.calendars

    @cached_property
    def calendars(self) -> dict[str, Calendar]:
        """Every calendar by name."""
        return {name: Calendar(name, data) for name, data in self._calendars.items()}

    def plan(self, name: str) -> Plan:
        """A plan by its name; raises SettingsError for an unknown one."""
        if name not in self.plans:
            raise SettingsError(f"unknown plan {name!r}", next_step=f"choose one of: {', '.join(sorted(self.plans))}")
        return self.plans[name]

    @property
    def plan_words(self) -> dict[str, str]:
        """The names of the plans, by their names and titles in lower case."""
        return {word.casefold(): plan.name for plan in self.plans.values() for word in (plan.title, plan.name)}

    def calendar_of(self, plan: Plan) -> Calendar:
        """The calendar of a plan's business hours."""
        return self.calendars[plan.calendar]


def read_offer(path: Path | None = None) -> Offer:
    """The offer in a file, or the one shipped with the hub; raises SettingsError with location and remedy."""
    place = str(path or "offer.toml")
    try:
        return Offer(msgspec.convert(tomllib.loads(offer_text(path)), _OfferData))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, KeyError) as error:
        raise SettingsError(
            f"{place} is not a valid offer: {error}", next_step="compare it with the offer shipped with the hub"
        ) from None


def offer_text(path: Path | None = None) -> str:
    """The text of an offer file, or of the one shipped with the hub."""
    return path.read_text("utf-8") if path else files(__package__).joinpath("offer.toml").read_text("utf-8")


def _plan(name: str, data: _PlanData, offer: _OfferData) -> Plan:
    if data.calendar not in offer.calendars:
        raise SettingsError(f"plan {name} uses calendar {data.calendar!r}, which the offer does not have")
    if unknown := sorted(set(data.features) - set(offer.features)):
        raise SettingsError(f"plan {name} has features that the offer does not have: {', '.join(unknown)}")
    if unknown_statuses := sorted(set(data.pauses) - set(TicketStatus)):
        raise SettingsError(f"plan {name} pauses in unknown statuses: {', '.join(unknown_statuses)}")
    goals = goals_of(f"plan {name}", data.response)
    return Plan(
        name=name,
        title=data.title,
        hours=data.hours,
        calendar=data.calendar,
        around_the_clock=data.around_the_clock,
        response=goals,
        features=frozenset(data.features),
        pauses=frozenset(data.pauses),
    )


def goals_of(owner: str, written: Mapping[str, str]) -> dict[Severity, Goal]:
    """A goal for each severity, as written in an offer or account; raises SettingsError that names the owner."""
    if unknown := sorted(set(written) - {severity.name for severity in Severity}):
        raise SettingsError(f"{owner} has goals for unknown severities: {', '.join(unknown)}")
    if missing := [severity.name for severity in Severity if severity.name not in written]:
        raise SettingsError(f"{owner} has no response goal for {', '.join(missing)}")
    return {severity: _goal(owner, written[severity.name]) for severity in Severity}


def _goal(owner: str, text: str) -> Goal:
    match = _GOAL.fullmatch(text)
    if not match:
        raise SettingsError(
            f"{owner}: {text!r} is not a valid goal", next_step="write it as `4 business hours` or `1 clock hour`"
        )
    unit: Any = match[2]
    return Goal(seconds=round(float(match[1]) * _SECONDS[match[3].removesuffix("s")]), unit=unit)
