"""JSON documents as APIs give them, and files that are not files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from hub.desk import BadRow, ImportMapping, Rejects, load_mapping, read_tickets
from hub.desk.findings import Findings
from hub.desk.layout import detect_layout
from hub.errors import BadInput
from hub.model import TicketDraft, Visibility

COLUMNS = {"columns": {"source_id": "id", "title": "subject", "severity": "priority"}, "severity": {"high": "S2"}}
MAPPING = msgspec.convert(COLUMNS, ImportMapping)
ROWS = [{"id": number, "subject": f"t{number}", "priority": "high", "at": {"site": "MTL"}} for number in (1, 2)]


def named(path: Path, mapping: ImportMapping = MAPPING, findings: Findings | None = None) -> list[str]:
    found = read_tickets(path, mapping, findings=findings)
    return [item.source_id if isinstance(item, TicketDraft) else item.reason for item in found]


def listed(name: str) -> ImportMapping:
    return msgspec.convert({**COLUMNS, "file": {"list": name}}, ImportMapping)


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_and_an_object_with_a_list_are_read(tmp_path: Path, indent: int | None, encoding: str) -> None:
    """On one line or many, the rows are those of the list; numbers stay as written, nested names get dots."""
    path = tmp_path / "e.json"
    for document in (ROWS, {"count": 2, "next": None, "tickets": ROWS}, {"tickets": ROWS, "meta": {"pages": [1]}}):
        path.write_text(json.dumps(document, indent=indent), encoding)
        assert named(path) == ["1", "2"]
        first = next(iter(read_tickets(path, MAPPING)))
        assert isinstance(first, TicketDraft)
        assert first.fields == {"at.site": "MTL"}


def test_rows_without_the_mapped_id_name_their_columns(tmp_path: Path) -> None:
    """The reason shows the names to choose from, and the mapping's key."""
    path = tmp_path / "e.json"
    path.write_text(json.dumps(ROWS))
    for reason in named(path, ImportMapping()):
        assert "columns.source_id" in reason
        assert "id, subject, priority, at.site" in reason


def test_the_list_can_be_named(tmp_path: Path) -> None:
    """A path leads to a list inside; without one the first list of objects is read, and others are reported."""
    path = tmp_path / "e.json"
    people = [{"id": 9, "subject": "no ticket", "priority": "high"}]
    path.write_text(json.dumps({"users": people, "data": {"tickets": ROWS}, "more": ROWS}))
    findings = Findings()
    assert named(path, findings=findings) == ["9"]
    assert any("more" in text and "file.list" in text for text in findings.warnings())
    assert named(path, listed("data.tickets")) == ["1", "2"]
    with pytest.raises(BadInput, match=r"no list 'data\.cases'"):
        named(path, listed("data.cases"))


def test_one_object_with_the_tickets_id_is_a_ticket(tmp_path: Path) -> None:
    """Its own lists are comments, whatever the file's name; so is every line of JSON Lines."""
    path = tmp_path / "e.json"
    path.write_text(json.dumps({**ROWS[0], "log": [{"id": 5, "text": "x"}]}) + "\n")
    assert named(path) == ["1"]
    path.write_text("\n".join(map(json.dumps, ROWS)))
    assert named(path) == ["1", "2"]


def test_a_bad_row_leaves_the_others(tmp_path: Path) -> None:
    """Null, numbers, NaN, duplicate names and broken objects are refused by position, and can be imported mended."""
    path = tmp_path / "e.json"
    good = json.dumps(ROWS[0])
    deep = '{"a":' * 60_000 + "1" + "}" * 60_000
    bad = ["null", "12", '{"id": NaN}', '{"id": 1, "id": 2}', '{"id": oops, "x": "}"}', '"text"', "nothing", deep]
    path.write_text("[" + ",\n".join([*bad, '{\n"id": 3}', good]) + "]")
    with Rejects(path, MAPPING) as rejects:
        found = list(read_tickets(path, MAPPING))
        for item in found:
            if isinstance(item, BadRow):
                rejects.add(item)
    assert [item.line for item in found if isinstance(item, BadRow)] == list(range(1, 10))
    assert isinstance(found[-1], TicketDraft)
    assert rejects.file == tmp_path / "e.rejects.jsonl"
    lines = rejects.file.read_text().splitlines()
    assert lines == [*bad, '{ "id": 3}']
    rejects.file.write_text("\n".join(lines[-1:]).replace("}", ', "subject": "t", "priority": "high"}'))
    assert named(rejects.file) == ["3"]


@pytest.mark.parametrize(
    "text", ['[{"id": 1, "subject": "t", "priority": "high"}, {"id": 2, "subj', "[1 2]", '{"a" 1}']
)
def test_a_document_that_breaks_off_says_where(tmp_path: Path, text: str) -> None:
    """What was whole is imported; the rest is one bad row."""
    path = tmp_path / "e.json"
    path.write_text(text)
    mapping = msgspec.convert({**COLUMNS, "file": {"format": "json"}}, ImportMapping)
    *before, last = list(read_tickets(path, mapping))
    assert isinstance(last, BadRow)
    assert "rest of the document" in last.reason
    assert len(before) == 1 or text[0] == "{"


def test_rows_larger_than_a_chunk_are_whole(tmp_path: Path) -> None:
    """A row is put together from as many parts of the file as it needs, up to the limit of a record."""
    path = tmp_path / "e.json"
    rows = [{**row, "text": "é" * 150_000, "numbers": "1" * 70_000} for row in ROWS]
    path.write_text(json.dumps({"numbers": 10**4000, "tickets": rows}, ensure_ascii=False), "utf-8")
    assert named(path, listed("tickets")) == ["1", "2"]
    small = msgspec.convert({**COLUMNS, "file": {"field_limit": 20_000, "list": "tickets"}}, ImportMapping)
    assert "rest of the document" in named(path, small)[-1]


def test_an_inverse_column_of_comments_is_read_in_json(tmp_path: Path) -> None:
    """`private = false` is public, and a comment without the name stays private."""
    path = tmp_path / "e.jsonl"
    log = [{"text": "a", "private": False}, {"text": "b", "private": True}, {"text": "c"}]
    path.write_text(json.dumps({**ROWS[0], "log": log}))
    comments = [{"list": "log", "body": "text", "private": "private"}]
    (draft,) = read_tickets(path, msgspec.convert({**COLUMNS, "comments": comments}, ImportMapping))
    assert isinstance(draft, TicketDraft)
    private, public = Visibility.PRIVATE, Visibility.PUBLIC
    assert [comment.visibility for comment in draft.comments] == [public, private, private]


def test_pipes_devices_and_folders_are_refused(tmp_path: Path) -> None:
    """They could never end, or hold nothing; the error comes before anything is opened."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path(os.devnull), tmp_path):
        with pytest.raises(BadInput, match="not a regular file"):
            detect_layout(path)
    with pytest.raises(BadInput, match="can't be read"):
        load_mapping(tmp_path)
