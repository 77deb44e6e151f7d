"""How far a stream has been read: (time, id) positions, with a small memory of rows. Pure.

A run continues from position to position, so that equal times, moved rows and short pages lose nothing. The next run
starts an overlap before the newest change, and remembers which rows there were already reported. All times are the
vendor's: those of the rows, or the answer's Date if that is earlier, after the vendor's clock has gone back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from hub.errors import BadInput, VendorMisbehaved
from hub.model import Cursor

MEMORY = 256  # rows remembered; if more change within the overlap, the overlap starts later


class Position(NamedTuple):
    """A position in a stream ordered by time and id."""

    at: int = 0  # epoch seconds
    id: str = ""


class SeenRow(NamedTuple):
    """One row that was reported: its position, and a fingerprint of its values."""

    at: int
    id: str
    said: str

    @property
    def place(self) -> Position:
        """The row's position."""
        return Position(self.at, self.id)


class StreamState(NamedTuple):
    """The state of one stream: where a run starts, how far the current run has come, and what was reported."""

    floor: Position
    at: Position | None = None  # None between runs
    seen: tuple[SeenRow, ...] = ()  # the newest, in order
    newest: int = 0  # epoch seconds
    forgotten: Position = Position()  # the latest row that no longer fits into memory
    unsettled: int | None = None  # the earliest second of this run that was read before it was over

    @property
    def begin(self) -> Position:
        """The rows after this position come next."""
        return self.at or self.floor

    def plain(self) -> dict[str, Any]:
        """The state as JSON values."""
        kept = {
            "floor": list(self.floor),
            "told": [list(row) for row in self.seen],
            "newest": self.newest,
            "forgotten": list(self.forgotten),
        }
        known = {} if self.unsettled is None else {"unsettled": self.unsettled}
        return kept | known | ({"at": list(self.at)} if self.at else {})


def stream(saved: Cursor, start: int = 0) -> StreamState:
    """The state in a cursor, which never reads before `start`. Raises BadInput for a foreign cursor."""
    if not saved:
        return StreamState(Position(start))
    try:
        return StreamState(
            floor=max(Position(*saved["floor"]), Position(start)),
            at=Position(*saved["at"]) if "at" in saved else None,
            seen=tuple(SeenRow(*row) for row in saved["told"]),
            newest=saved["newest"],
            forgotten=Position(*saved["forgotten"]),
            unsettled=saved.get("unsettled"),
        )
    except (KeyError, TypeError) as error:
        raise BadInput(
            "the cursor is not one of this plugin's", next_step="reset the stream to read it again"
        ) from error


def part(cursor: Cursor, name: str, kind: type) -> Any:
    """A value in a cursor, or an empty one. Raises BadInput for a foreign cursor."""
    value = cursor.get(name, kind())
    if not isinstance(value, kind):
        raise BadInput("the cursor is not one of this plugin's", next_step="reset the stream to read it again")
    return value


def seen_row(at: int, ident: str, values: Mapping[str, Any]) -> SeenRow:
    """What is remembered of a row: its time in epoch seconds by the vendor's clock, and all its values."""
    encoded = msgspec.json.encode(values, order="deterministic")
    return SeenRow(at, ident, hashlib.blake2b(encoded, digest_size=6).hexdigest())


def advance(state: StreamState, page: Sequence[SeenRow], *, date: int | None, overlap: int) -> tuple[StreamState, bool]:
    """The state after a page, and whether the run has ended.

    A page without later rows also ends the run, so that a repeated page can't keep it going for ever. Nothing is
    skipped, as the position moves only to rows that were read. Raises VendorMisbehaved for an unsorted page.
    """
    times = [row.at for row in page]
    if times != sorted(times):
        raise VendorMisbehaved("the rows of a page are not in order of time", next_step="report this to the vendor")
    advances = bool(page) and page[-1].place > state.begin
    rows = sorted(set(state.seen) | set(page))
    dropped, remembered = rows[:-MEMORY], rows[-MEMORY:]
    state = state._replace(
        seen=tuple(remembered),
        newest=max([state.newest, *times]),
        forgotten=max([state.forgotten, *(row.place for row in dropped)]),
    )
    if advances:
        return state._replace(at=page[-1].place), False
    return _rest(state, date, overlap), True


def fresh(state: StreamState, page: Sequence[SeenRow]) -> list[bool]:
    """For each row of a page, whether it is new."""
    seen = set(state.seen)
    return [row not in seen for row in page]


def unsettled(state: StreamState, page: Sequence[SeenRow], date: int | None) -> StreamState:
    """The state after a page of rows without their comments, read at `date` by the vendor's clock.

    A row that was read in the second of its change may get one more comment in that second without looking different,
    so the next run reports it again.
    """
    early = [row.at for row in page if date is not None and row.at >= date]
    earlier = [] if state.unsettled is None else [state.unsettled]
    return state._replace(unsettled=min(earlier + early, default=None))


def _rest(state: StreamState, date: int | None, overlap: int) -> StreamState:
    """The state between two runs: the next run starts an overlap before the newest change, or before the vendor's time
    if that is earlier."""
    if not state.newest:
        return state._replace(at=None)
    now = state.newest if date is None else min(state.newest, date)
    floor = Position(now - overlap)
    # forgotten rows are not reported again, unless their second is not over and more may follow
    if floor < state.forgotten and state.forgotten.at < (now if date is None else date):
        floor = state.forgotten
    seen = state.seen
    if state.unsettled is not None:
        floor = min(floor, Position(state.unsettled))
        seen = tuple(row for row in seen if row.at < state.unsettled)
    seen = tuple(row for row in seen if row.place > floor)
    return state._replace(at=None, floor=floor, seen=seen, unsettled=None)
