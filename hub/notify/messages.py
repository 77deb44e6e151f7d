"""Composes notifications: which notices are still relevant, in which language, at which rate. Pure.

A message contains numbers, times, names of levels and vendors, and our own texts. Of a ticket's texts it contains at
most the title, if the settings allow it.
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
"""Everything that a message can be about, most serious first."""

HOUR = timedelta(hours=1)
FIRST_DELAY, MAX_DELAY = timedelta(minutes=1), HOUR

MAX_ATTEMPTS = 15
"""Attempts to send a message, over about nine hours; then it is parked."""

MAX_TITLE = 120
"""The most characters of a title."""


class Fact(Value, frozen=True):
    """One thing to report."""

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
    """The message for one recipient."""

    key: str  # the same for the same notices, also when sent again
    recipient: Recipient
    subject: str
    text: str
    facts: tuple[Fact, ...]


def about_of(clock: str, data: Mapping[str, Json]) -> str:
    """What a notice is about."""
    share, when = data.get("share"), str(data.get("when") or "")
    if about := data.get("about") or when:
        return str(about)
    kind = "breach" if isinstance(share, float) and share >= BREACH else "warning"
    return kind if clock == RESPONSE else f"vendor_{kind}"


def message_key(recipient: str, notices: Iterable[str]) -> str:
    """The key of a message, from its recipient and the keys of its notices."""
    return hashlib.sha256("\n".join((recipient, *sorted(notices))).encode()).hexdigest()[:32]


def is_moot(about: str, ticket: Ticket, kept: TicketClock | None, now: datetime) -> str:
    """Why a notice about a clock is no longer relevant; empty if it still is."""
    if ticket.status is TicketStatus.CLOSED and about != "breach":
        return "the ticket is closed"
    if about in {"raised", "not_done"}:
        return ""
    if kept is None:
        return "the clock no longer exists"
    clock = kept.running.state
    if about in {"breach", "vendor_breach"}:
        return "" if clock.is_breached(now) or clock.deadline == now else "the deadline is met"
    if clock.answered_at is not None:
        return "answered in the meantime"
    if about == "waits_for_us" and not kept.running.waits_for_us:
        return "the vendor is no longer waiting"
    if about == "vendor_too_late" and kept.running.too_late_for is None:
        return "the vendor can answer in time"
    return ""


def next_send_time(sent: Sequence[datetime], per_hour: int, now: datetime) -> datetime:
    """When the next message may be sent, given when messages were sent within the last hour."""
    return now if len(sent) < per_hour else max(now, sent[-per_hour] + HOUR)


def retry_delay(attempts: int, requested: float | None = None) -> timedelta:
    """The delay after this many attempts, or the delay requested by the server if longer."""
    backoff: timedelta = min(FIRST_DELAY * 2 ** min(attempts - 1, 10), MAX_DELAY)
    return max(backoff, min(timedelta(seconds=requested or 0.0), MAX_DELAY))


def latest(facts: Iterable[Fact]) -> list[Fact]:
    """The latest fact for each clock of each ticket, of simultaneous ones the most serious; most serious first."""
    last: dict[tuple[str, ...], Fact] = {}
    for fact in sorted(facts, key=lambda fact: (fact.since, -ABOUT.index(fact.about))):
        own = fact.about if fact.about in {"raised", "not_done", "appointment", "follow_up"} else ""
        last[fact.ticket, fact.clock, own, str(fact.data.get("appointment", ""))] = fact
    return sorted(last.values(), key=lambda fact: (ABOUT.index(fact.about), fact.since, fact.ticket))


def compose(key: str, recipient: Recipient, facts: Iterable[Fact], people: Directory) -> Message:
    """Composes the message in the recipient's language."""
    words = _words(recipient.language)
    chosen = latest(facts)
    texts = [_RenderedFact(words, recipient, fact, people) for fact in chosen]
    subject = texts[0].subject
    if len(texts) > 1:
        subject = _fill(words["many"], {"count": len(texts), "what": subject})
    foot = words["foot_customer"] if recipient.customer else _fill(words["foot"], {"role": recipient.role})
    text = "\n\n".join([*(text.text for text in texts), f"-- \n{foot}"]) + "\n"
    return Message(key=key, recipient=recipient, subject=subject, text=text, facts=tuple(chosen))


class _RenderedFact:
    """Subject and text of one fact."""

    def __init__(self, words: Mapping[str, Any], recipient: Recipient, fact: Fact, people: Directory) -> None:
        values = _values(fact)
        kind = words["customer" if recipient.customer else "ours"][fact.about]
        what, asks = _fill(kind["what"], values), _fill(kind["asks"], values)
        self.subject = f"{fact.ticket}: {what}" if fact.ticket else what
        ours = not recipient.customer  # customers do not see vendors' names and goals
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
    values = {name: fact.data.get(name, "") for name in ("level", "minutes", "appointment", "contract", "customer")}
    starts = fact.data.get("starts_at")
    return values | {
        "ticket": fact.ticket,
        "day": date.fromisoformat(str(fact.data.get("due_on") or "1970-01-01")),
        "starts": _local(datetime.fromisoformat(str(starts)) if starts else None, fact.zone),
    }


def title_of(ticket: Ticket) -> str:
    """The title as one short line."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in ticket.title).split())
    return line if len(line) <= MAX_TITLE else line[: MAX_TITLE - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _local(moment: datetime | None, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})" if moment else ""


def _fill(template: str, values: Mapping[str, Any]) -> str:
    return Template(template).substitute(values)


@cache
def _words(language: str) -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"messages_{language}.toml").read_text("utf-8"))


def notified_roles(steps: Sequence[PolicyStep]) -> list[str]:
    """All roles that a policy's steps notify, including the levels that they raise to."""
    named = {role for step in steps for role in step.whom}
    return sorted(named | {step.level.value for step in steps if step.do == "raise"})
