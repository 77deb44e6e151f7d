"""Reading a stream: nothing is missed, nothing is reported twice, and every run ends."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from proofs import sizes

from hub.errors import BadInput, VendorMisbehaved
from hub.platforms import stream
from hub.platforms.stream import Position, SeenRow, StreamState

OVERLAP = 120


class Log:
    """A vendor's rows by (time, id): a simple model of a query after a position."""

    def __init__(self, *rows: SeenRow) -> None:
        self.rows = {row.id: row for row in rows}

    def page(self, begin: Position, size: int) -> list[SeenRow]:
        """The next rows after a position."""
        return [row for row in sorted(self.rows.values()) if row.place > begin][:size]


def run(
    saved: dict, log: Log, *, size: int = 10, date: int | None = None, most: int = 10_000
) -> tuple[dict, list[SeenRow]]:
    """One run to its end, with the cursor as JSON between pages; returns all new rows."""
    news: list[SeenRow] = []
    for _ in range(most):
        state = stream.stream(json.loads(json.dumps(saved)))
        page = log.page(state.begin, size)
        news += [row for row, new in zip(page, stream.fresh(state, page), strict=True) if new]
        state, over = stream.advance(state, page, date=date, overlap=OVERLAP)
        saved = state.plain()
        if over:
            return saved, news
    raise AssertionError("the run does not end")


@pytest.mark.parametrize("count", sizes("ten-thousand", 1_000, 10_000))
def test_a_long_run_of_equal_times_is_read_completely(count: int) -> None:
    """Rows of one second, ten at a time: each comes once, and a second run finds nothing."""
    log = Log(*(SeenRow(500, f"INC{number:06}", "a") for number in range(count)))
    saved, news = run({}, log, date=900)
    assert sorted(news) == sorted(log.rows.values())
    for _ in range(3):
        saved, again = run(saved, log, date=900)
        assert again == []


