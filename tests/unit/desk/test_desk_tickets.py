"""From rows to ticket drafts: the mapping, the reject file, the second import."""

from __future__ import annotations

import csv
import hashlib
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from proofs import sizes

from hub.desk import BadRow, ImportMapping, Rejects, fingerprint, load_mapping, read_tickets
from hub.desk.findings import Findings
from hub.desk.mapping import CommentColumns
from hub.desk.reader import Reader
from hub.errors import BadInput
from hub.model import Contact, Severity, TicketComment, TicketDraft, TicketStatus, Visibility

MAPPING = """
source = "acme"
[columns]
source_id = "Number"
title = "Short description"
description = ["Description", "Steps"]
severity = "Priority"
contact_name = "Caller"
contact_email = "Caller.email"
created_at = "Opened"
status = "State"
[severity]
"1 - Critical" = "S1"
"3 - Moderate" = "S3"
[status]
"In Progress" = "open"
"Done" = "closed"
[vendor]
"BMC Software" = "bmc_remedy"
[dates]
day_first = true
[[comments]]
body = "Work notes"
author = "Caller"
[[comments]]
body = "Reply"
visibility = "public"
"""
HEADER = "Number,Short description,Description,Steps,Priority,Caller,Caller.email,Opened,State,Work notes,Reply,vendor,Site\n"


@pytest.fixture
def mapping(tmp_path: Path) -> ImportMapping:
    path = tmp_path / "acme.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return load_mapping(path)


def export(folder: Path, text: str, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def one(path: Path, mapping: ImportMapping | None = None) -> TicketDraft | BadRow:
    (found,) = read_tickets(path, mapping)
    return found


def test_a_mapping_brings_every_part_to_its_place(tmp_path: Path, mapping: ImportMapping) -> None:
    """Names, words, dates, several texts, comments and the columns left over all arrive."""
    row = 'I1, Login fails ,"one\ntwo",then,1 - critical,Ann,ann@a.example,16/10/2025 08:51,in progress,note,answer,bmc software,Montréal\n'
    assert one(export(tmp_path, HEADER + row), mapping) == TicketDraft(
        source="acme",
        source_id="I1",
        title="Login fails",
        description="one\ntwo\n\nthen",
        severity=Severity.S1,
        vendor="bmc_remedy",
        contact=Contact(name="Ann", email="ann@a.example"),
        created_at=datetime(2025, 10, 16, 12, 51, tzinfo=UTC),
        status=TicketStatus.OPEN,
        fields={"Site": "Montréal"},
        comments=(
            TicketComment(author="Ann", body="note"),
            TicketComment(author="", body="answer", visibility=Visibility.PUBLIC),
        ),
    )


def test_without_a_mapping_columns_have_the_tickets_own_names(tmp_path: Path) -> None:
    """The names of a draft's parts are the default mapping; severities are S1 to S4 in any case."""
    draft = one(export(tmp_path, "source_id,title,severity,language\n7,Down,s2,fr-CA\n"))
    assert draft == TicketDraft(source="import", source_id="7", title="Down", severity=Severity.S2, language="fr")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",t,d,,S1,,,,,,,,\n", ["Number", "columns.source_id"]),
        ("1.23E+05,t,d,,S1,,,,,,,,\n", ["Number", "'1.23E+05'", "spreadsheet", "as text"]),
        ('"1,24E+11",t,d,,S1,,,,,,,,\n', ["'1,24E+11'"]),
        ("null,t,d,,S1,,,,,,,,\n", ["Number", "columns.source_id"]),
        ("x" * 501 + ",t,d,,S1,,,,,,,,\n", ["Number", "501 characters"]),
        ("1,t,d,,password=hunter2,,,,,,,,\n", ["Priority", "16 characters", "[severity]"]),
        ("1,t,d,,S1,,,2026-02-25 22:17 IST,,,,,\n", ["Opened", "'IST'", "dates.zones"]),
        ("1,t,d,,Sev 9,,,,,,,,\n", ["'Sev 9'", "[severity]"]),
        ("1,t,d,,,,,,,,,,\n", ["Priority", "defaults.severity"]),
        ("1,t,d,,S1,,,,Frozen,,,,\n", ["'Frozen'", "[status]"]),
        ("1,t,d,,S1,,,whenever,,,,,\n", ["Opened", "'whenever'", "dates.formats"]),
    ],
)
def test_a_row_that_is_no_ticket_names_the_word_and_the_key(
    tmp_path: Path, mapping: ImportMapping, row: str, words: list[str]
) -> None:
    """Nothing is given a silent default: the reason shows the text and how to fix it."""
    bad = one(export(tmp_path, HEADER + row), mapping)
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.raw) == (2, row)
    assert all(word in bad.reason for word in words), bad.reason


