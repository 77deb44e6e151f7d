"""Watches and captures writes: whether anything may have been stored, and what exactly would be sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


class Write:
    """One write on its way; until told otherwise it counts as never sent."""

    def __init__(self) -> None:
        self.stored_maybe = False


class WriteTracker:
    """What became of the writes of a block and of the tasks started in it."""

    def __init__(self, outer: WriteTracker | None) -> None:
        self._outer = outer
        self._writes: list[Write] = []

    def add(self, write: Write) -> None:
        """Count one more write, here and in every block around."""
        self._writes.append(write)
        if self._outer is not None:
            self._outer.add(write)

    @property
    def in_doubt(self) -> bool:
        """True when a write was stored or may have been; False when all were refused or never left."""
        return any(write.stored_maybe for write in self._writes)

    def __len__(self) -> int:
        return len(self._writes)


@dataclass(frozen=True)
class Outgoing:
    """A write as it would leave; credentials are not part of it."""

    method: str
    path: str  # with its query
    headers: dict[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Fingerprint of method, path, content type and body, in hexadecimal."""
        head = f"{self.method} {self.path}\n{self.headers.get('content-type', '')}\n"
        return hashlib.sha256(head.encode() + self.body).hexdigest()


class Captured(BaseException):
    """Ends a captured call at its first write.

    Not an Exception, so that no `except Exception` on the way mistakes the end of a preview for a fault.
    """

    def __init__(self, outgoing: Outgoing) -> None:
        super().__init__(f"captured {outgoing.method} {outgoing.path.partition('?')[0]}")
        self.outgoing = outgoing


class Capture:
    """Holds the first write of a block that sends none."""

    def __init__(self) -> None:
        self.outgoing: Outgoing | None = None
        """None when the block wrote nothing."""


_watch: ContextVar[WriteTracker | None] = ContextVar("watch", default=None)
_guard: ContextVar[Callable[[], None] | None] = ContextVar("guard", default=None)
_capture: ContextVar[Capture | None] = ContextVar("capture", default=None)


@contextmanager
def watch_writes() -> Iterator[WriteTracker]:
    """Watch the writes of this block and of tasks started in it; ask `in_doubt` after. Blocks may nest."""
    watch = WriteTracker(_watch.get())
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


@contextmanager
def guard_writes(may_write: Callable[[], None]) -> Iterator[None]:
    """Ask `may_write` right before each write of this block leaves; what it raises keeps the write unsent."""
    token = _guard.set(may_write)
    try:
        yield
    finally:
        _guard.reset(token)


def ask_guard() -> None:
    """Ask the guard of the current block, if any, whether a write may leave now."""
    if (may_write := _guard.get()) is not None:
        may_write()


@contextmanager
def capture_writes() -> Iterator[Capture]:
    """Send no write in this block: `outgoing` holds the first, which ends the block. Safe calls go out."""
    capture = Capture()
    token = _capture.set(capture)
    try:
        yield capture
    except Captured as ended:
        capture.outgoing = capture.outgoing or ended.outgoing
    finally:
        _capture.reset(token)


def begin_write() -> Write:
    """Register one write with the watch of the current block, if any."""
    write = Write()
    watch = _watch.get()
    if watch is not None:
        watch.add(write)
    return write


def capturing() -> Capture | None:
    """The capture that this block stands in, if any."""
    return _capture.get()
