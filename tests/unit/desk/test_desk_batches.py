"""Batches of an import: their size, and rows that share an id."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.desk import batches
from hub.desk.batches import Batches
from hub.desk.rows import BadRow
from hub.model import Severity, TicketDraft


def rows(*ids: str) -> Iterator[TicketDraft | BadRow]:
    for position, name in enumerate(ids, 1):
        if name:
            yield TicketDraft(title=str(position), severity=Severity.S3, source_id=name)
        else:
            yield BadRow(line=position, reason="empty", raw="")


def test_rows_with_the_same_id_are_merged_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last row of each batch counts, a repeat of an earlier batch is marked, and the counts add up."""
    monkeypatch.setattr(batches, "ROWS", 2)
    refused: list[BadRow] = []
    found = Batches(rows("a", "a", "", "b", "a", "c", ""), refused.append)
    first, second, third = found.next_batch(), found.next_batch(), found.next_batch()
    assert [(entry.draft.source_id, entry.draft.title, entry.is_repeat) for entry in [*first, *second]] == [
        ("a", "2", False),
        ("b", "4", False),
        ("a", "5", True),
        ("c", "6", False),
    ]
    assert third == []
    assert (found.read, found.merged, found.merged_ids) == (7, 2, ["a"])
    assert [bad.line for bad in refused] == [3, 7]
    distinct = sum(not entry.is_repeat for entry in [*first, *second])
    assert found.read == distinct + found.merged + len(refused)


def test_large_rows_make_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch ends after its size in bytes, so that memory stays bounded."""
    monkeypatch.setattr(batches, "SIZE", 1)
    found = Batches(rows("a", "b"), lambda _bad: None)
    assert [len(found.next_batch()) for _ in range(3)] == [1, 1, 0]