def test_an_unknown_language_falls_to_the_default_and_is_reported(tmp_path: Path) -> None:
    """A table of the mapping comes first, then English and French; other words are counted."""
    mapping = msgspec.convert({"language": {"DE": "en"}, "defaults": {"language": "fr"}}, ImportMapping)
    rows = "".join(f"{number},t,S3,{word}\n" for number, word in enumerate(["de", "es", "en-CA", "FR", "ES", "null"]))
    findings = Findings()
    drafts = read_tickets(export(tmp_path, "source_id,title,severity,language\n" + rows), mapping, findings=findings)
    assert [draft.language for draft in drafts if isinstance(draft, TicketDraft)] == [
        "en",
        "fr",
        "en",
        "fr",
        "fr",
        "fr",
    ]
    told = " ".join(findings.warnings())
    assert "language 'es' (1 times)" in told
    assert "read as fr" in told
    assert "[language]" in told


def test_words_for_nothing_are_empty_cells(tmp_path: Path) -> None:
    """They leave no title, vendor, field or comment; the mapping's tables come first, and its own list counts alone."""
    text = "source_id,title,severity,vendor,site,note\n1, NULL ,None,?,N/A,null\n"
    plain: dict[str, object] = {"comments": [{"body": "note"}], "severity": {"none": "S4"}}
    draft = one(export(tmp_path, text), msgspec.convert(plain, ImportMapping))
    assert draft == TicketDraft(source="import", source_id="1", title="(no title)", severity=Severity.S4)
    own = msgspec.convert({**plain, "nothing": ["?"], "defaults": {"title": "untitled"}}, ImportMapping)
    kept = one(export(tmp_path, text), own)
    assert isinstance(kept, TicketDraft)
    assert (kept.title, kept.vendor, kept.fields) == ("NULL", "", {"site": "N/A"})
    assert [comment.body for comment in kept.comments] == ["null"]
    strict = msgspec.convert({"defaults": {"title": ""}}, ImportMapping)
    bad = one(export(tmp_path, text), strict)
    assert isinstance(bad, BadRow)
    assert "defaults.title" in bad.reason


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("public", "public public public public private private vendor private private private"),
        ("private", "private private public private public private vendor private public private"),
    ],
)
def test_words_say_who_reads_a_comment(tmp_path: Path, column: str, expected: str) -> None:
    """Yes and no mean what the column's key says, names mean themselves, and an unknown word is private."""
    words = ["Yes", "1", "Public", "TRUE", "no", "internal", "Shared", "", "0", "maybe"]
    rows = "".join(f"{number},t,S3,hello,{word}\n" for number, word in enumerate(words))
    mapping = msgspec.convert(
        {"comments": [{"body": "note", column: "vis"}], "visibility": {"shared": "vendor"}}, ImportMapping
    )
    findings = Findings()
    drafts = read_tickets(export(tmp_path, "source_id,title,severity,note,vis\n" + rows), mapping, findings=findings)
    assert [str(draft.comments[0].visibility) for draft in drafts if isinstance(draft, TicketDraft)] == expected.split()
    assert ["'maybe'" in text and "[visibility]" in text for text in findings.warnings()] == [True]


def test_a_column_of_private_comments_is_not_taken_for_public() -> None:
    """`public = "private"` would publish what is internal; the error names the key to use."""
    with pytest.raises(BadInput, match=r"comments\.public"):
        Reader(ImportMapping(comments=(CommentColumns(list="log", body="text", public="private"),)))


def test_dates_of_answer_and_resolution_are_read(tmp_path: Path) -> None:
    """Both come from their own columns; a date before the ticket's own is refused by name."""
    text = "source_id,title,severity,created_at,answered_at,resolved_at\n1,t,S3,{},{},{}\n"
    draft = one(export(tmp_path, text.format("2024-01-05T10:00Z", "2024-01-05T11:00Z", "2024-01-06T10:00Z")))
    assert isinstance(draft, TicketDraft)
    assert draft.answered_at == datetime(2024, 1, 5, 11, tzinfo=UTC)
    assert draft.resolved_at == datetime(2024, 1, 6, 10, tzinfo=UTC)
    bad = one(export(tmp_path, text.format("2024-01-05T10:00Z", "", "2023-01-06T10:00Z")))
    assert isinstance(bad, BadRow)
    assert "resolved_at is before created_at" in bad.reason


