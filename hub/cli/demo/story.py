"""The demo's facts, and how they are printed for a newcomer."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape

from hub.model import Event, OperationKind
from hub.model.journal import Entry
from hub.model.journal.cases import CaseChanged, FirstAnswer, VendorAttached, VendorCommented
from hub.model.journal.operations import (
    Looking,
    OperationDone,
    OperationInDoubt,
    OperationOutcome,
    OperationParked,
    OperationReady,
    Requested,
    Sending,
)
from hub.model.journal.tickets import Attached, Commented, Escalated, TicketAdded, TicketChanged

THINGS = {
    OperationKind.OPEN_CASE: "new case",
    OperationKind.ADD_COMMENT: "comment",
    OperationKind.ADD_ATTACHMENT: "file",
    OperationKind.CHANGE_FIELDS: "changes",
}
WORDS: dict[type[Entry], str] = {
    TicketAdded: "the ticket is imported from the help desk",
    Escalated: "an agent escalates it; from here on, the hub guarantees one case",
    Commented: "a private note is added; it is never sent",
    Attached: "a file is attached",
    OperationInDoubt: "sent, but no reply: in doubt, so it is not sent again yet",
    Looking: "the hub looks at the vendor for the key that it sent",
    OperationReady: "queued to be tried again",
    OperationParked: "parked until a person decides",
    CaseChanged: "the case changes",
    VendorCommented: "the vendor's engineer comments",
    FirstAnswer: "this counts as the first answer",
    VendorAttached: "the vendor's engineer adds a file",
    TicketChanged: "the ticket changes",
}


@dataclass(frozen=True)
class TimelineLine:
    """One line of a ticket's timeline."""

    at: float  # seconds since the escalation
    kind: str
    what: str


@dataclass
class Story:
    """What happened, in facts."""

    vendor: str = ""
    imported: int = 0
    rejected: int = 0
    tickets: int = 0  # escalated
    cases: int = 0  # at the vendor, by its own ledger
    answers: int = 0  # comments that a person at the vendor wrote, fetched into tickets
    doubts: int = 0  # resolved by looking for the key
    parked: int = 0
    lost: int = 0  # replies that the line lost
    resets: int = 0  # requests that the line cut off before they arrived
    found: int = 0
    sent_again: int = 0
    comments: int = 0  # ours, at the vendor
    files: int = 0
    files_back: int = 0
    states: dict[str, int] = field(default_factory=dict)
    journal: int = 0  # entries whose hashes were checked
    hero: str = ""
    case: str = ""  # the hero's
    timeline: list[TimelineLine] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)  # the other accounts
    partner_tickets: int = 0
    partner_cases: int = 0
    partner_answers: int = 0
    partner_doubts: int = 0
    deliveries: int = 0  # webhooks received
    sessions: int = 0  # remote sessions, with their report
    articles: int = 0  # mirrored
    patches: int = 0
    seconds: float = 0.0
    folder: str = ""
    wrong: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The story as plain values for JSON."""
        return {"ok": not self.wrong, **asdict(self)}

    def last_line(self) -> str:
        """The outcome in one line."""
        return (
            f"demo ok: {self.tickets + self.partner_tickets} tickets, {self.cases + self.partner_cases} cases, "
            f"{self.answers + self.partner_answers} answers, {self.doubts + self.partner_doubts} doubts resolved, "
            f"{self.parked} parked"
        )


class Narrator:
    """Prints the story as it happens; prints nothing when `quiet`."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(quiet=quiet, highlight=False)
        self._width = min(self._console.width, 80)
        self._act = 0

    def act(self, title: str) -> None:
        """Print the next act's title."""
        self._act += 1
        self._line(f"{self._act}. {title}", 0, style="bold")

    def say(self, text: str, indent: int = 3) -> None:
        """Print a paragraph."""
        self._line(text, indent)

    def _line(self, text: str, indent: int, style: str | None = None) -> None:
        margin = " " * indent
        wrapped = textwrap.fill(text, self._width, initial_indent=margin, subsequent_indent=margin)
        self._console.print(escape(wrapped), style=style, soft_wrap=True)

    def moments(self, timeline: list[TimelineLine]) -> None:
        """Print a ticket's timeline."""
        for what, lines in groupby(timeline, key=lambda line: line.what):
            first, *repeated = lines
            times = f" ({len(repeated) + 1} times)" if repeated else ""
            self._line(f"{first.at:6.2f} s  {what}{times}", 3)


def looked_at(event: Event) -> str:
    """The result of a look that settled a doubt: found or not_found; empty for other events."""
    entry = event.entry
    return (entry.looked or "") if isinstance(entry, OperationOutcome) else ""


def timeline(events: list[Event]) -> list[TimelineLine]:
    """A journal chain in words, timed from the escalation."""
    start = next((event.at for event in events if isinstance(event.entry, Escalated)), events[0].at)
    return [
        TimelineLine(round((event.at - start).total_seconds(), 3), event.kind, what)
        for event in events
        if (what := _words(event))
    ]


def _words(event: Event) -> str:
    match entry := event.entry:
        case Requested(kind=OperationKind.OPEN_CASE):
            return ""
        case Requested():
            return f"{_thing(entry.kind)}: queued behind earlier operations of this bond"
        case Sending():
            again = "" if entry.attempt == 1 else " again"
            return f"{_thing(entry.kind)}: recorded, then sent{again}"
        case OperationDone(looked="found"):
            what = f"one case: {entry.case}" if entry.kind is OperationKind.OPEN_CASE else "not sent again"
            return f"{_thing(entry.kind)}: found, so it had arrived; {what}"
        case OperationDone():
            return f"{_thing(entry.kind)}: done"
        case OperationReady() if entry.looked:
            return f"{_thing(entry.kind)}: not found after the settling time, so it is safe to send again"
        case CaseChanged() if entry.state:
            return f"the case is now {entry.state.replace('_', ' ')}"
        case CaseChanged():
            return f"the case changes: {', '.join(entry.fields)}"
        case VendorCommented(automatic=True):
            return "an automatic reply of the vendor, which does not count as an answer"
        case _:
            return WORDS.get(type(entry), event.kind.replace("_", " "))


def _thing(kind: OperationKind) -> str:
    return THINGS.get(kind, kind.replace("_", " "))
