"""The appliance's state: keys, sessions with their events, and the queue of outbound events."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from hub.simulators.beyondtrust.options import Options, Seeds
from hub.simulators.beyondtrust.outbound import Outbound
from hub.simulators.kit import Clock, Ledger


@dataclass(slots=True)
class SessionKey:
    """A session key, valid for one session."""

    short: str
    long: str
    queue: str
    expires: float
    attributes: dict[str, str]
    lsid: str = ""


@dataclass(slots=True)
class SessionEvent:
    """One event of a session."""

    at: float
    kind: str
    by: str = "system"  # system, customer or representative
    body: str = ""
    filename: str = ""
    size: int = 0


@dataclass(slots=True)
class SupportSession:
    """One support session."""

    lsid: str
    number: int
    began: float
    queue: str
    attributes: dict[str, str]
    customer: str
    rep: int = 0
    ended: float | None = None
    events: list[SessionEvent] = field(default_factory=list)
    changed: float = 0.0
    comment: str = ""  # of the customer's exit survey


class State:
    """The state of one appliance."""

    def __init__(self, seeds: Seeds, options: Options, clock: Clock, ledger: Ledger) -> None:
        self.seeds, self.options, self.clock, self.ledger = seeds, options, clock, ledger
        self.keys: dict[str, SessionKey] = {}
        self.sessions: dict[str, SupportSession] = {}
        self.outbound = Outbound(clock, options.retry_interval, options.retry_duration)

    def ident(self, kind: str, number: int) -> str:
        """A 32-digit id that is the same in every run."""
        return hashlib.blake2b(f"{kind}:{number}".encode(), digest_size=16).hexdigest()

    def issue(self, queue: str, ttl: int, attributes: dict[str, str], sha256: str) -> SessionKey:
        """Make a new key."""
        number = len(self.keys) + 1
        long = self.ident("key", number)
        key = SessionKey(str(4_829_172 + number), long, queue, self.clock.now() + ttl, attributes)
        self.keys[key.short] = key
        self.ledger.store(
            "session",
            key.short,
            at=self.clock.now(),
            by="api",
            key=attributes.get("external_key"),
            sha256=sha256,
            values={"queue": queue, "ttl": ttl, **attributes},
        )
        return key

    def begin(self, key: SessionKey, customer: str) -> SupportSession:
        """Begin a session when the customer joins. ValueError when the key is used or has expired."""
        if key.lsid or key.expires <= self.clock.now():
            raise ValueError(f"the session key {key.short} is used or has expired; ask for a new one")
        number = len(self.sessions) + 1
        made = SupportSession(
            self.ident("session", number), 1000 + number, self.clock.now(), key.queue, dict(key.attributes), customer
        )
        key.lsid = made.lsid
        self.sessions[made.lsid] = made
        self.note(made, SessionEvent(self.clock.now(), "Session Start"))
        self.emit(made, "support_conference_begin")
        return made

    def note(self, session: SupportSession, event: SessionEvent) -> None:
        """Write an event into the session."""
        session.events.append(event)
        session.changed = event.at

    def end(self, session: SupportSession) -> None:
        """End the session. ValueError when it has ended."""
        if session.ended is not None:
            raise ValueError(f"session {session.lsid} has ended already")
        session.ended = self.clock.now()
        self.note(session, SessionEvent(session.ended, "Session End"))
        self.emit(session, "support_conference_end")

    def emit(self, session: SupportSession, event: str) -> None:
        """Put an outbound event into the queue."""
        self.outbound.add(
            {
                "event": event,
                "version": "1.2",
                "timestamp": str(int(self.clock.now())),
                "appliance_id": self.ident("appliance", 1),
                "lsid": session.lsid,
                "external_key": session.attributes.get("external_key", ""),
            }
        )