@pytest.mark.parametrize("count", sizes("ten-thousand", 1_000, 10_000))
def test_the_cursor_stays_small(count: int) -> None:
    """However much was read, the memory is limited."""
    log = Log(*(SeenRow(500 + number // 100, f"INC{number:012}", "0123456789ab") for number in range(count)))
    saved, _ = run({}, log, date=900)
    assert len(json.dumps(saved)) < 64 * stream.MEMORY


def test_a_row_that_joins_a_second_already_read_is_reported() -> None:
    """A lower id of the same second, and a second change in it, are both reported by the next run."""
    log = Log(SeenRow(500, "INC5", "a"))
    saved, _ = run({}, log, date=500)
    log.rows["INC1"] = SeenRow(500, "INC1", "a")
    log.rows["INC5"] = SeenRow(500, "INC5", "b")
    saved, news = run(saved, log, date=501)
    assert sorted(news) == [SeenRow(500, "INC1", "a"), SeenRow(500, "INC5", "b")]


def test_a_row_read_in_its_own_second_is_reported_again() -> None:
    """Such a row may get another comment and look the same; rows of a finished second are not reported again."""
    early, late = SeenRow(400, "INC1", "a"), SeenRow(500, "INC2", "a")
    state, _ = stream.advance(StreamState(Position()), [early, late], date=500, overlap=OVERLAP)
    state = stream.unsettled(state, [early, late], 500)
    state, _ = stream.advance(stream.stream(state.plain()), [], date=501, overlap=OVERLAP)
    assert stream.fresh(state, [early, late]) == [False, True]
    state = stream.unsettled(state, [late], 501)
    state, _ = stream.advance(state, [late], date=501, overlap=OVERLAP)
    state, _ = stream.advance(state, [], date=501, overlap=OVERLAP)
    assert stream.fresh(state, [early, late]) == [False, False]


def test_a_run_goes_back_to_the_first_second_that_was_not_over() -> None:
    """However long the run took, the next one starts there."""
    first = SeenRow(500, "INC1", "a")
    rest = [SeenRow(600 + 10 * OVERLAP, "INC2", "a")]
    state = stream.unsettled(StreamState(Position()), [first], 500)
    state, _ = stream.advance(state, [first], date=500, overlap=OVERLAP)
    state = stream.unsettled(state, rest, 700 + 10 * OVERLAP)
    state, _ = stream.advance(state, rest, date=700 + 10 * OVERLAP, overlap=OVERLAP)
    state, over = stream.advance(state, [], date=700 + 10 * OVERLAP, overlap=OVERLAP)
    assert over
    assert first.place > state.begin
    assert stream.fresh(state, [first]) == [True]


def test_without_a_date_nothing_is_reported_again() -> None:
    """Without the vendor's time nothing is reported again."""
    assert stream.unsettled(StreamState(Position()), [SeenRow(500, "INC1", "a")], None).unsettled is None


def test_rows_forgotten_in_an_unfinished_second_are_reported_again() -> None:
    """With more rows in the current second than the memory holds, a late, lower id is still found."""
    log = Log(*(SeenRow(500, f"INC{number:06}", "a") for number in range(1, 600)))
    saved, _ = run({}, log, date=500)
    log.rows["INC000000"] = SeenRow(500, "INC000000", "a")
    _, news = run(saved, log, date=502)
    assert SeenRow(500, "INC000000", "a") in news


def test_a_clock_that_steps_back_hides_nothing() -> None:
    """Rows with stamps ten minutes earlier than those already read are found once a run has seen the new time."""
    log = Log(SeenRow(10_000, "INC1", "a"))
    saved, _ = run({}, log, date=10_000)
    saved, _ = run(saved, log, date=9_410)  # the clock went back by 600 s, 10 s ago
    log.rows["INC2"] = SeenRow(9_420, "INC2", "a")
    saved, news = run(saved, log, date=9_430)
    assert news == [SeenRow(9_420, "INC2", "a")]


def test_a_front_end_whose_clock_is_wrong_hides_nothing() -> None:
    """With a Date header ten minutes ahead of the rows, or behind, every change is reported once."""
    for skew in (600, -600):
        log, saved, reported = Log(), {}, []
        for step in range(30):
            log.rows[f"INC{step % 7}"] = SeenRow(1_000 + step * 30, f"INC{step % 7}", str(step))
            saved, news = run(saved, log, date=1_000 + step * 30 + skew)
            reported += news
        assert [row.said for row in reported] == [str(step) for step in range(30)]


def test_a_repeated_page_ends_the_run_and_loses_nothing() -> None:
    """A server that repeats the first page for ever is called twice; afterwards the rest is read."""
    log = Log(*(SeenRow(500 + number, f"INC{number:03}", "a") for number in range(30)))
    state = stream.stream({})
    first = log.page(state.begin, 10)
    state, over = stream.advance(state, first, date=600, overlap=OVERLAP)
    assert not over
    state, over = stream.advance(state, first, date=600, overlap=OVERLAP)
    assert over
    _, news = run(state.plain(), log, date=600)
    assert news == sorted(log.rows.values())[10:]


def test_unsorted_rows_are_refused() -> None:
    """A position has no meaning if the rows come in another order."""
    with pytest.raises(VendorMisbehaved):
        stream.advance(stream.stream({}), [SeenRow(2, "a", ""), SeenRow(1, "b", "")], date=None, overlap=OVERLAP)


@pytest.mark.parametrize(
    "saved", [{"floor": [1, ""]}, {"offset": 3}, {"floor": 3, "told": [], "newest": 0, "forgotten": [0, ""]}]
)
def test_a_foreign_cursor_is_refused(saved: dict) -> None:
    """It is an error, and nothing is read from the beginning."""
    with pytest.raises(BadInput):
        stream.stream(saved)


def test_history_before_the_start_is_not_read() -> None:
    """The overlap does not reach back before it."""
    state = stream.stream({}, 1_000)
    assert state.begin == (1_000, "")
    state, _ = stream.advance(state, [SeenRow(1_010, "a", "")], date=None, overlap=OVERLAP)
    state, over = stream.advance(state, [], date=None, overlap=OVERLAP)
    assert over
    assert stream.stream(state.plain(), 1_000).begin == (1_000, "")


def test_an_empty_stream_stays_where_it_is() -> None:
    """Without a row the position does not move."""
    state, over = stream.advance(stream.stream({}, 7), [], date=99, overlap=OVERLAP)
    assert (state.begin, over) == ((7, ""), True)


STEPS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 40), st.integers(0, 3), st.sampled_from([1, 2, 3, 50])), max_size=40
)


@given(STEPS)
def test_each_change_is_reported_once_in_any_order_of_changes_and_pages(steps: list[tuple[int, int, int, int]]) -> None:
    """Changes arrive up to 40 s late by their stamps, between pages and between runs."""
    log, saved, reported, now, expected = Log(), {}, [], 10_000, []
    for number, (who, late, wait, size) in enumerate(steps):
        now += wait
        row = SeenRow(max(now - late, log.rows.get(f"INC{who}", SeenRow(0, "", "")).at), f"INC{who}", str(number))
        log.rows[row.id] = row
        expected.append(row)
        saved, news = run(saved, log, size=size, date=now)
        reported += news
    assert reported == expected
    assert run(saved, log, date=now)[1] == []


def test_a_row_is_recognised_by_all_its_values_in_any_order() -> None:
    """The order of an answer's fields does not matter; a changed value makes it another row."""
    first = stream.seen_row(500, "INC1", {"state": "2", "note": {"a": 1, "b": None}})
    assert stream.seen_row(500, "INC1", {"note": {"b": None, "a": 1}, "state": "2"}) == first
    assert stream.seen_row(500, "INC1", {"state": "2", "note": {"a": 1, "b": ""}}) != first
    assert first.place == Position(500, "INC1")
