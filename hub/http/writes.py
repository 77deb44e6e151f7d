"""Watches and captures writes: whether anything may have been stored, and exactly what would be sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


class Write:
    """One write; it counts as not sent until `stored_maybe` is set."""

    def __init__(self) -> None:
        self.stored_maybe = False


class WriteTracker:
    """The writes of a block and of the tasks started in it."""

    def __init__(self, outer: WriteTracker | None) -> None:
        self._outer = outer
        self._writes: list[Write] = []

    def add(self, write: Write) -> None:
        """Add a write to this block and to every enclosing block."""
        self._writes.append(write)
        if self._outer is not None:
            self._outer.add(write)

    @property
    def in_doubt(self) -> bool:
        """True when a write was stored or may have been; False when all were refused or not sent."""
        return any(write.stored_maybe for write in self._writes)

    def __len__(self) -> int:
        return len(self._writes)


@dataclass(frozen=True)
class Outgoing:
    """A write as it would be sent, without credentials."""

    method: str
    path: str  # including the query
    headers: dict[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Fingerprint of method, path, content type and body, in hexadecimal."""
        head = f"{self.method} {self.path}\n{self.headers.get('content-type', '')}\n"
        return hashlib.sha256(head.encode() + self.body).hexdigest()


class Captured(BaseException):
    """Ends a captured block at its first write.

    Not an Exception, so that no `except Exception` takes the end of a preview for an error.
    """

    def __init__(self, outgoing: Outgoing) -> None:
        super().__init__(f"captured {outgoing.method} {outgoing.path.partition('?')[0]}")
        self.outgoing = outgoing


class Capture:
    """The first write of a block that sends none."""

    def __init__(self) -> None:
        self.outgoing: Outgoing | None = None
        """None when the block wrote nothing."""


_tracker: ContextVar[WriteTracker | None] = ContextVar("watch", default=None)
_guard: ContextVar[Callable[[], None] | None] = ContextVar("guard", default=None)
_capture: ContextVar[Capture | None] = ContextVar("capture", default=None)


@contextmanager
def watch_writes() -> Iterator[WriteTracker]:
    """Watch the writes of this block and of tasks started in it; read `in_doubt` afterwards. Blocks may nest."""
    tracker = WriteTracker(_tracker.get())
    token = _tracker.set(tracker)
    try:
        yield tracker
    finally:
        _tracker.reset(token)


@contextmanager
def guard_writes(may_write: Callable[[], None]) -> Iterator[None]:
    """Call `may_write` right before each write of this block; if it raises, the write is not sent."""
    token = _guard.set(may_write)
    try:
        yield
    finally:
        _guard.reset(token)


def ask_guard() -> None:
    """Call the guard of the current block, if any; it raises if no write may be sent now."""
    if (may_write := _guard.get()) is not None:
        may_write()


@contextmanager
def capture_writes() -> Iterator[Capture]:
    """Send no write in this block: the first one ends the block and is stored in `outgoing`. Safe calls are sent."""
    capture = Capture()
    token = _capture.set(capture)
    try:
        yield capture
    except Captured as ended:
        capture.outgoing = capture.outgoing or ended.outgoing
    finally:
        _capture.reset(token)


def begin_write() -> Write:
    """Register a write with the tracker of the current block, if any."""
    write = Write()
    tracker = _tracker.get()
    if tracker is not None:
        tracker.add(write)
    return write


def capturing() -> Capture | None:
    """The capture of the current block, if any."""
    return _capture.get()