def test_defaults_are_what_the_mapping_says(tmp_path: Path) -> None:
    """A severity for empty cells exists only when the mapping names one."""
    mapping = msgspec.convert({"defaults": {"severity": "S4", "customer": "Acme"}}, ImportMapping)
    draft = one(export(tmp_path, "source_id,title\n7,Down\n"), mapping)
    assert isinstance(draft, TicketDraft)
    assert (draft.severity, draft.customer) == (Severity.S4, "Acme")


def test_left_over_columns_are_kept_as_told(tmp_path: Path) -> None:
    """All by default, some by name, or none."""
    path = export(tmp_path, "source_id,title,severity,Site,Room,Empty\n7,Down,S1,MTL,4,\n")
    for keep, expected in ((True, {"Site": "MTL", "Room": "4"}), (("Room",), {"Room": "4"}), (False, {})):
        draft = one(path, ImportMapping(keep=keep))
        assert isinstance(draft, TicketDraft)
        assert draft.fields == expected


def test_a_list_of_comments_in_json_is_read_in_order(tmp_path: Path) -> None:
    """Each object of the list is a comment with its own author, date and visibility."""
    line = (
        '{"source_id": 5, "title": "t", "severity": "S3", "site": "x", "log": ['
        '{"text": "one", "by": {"name": "A"}, "open": true, "at": 1760619060}, {"text": ""}, {"text": "two"}]}\n'
    )
    comments = {"list": "log", "body": "text", "author": "by.name", "public": "open", "created_at": "at"}
    mapping = msgspec.convert({"comments": [comments]}, ImportMapping)
    draft = one(export(tmp_path, line, "export.jsonl"), mapping)
    assert isinstance(draft, TicketDraft)
    assert draft.fields == {"site": "x"}
    assert draft.comments == (
        TicketComment(
            author="A", body="one", visibility=Visibility.PUBLIC, created_at=datetime(2025, 10, 16, 12, 51, tzinfo=UTC)
        ),
        TicketComment(author="", body="two"),
    )


def test_a_column_that_the_file_lacks_is_one_clear_error(tmp_path: Path, mapping: ImportMapping) -> None:
    """The error names the mapping's key, the missing column and the columns that are there."""
    with pytest.raises(BadInput, match=r"columns\.severity = 'Priority'.*it has .*Caller"):
        list(read_tickets(export(tmp_path, HEADER.replace("Priority", "Urgency") + "1\n"), mapping))
    with pytest.raises(BadInput, match=r"columns\.source_id = 'source_id'"):
        list(read_tickets(export(tmp_path, "id,title,severity\n1,t,S1\n")))
    with pytest.raises(BadInput, match=r"columns\.severity = 'severity'"):
        list(read_tickets(export(tmp_path, "source_id,title\n1,t\n")))


def test_a_header_alone_is_one_clear_error(tmp_path: Path, mapping: ImportMapping) -> None:
    """An export without rows is more likely a mistake than the wish to import nothing."""
    with pytest.raises(BadInput, match="no rows below its header"):
        list(read_tickets(export(tmp_path, HEADER), mapping))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("source = ", "TOML|nvalid"),
        ("[colums]\n", "colums"),
        ('[severity]\nhigh = "S5"\n', "S5"),
        ('[status]\nnew = "fresh"\n', "fresh"),
        ('[file]\nformat = "xlsx"\n', "xlsx"),
    ],
)
def test_a_wrong_mapping_names_the_key(tmp_path: Path, text: str, word: str) -> None:
    """A misspelt key or a word that the hub does not know is refused before any row is read."""
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=word):
        load_mapping(path)
    with pytest.raises(BadInput, match="gone"):
        load_mapping(tmp_path / "gone.toml")


def test_a_mapping_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Some editors put one in front of UTF-8; it is not part of the first key."""
    path = tmp_path / "marked.toml"
    path.write_bytes(b'\xef\xbb\xbfsource = "acme"\n')
    assert load_mapping(path).source == "acme"


def test_an_unknown_time_zone_is_one_clear_error(tmp_path: Path) -> None:
    """The mapping's time zone is checked before any row is read."""
    mapping = msgspec.convert({"dates": {"timezone": "Mars/Olympus"}}, ImportMapping)
    with pytest.raises(BadInput, match="Mars/Olympus"):
        list(read_tickets(export(tmp_path, "source_id,title,severity\n1,t,S1\n"), mapping))


