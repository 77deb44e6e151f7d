"""What people are told: which notices still hold, in whose words, at which pace. Pure.

A message is made of numbers, times, names of levels and vendors, and texts of our own; of a ticket's texts it has at
most the title, and that only where the settings allow it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from hub.model import Json, Ticket, TicketStatus, Value
from hub.notify.recipients import Directory, Recipient
from hub.sla.policy import BREACH, PolicyStep
from hub.sla.ticket_clocks import RESPONSE, TicketClock

ABOUT = (
    "breach",
    "raised",
    "not_done",
    "vendor_breach",
    "vendor_too_late",
    "warning",
    "vendor_warning",
    "waits_for_us",
    "appointment",
    "follow_up",
    "test",
)
"""All that a message can be about, the gravest first."""

HOUR = timedelta(hours=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), HOUR

MOST_TRIES = 15
"""Tries of one message, over some nine hours; then it is parked."""

TITLE = 120
"""Characters of a title."""


class Fact(Value, frozen=True):
    """One thing that is told."""

    about: str
    ticket: str
    step: str
    since: datetime
    title: str = ""
    severity: str = ""
    clock: str = ""
    deadline: datetime | None = None
    zone: str = "UTC"
    vendor: str = ""
    data: dict[str, Json] = {}


class Message(Value, frozen=True):
    """What one recipient gets."""

    key: str  # the same for the same notices, however often they are sent
    recipient: Recipient
    subject: str
    text: str
    facts: tuple[Fact, ...]


def about_of(clock: str, data: Mapping[str, Json]) -> str:
    """What a notice is about."""
    share, when = data.get("share"), str(data.get("when") or "")
    if known := data.get("about") or when:
        return str(known)
    kind = "breach" if isinstance(share, float) and share >= BREACH else "warning"
    return kind if clock == RESPONSE else f"vendor_{kind}"


def message_key(recipient: str, notices: Iterable[str]) -> str:
    """Names a message by its recipient and the keys of its notices."""
    return hashlib.sha256("\n".join((recipient, *sorted(notices))).encode()).hexdigest()[:32]


def is_moot(about: str, ticket: Ticket, kept: TicketClock | None, now: datetime) -> str:
    """Why a notice of a clock need not be told any more; empty when it must be."""
    if ticket.status is TicketStatus.CLOSED and about != "breach":
        return "the ticket is closed"
    if about in {"raised", "not_done"}:
        return ""
    if kept is None:
        return "the clock is gone"
    clock = kept.running.state
    if about in {"breach", "vendor_breach"}:
        return "" if clock.is_breached(now) or clock.deadline == now else "the promise is kept"
    if clock.answered_at is not None:
        return "it was answered meanwhile"
    if about == "waits_for_us" and not kept.running.waits_for_us:
        return "the vendor no longer waits"
    if about == "vendor_too_late" and kept.running.too_late_for is None:
        return "the vendor can answer in time"
    return ""


def next_turn(told: Sequence[datetime], per_hour: int, now: datetime) -> datetime:
    """When an address may be told again, by when it was told within the last hour."""
    return now if len(told) < per_hour else max(now, told[-per_hour] + HOUR)


def wait(tries: int, asked: float | None = None) -> timedelta:
    """How long to wait after so many tries, or as long as the server asked if that is longer."""
    own: timedelta = min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT)
    return max(own, min(timedelta(seconds=asked or 0.0), LONGEST_WAIT))


def newest(facts: Iterable[Fact]) -> list[Fact]:
    """For each clock of each ticket what fell due last, and of what fell due together the gravest; gravest first."""
    last: dict[tuple[str, ...], Fact] = {}
    for one in sorted(facts, key=lambda fact: (fact.since, -ABOUT.index(fact.about))):
        own = one.about if one.about in {"raised", "not_done", "appointment", "follow_up"} else ""
        last[one.ticket, one.clock, own, str(one.data.get("appointment", ""))] = one
    return sorted(last.values(), key=lambda fact: (ABOUT.index(fact.about), fact.since, fact.ticket))


def write(key: str, recipient: Recipient, facts: Iterable[Fact], people: Directory) -> Message:
    """The message, in the recipient's language."""
    words = _words(recipient.language)
    chosen = newest(facts)
    texts = [_Written(words, recipient, one, people) for one in chosen]
    subject = texts[0].subject
    if len(texts) > 1:
        subject = _fill(words["many"], {"count": len(texts), "what": subject})
    foot = words["foot_customer"] if recipient.customer else _fill(words["foot"], {"role": recipient.role})
    text = "\n\n".join([*(one.text for one in texts), f"-- \n{foot}"]) + "\n"
    return Message(key=key, recipient=recipient, subject=subject, text=text, facts=tuple(chosen))


class _Written:
    """One fact in words."""

    def __init__(self, words: Mapping[str, Any], recipient: Recipient, fact: Fact, people: Directory) -> None:
        values = _values(fact)
        kind = words["customer" if recipient.customer else "ours"][fact.about]
        what, asks = _fill(kind["what"], values), _fill(kind["asks"], values)
        self.subject = f"{fact.ticket}: {what}" if fact.ticket else what
        ours = not recipient.customer  # a vendor's name and promise are none of a customer's business
        shown = [
            ("ticket", fact.ticket),
            ("title", fact.title if people.titles else ""),
            ("severity", fact.severity),
            ("due", _local(fact.deadline, fact.zone) if ours or fact.clock == RESPONSE else ""),
            ("vendor", fact.vendor if ours else ""),
            ("explain", _explain(fact, recipient, people)),
        ]
        rows = [f"{words[name]} {value}" for name, value in shown if value]
        self.text = "\n".join([what[:1].upper() + what[1:], *rows, asks])


def _explain(fact: Fact, recipient: Recipient, people: Directory) -> str:
    if not fact.ticket:
        return ""
    if people.page:
        return people.page.replace("{ticket}", fact.ticket)
    return "" if recipient.customer else f"hub clock explain {fact.ticket}"


def _values(fact: Fact) -> dict[str, Any]:
    told = {name: fact.data.get(name, "") for name in ("level", "minutes", "appointment", "contract", "customer")}
    starts = fact.data.get("starts_at")
    return told | {
        "ticket": fact.ticket,
        "day": date.fromisoformat(str(fact.data.get("due_on") or "1970-01-01")),
        "starts": _local(datetime.fromisoformat(str(starts)) if starts else None, fact.zone),
    }


def title_of(ticket: Ticket) -> str:
    """A title as one short line."""
    line = " ".join("".join(one if one.isprintable() else " " for one in ticket.title).split())
    return line if len(line) <= TITLE else line[: TITLE - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _local(moment: datetime | None, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})" if moment else ""


def _fill(template: str, values: Mapping[str, Any]) -> str:
    return Template(template).substitute(values)


@cache
def _words(language: str) -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"messages_{language}.toml").read_text("utf-8"))


def roles(steps: Sequence[PolicyStep]) -> list[str]:
    """All roles that a policy's steps tell, and the levels that they raise to."""
    told = {role for step in steps for role in step.whom}
    return sorted(told | {step.level.value for step in steps if step.do == "raise"})
