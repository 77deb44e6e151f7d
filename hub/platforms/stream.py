"""How far a stream has been read: pure arithmetic over (time, id) positions, with a small memory.

A run goes on from position to position, so that equal times, moved entries and short pages lose nothing. The
next run begins an overlap behind the newest change, and remembers what was already told there. All times are
the vendor's: the rows' own, held back by the reply's Date when the vendor's clock has stepped back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from hub.errors import BadInput, VendorMisbehaved
from hub.model import Cursor

MEMORY = 256  # rows remembered; when more changed within the overlap, the overlap begins later


class Position(NamedTuple):
    """A place in a stream ordered by time and id."""

    at: int = 0  # epoch seconds
    id: str = ""


class SeenRow(NamedTuple):
    """One row that was told: its place, and what it said."""

    at: int
    id: str
    said: str

    @property
    def place(self) -> Position:
        """Where it stands."""
        return Position(self.at, self.id)


class StreamState(NamedTuple):
    """One kind of news: where a run begins, where the present one has come to, and what was told."""

    floor: Position
    at: Position | None = None  # None between runs
    seen: tuple[SeenRow, ...] = ()  # the newest, in order
    newest: int = 0  # epoch seconds
    forgotten: Position = Position()  # the furthest row that fell out of memory
    unsettled: int | None = None  # the earliest second of this run that was read before it was over

    @property
    def begin(self) -> Position:
        """The rows behind this position come next."""
        return self.at or self.floor

    def plain(self) -> dict[str, Any]:
        """The stream as JSON values."""
        kept = {
            "floor": list(self.floor),
            "told": [list(one) for one in self.seen],
            "newest": self.newest,
            "forgotten": list(self.forgotten),
        }
        known = {} if self.unsettled is None else {"unsettled": self.unsettled}
        return kept | known | ({"at": list(self.at)} if self.at else {})


def stream(saved: Cursor, start: int = 0) -> StreamState:
    """A stream as it was kept, never reading before `start`. Raises BadInput for a foreign cursor."""
    if not saved:
        return StreamState(Position(start))
    try:
        return StreamState(
            floor=max(Position(*saved["floor"]), Position(start)),
            at=Position(*saved["at"]) if "at" in saved else None,
            seen=tuple(SeenRow(*one) for one in saved["told"]),
            newest=saved["newest"],
            forgotten=Position(*saved["forgotten"]),
            unsettled=saved.get("unsettled"),
        )
    except (KeyError, TypeError) as error:
        raise BadInput(
            "the cursor is not one of this plugin's", next_step="reset the stream to read it anew"
        ) from error


def part(cursor: Cursor, name: str, kind: type) -> Any:
    """A part of a cursor, empty where there is none. Raises BadInput for a foreign cursor."""
    value = cursor.get(name, kind())
    if not isinstance(value, kind):
        raise BadInput("the cursor is not one of this plugin's", next_step="reset the stream to read it anew")
    return value


def seen_row(at: int, ident: str, values: Mapping[str, Any]) -> SeenRow:
    """What is remembered of a row: `at` in epoch seconds by the vendor's clock, and all that it says."""
    said = msgspec.json.encode(values, order="deterministic")
    return SeenRow(at, ident, hashlib.blake2b(said, digest_size=6).hexdigest())


def advance(state: StreamState, page: Sequence[SeenRow], *, date: int | None, overlap: int) -> tuple[StreamState, bool]:
    """The stream after a page, and whether the run has come to its end.

    A page that does not lead on ends the run too: a repeated page is no reason to ask for ever, and nothing
    is passed over, as the position moves only to rows that were read. Raises VendorMisbehaved when unsorted.
    """
    times = [one.at for one in page]
    if times != sorted(times):
        raise VendorMisbehaved("the rows of a page are not in order of time", next_step="tell the vendor")
    leads_on = bool(page) and page[-1].place > state.begin
    known = sorted(set(state.seen) | set(page))
    lost, kept = known[:-MEMORY], known[-MEMORY:]
    state = state._replace(
        seen=tuple(kept),
        newest=max([state.newest, *times]),
        forgotten=max([state.forgotten, *(one.place for one in lost)]),
    )
    if leads_on:
        return state._replace(at=page[-1].place), False
    return _rest(state, date, overlap), True


def fresh(state: StreamState, page: Sequence[SeenRow]) -> list[bool]:
    """For each row of a page whether it has something new to tell."""
    known = set(state.seen)
    return [one not in known for one in page]


def unsettled(state: StreamState, page: Sequence[SeenRow], date: int | None) -> StreamState:
    """The stream after a page of rows that don't tell of their comments, read at `date` by the vendor's clock.

    A row that was read in the second of its change may get one more comment in that second and look the same: the next
    run tells of it again.
    """
    early = [one.at for one in page if date is not None and one.at >= date]
    known = [] if state.unsettled is None else [state.unsettled]
    return state._replace(unsettled=min(known + early, default=None))


def _rest(state: StreamState, date: int | None, overlap: int) -> StreamState:
    """The stream between two runs: the next begins an overlap behind the newest change, or behind the
    vendor's own time when that is earlier."""
    if not state.newest:
        return state._replace(at=None)
    now = state.newest if date is None else min(state.newest, date)
    floor = Position(now - overlap)
    # what was forgotten is not told again, unless its second is not over: others may still join it
    if floor < state.forgotten and state.forgotten.at < (now if date is None else date):
        floor = state.forgotten
    kept = state.seen
    if state.unsettled is not None:
        floor = min(floor, Position(state.unsettled))
        kept = tuple(one for one in kept if one.at < state.unsettled)
    kept = tuple(one for one in kept if one.place > floor)
    return state._replace(at=None, floor=floor, seen=kept, unsettled=None)