def test_a_second_reading_gives_the_same_fingerprints(tmp_path: Path, mapping: ImportMapping) -> None:
    """Reading again changes nothing, and neither do the columns' order or the file's encoding."""
    rows = [f"I{number},t{number},été,,S3,,,,,,,,MTL\n" for number in range(50)]
    path = export(tmp_path, HEADER + "".join(rows))
    first = [fingerprint(item) for item in read_tickets(path, mapping) if isinstance(item, TicketDraft)]
    again = [fingerprint(item) for item in read_tickets(path, mapping) if isinstance(item, TicketDraft)]
    assert first == again
    assert len(set(first)) == 50
    turned = tmp_path / "turned.csv"
    with path.open(encoding="utf-8", newline="") as source, turned.open("w", encoding="utf-16") as target:
        for line in csv.reader(source):
            csv.writer(target, delimiter="\t").writerow(reversed(line))
    moved = [fingerprint(item) for item in read_tickets(turned, mapping) if isinstance(item, TicketDraft)]
    assert moved == first


def test_a_fingerprint_covers_every_part() -> None:
    """A change in any part of a draft changes its fingerprint; the order of fields does not."""
    draft = TicketDraft(title="t", severity=Severity.S1, fields={"a": "1", "b": "2"})
    changed = [
        draft.evolve(title="u"),
        draft.evolve(severity=Severity.S2),
        draft.evolve(description="d"),
        draft.evolve(contact=Contact(name="n")),
        draft.evolve(fields={"a": "1"}),
        draft.evolve(comments=(TicketComment(author="a", body="b"),)),
    ]
    assert len({fingerprint(each) for each in [draft, *changed]}) == 7
    assert fingerprint(draft.evolve(fields={"b": "2", "a": "1"})) == fingerprint(draft)
    assert fingerprint(draft.evolve(resolved_at=datetime(2026, 1, 1, tzinfo=UTC))) != fingerprint(draft)


def test_fingerprints_of_tickets_imported_before_stay_valid() -> None:
    """A draft without dates of answer and resolution has the fingerprint that it had before they were known."""
    draft = TicketDraft(title="t", severity=Severity.S1)
    old = {name: value for name, value in draft.plain().items() if name not in {"answered_at", "resolved_at"}}
    assert fingerprint(draft) == hashlib.sha256(msgspec.json.encode(old)).hexdigest()


def rejected(path: Path, mapping: ImportMapping) -> Rejects:
    with Rejects(path, mapping) as rejects:
        for item in read_tickets(path, mapping):
            if isinstance(item, BadRow):
                rejects.add(item)
    return rejects


ODD = (
    HEADER
    + "1,good,d,,S1,,,,,,,,\n"
    + '2,"broken,d,,S1,,,,,,,,\n'
    + '3,"word\nover two lines",d,,High,,,,,,,,\n'
    + "4,ragged,d\n"
    + "5,good,d,,S1,,,,,,,,\n"
)


