"""The demo's facts, and how they are printed for a newcomer."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape

from hub.model import Event

THINGS = {"open_case": "new case", "add_comment": "comment", "add_attachment": "file", "change_fields": "changes"}
WORDS = {
    "ticket_added": "the ticket is imported from the help desk",
    "escalated": "an agent escalates it; from here on, the hub guarantees one case",
    "commented": "a private note is added; it is never sent",
    "attached": "a file is attached",
    "in_doubt": "sent, but no reply: in doubt, so it is not sent again yet",
    "looking": "the hub looks at the vendor for the key that it sent",
    "ready": "queued to be tried again",
    "parked": "parked until a person decides",
    "case_changed": "the case changes",
    "vendor_commented": "the vendor's engineer comments",
    "first_answer": "this counts as the first answer",
    "vendor_attached": "the vendor's engineer adds a file",
    "ticket_changed": "the ticket changes",
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


def timeline(events: list[Event]) -> list[TimelineLine]:
    """A journal chain in words, timed from the escalation."""
    start = next((event.at for event in events if event.kind == "escalated"), events[0].at)
    return [
        TimelineLine(round((event.at - start).total_seconds(), 3), event.kind, what)
        for event in events
        if (what := _words(event))
    ]


def _words(event: Event) -> str:
    data = event.data
    thing = THINGS.get(str(data.get("kind")), str(data.get("kind", "")).replace("_", " "))
    match event.kind:
        case "requested":
            return "" if data.get("kind") == "open_case" else f"{thing}: queued behind earlier operations of this bond"
        case "sending":
            again = "" if data.get("attempt") == 1 else " again"
            return f"{thing}: recorded, then sent{again}"
        case "done" if data.get("looked") == "found":
            what = f"one case: {data.get('case')}" if data.get("kind") == "open_case" else "not sent again"
            return f"{thing}: found, so it had arrived; {what}"
        case "done":
            return f"{thing}: done"
        case "ready" if data.get("looked"):
            return f"{thing}: not found after the settling time, so it is safe to send again"
        case "case_changed" if state := data.get("state"):
            return f"the case is now {str(state).replace('_', ' ')}"
        case "case_changed":
            return f"the case changes: {', '.join(map(str, _listed(data.get('fields'))))}"
        case "vendor_commented" if data.get("automatic"):
            return "an automatic reply of the vendor, which does not count as an answer"
        case _:
            return WORDS.get(event.kind, event.kind.replace("_", " "))


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
