"""Our own mailbox at the mail host, in memory: folders, flags, unique ids, and mail that is still on its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hub.simulators.kit import Clock

SYSTEM_FLAGS = ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")


@dataclass(slots=True, eq=False)
class Mail:
    """One mail in a folder."""

    uid: int
    raw: bytes = field(repr=False)
    at: float
    """When it came in, epoch seconds."""
    flags: set[str] = field(default_factory=set)


class MailFolder:
    """Mail in order of unique ids, which rise and are never used twice while `validity` stays."""

    def __init__(self, name: str, validity: int) -> None:
        self.name, self.validity, self.next = name, validity, 1
        self.mails: list[Mail] = []

    def add(self, raw: bytes, at: float, flags: set[str] | None = None) -> Mail:
        """Store a mail at the end."""
        made = Mail(self.next, raw, at, set(flags or ()))
        self.next += 1
        self.mails.append(made)
        return made

    def remove(self, gone: set[int]) -> None:
        """Remove the mails with these unique ids."""
        self.mails = [mail for mail in self.mails if mail.uid not in gone]

    def renumber(self) -> None:
        """Give all mails new unique ids from 1, as after a restore, which invalidates the old ids."""
        self.validity += 1
        self.next = 1
        for mail in self.mails:
            mail.uid = self.next
            self.next += 1


class Mailbox:
    """The folders and the mail under way; the listeners are called when mail arrives or is removed."""

    def __init__(self, clock: Clock, validity: int = 1) -> None:
        self._clock, self._validity = clock, validity
        self.folders = {name: MailFolder(name, validity) for name in ("INBOX", "Sent", "Junk", "Trash")}
        self.under_way: list[tuple[float, str, bytes]] = []
        """Due time, folder and mail, in order of sending."""
        self.listeners: set[Callable[[], None]] = set()

    @property
    def inbox(self) -> MailFolder:
        """The folder that receives mail."""
        return self.folders["INBOX"]

    def folder(self, name: str) -> MailFolder | None:
        """A folder by name; INBOX in any case."""
        return self.folders.get("INBOX" if name.upper() == "INBOX" else name)

    def create(self, name: str) -> MailFolder:
        """Create a folder; ValueError when the name exists."""
        if self.folder(name) is not None:
            raise ValueError(f"there is a folder {name}")
        self.folders[name] = MailFolder(name, self._validity)
        return self.folders[name]

    def now(self) -> float:
        """The host's time, epoch seconds."""
        return self._clock.now()

    def send(self, raw: bytes, *, after: float = 0.0, folder: str = "INBOX") -> None:
        """Deliver a mail, `after` seconds of the clock from now."""
        self.under_way.append((self._clock.now() + after, folder, raw))
        self.settle()

    def settle(self) -> None:
        """Store the mail that is due, in order of its due time."""
        now = self._clock.now()
        due = sorted((delivery for delivery in self.under_way if delivery[0] <= now), key=lambda delivery: delivery[0])
        if due:
            self.under_way = [delivery for delivery in self.under_way if delivery[0] > now]
            for at, folder, raw in due:
                self.folders[folder].add(raw, at)
            self.notify_listeners()

    def notify_listeners(self) -> None:
        """Call every listener."""
        for hear in tuple(self.listeners):
            hear()