def test_the_reject_file_keeps_rows_as_they_stood(tmp_path: Path, mapping: ImportMapping) -> None:
    """Header and bad rows are byte for byte the export's, in its encoding, with reasons beside them."""
    for encoding, end in (("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("utf-16", "\r\n"), ("cp1252", "\n")):
        folder = tmp_path / encoding
        folder.mkdir()
        path = folder / "odd.csv"
        text = ODD.replace("word", "été").replace("\n", end)
        path.write_bytes(text.encode(encoding))
        rejects = rejected(path, mapping)
        assert rejects.count == 3
        assert rejects.file == folder / "odd.rejects.csv"
        lines = text.splitlines(keepends=True)
        assert rejects.file.read_bytes() == "".join([lines[0], *lines[2:6]]).encode(encoding)
        assert rejects.reasons is not None
        told = [msgspec.json.decode(line) for line in rejects.reasons.read_bytes().splitlines()]
        assert [(each["line"], each["rejects_line"]) for each in told] == [(3, 2), (4, 3), (6, 5)]
        assert "High" in told[1]["reason"]
        assert {file.name for file in folder.iterdir()} == {"odd.csv", "odd.rejects.csv", "odd.rejects.reasons.jsonl"}


def test_mended_rejects_can_be_imported(tmp_path: Path, mapping: ImportMapping) -> None:
    """The corrected reject file is an export like the first one."""
    file = rejected(export(tmp_path, ODD), mapping).file
    assert file is not None
    text = file.read_text("utf-8").replace('"broken', "mended").replace("High", "S2")
    file.write_text(text.replace("4,ragged,d\n", "4,whole,d,,S1,,,,,,,,\n"), "utf-8")
    drafts = list(read_tickets(file, mapping))
    assert [item.source_id for item in drafts if isinstance(item, TicketDraft)] == ["2", "3", "4"]


def test_undecodable_bytes_reach_the_reject_file_unharmed(tmp_path: Path) -> None:
    """What could not be read is kept as the bytes that it was."""
    path = tmp_path / "late.csv"
    path.write_bytes(b"source_id,title,severity\n1,caf\xe9 \xff,S1\n2,ok,S1\n")
    mapping = msgspec.convert({"file": {"encoding": "utf-8"}}, ImportMapping)
    file = rejected(path, mapping).file
    assert file is not None
    assert file.read_bytes() == b"source_id,title,severity\n1,caf\xe9 \xff,S1\n"


def test_a_reject_file_is_never_overwritten(tmp_path: Path, mapping: ImportMapping) -> None:
    """The same rejects stay one file; a file that somebody has begun to edit is left alone."""
    path = export(tmp_path, ODD)
    first = rejected(path, mapping).file
    assert first is not None
    assert rejected(path, mapping).file == first
    first.write_text("being mended", "utf-8")
    second = rejected(path, mapping).file
    assert second == tmp_path / "export.rejects-2.csv"
    assert first.read_text("utf-8") == "being mended"


def test_no_reject_file_appears_when_every_row_is_good(tmp_path: Path, mapping: ImportMapping) -> None:
    """A clean import leaves nothing beside the export."""
    path = export(tmp_path, HEADER + "1,good,d,,S1,,,,,,,,\n")
    rejects = rejected(path, mapping)
    assert (rejects.count, rejects.file) == (0, None)
    assert {file.name for file in tmp_path.iterdir()} == {"export.csv", "acme.toml"}


def test_an_import_that_is_broken_off_leaves_no_reject_file(tmp_path: Path, mapping: ImportMapping) -> None:
    """Half a reject file would pass for the whole one."""
    path = export(tmp_path, ODD)
    with pytest.raises(KeyboardInterrupt), Rejects(path, mapping) as rejects:  # noqa: PT012
        rejects.add(BadRow(line=3, reason="bad", raw="4,ragged,d\n"))
        raise KeyboardInterrupt
    assert {file.name for file in tmp_path.iterdir()} == {"export.csv", "acme.toml"}


def test_rejects_of_json_lines_are_json_lines(tmp_path: Path) -> None:
    """They have no header, and the last line gets the line end that it lacked."""
    path = export(tmp_path, '{"source_id": 1, "title": "t", "severity": "S1"}\n{"source_id": 2}', "e.jsonl")
    file = rejected(path, ImportMapping()).file
    assert file == tmp_path / "e.rejects.jsonl"
    assert file.read_text("utf-8") == '{"source_id": 2}\n'


@pytest.mark.parametrize("count", sizes("ten-thousand", 30_000, 100_000))
def test_many_rows_are_read_in_bounded_memory(tmp_path: Path, count: int) -> None:
    """The peak stays under 5 MB, however long the file is."""
    path = tmp_path / "big.csv"
    with path.open("w", encoding="cp1252", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["source_id", "title", "severity", "description", "created_at", "Site"])
        text = 'première ligne\r\n"deuxième"; troisième\r\n' * 5
        writer.writerows((f"INC{n}", f"Panne {n}", "S3", text, "2025-10-16 08:51", "MTL") for n in range(count))
    assert path.stat().st_size > 200 * count
    tracemalloc.start()
    good = sum(isinstance(item, TicketDraft) for item in read_tickets(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert good == count
    assert peak < 5_000_000


def test_reading_stops_when_the_caller_stops(tmp_path: Path) -> None:
    """Drafts come one by one: the first is there before the rest of the file is read."""
    path = export(tmp_path, "source_id,title,severity\n" + "1,t,S1\n" * 100_000)
    told: list[int] = []
    found: Iterator[TicketDraft | BadRow] = read_tickets(path, progress=lambda done, _: told.append(done))
    assert isinstance(next(found), TicketDraft)
    assert not told or told[-1] < path.stat().st_size / 2


def test_a_list_of_comments_names_no_column_that_must_be_there() -> None:
    """A file without the list's name passes the check: a ticket without comments has no such list."""
    reader = Reader(ImportMapping(comments=(CommentColumns(list="log", body="text"),)))
    reader.check(["source_id", "title", "severity"])
    with pytest.raises(BadInput, match="comment"):
        Reader(ImportMapping(comments=(CommentColumns(body="note"),))).check(["source_id", "title", "severity"])
