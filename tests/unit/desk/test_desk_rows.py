"""What the reader makes of files as they really come: odd encodings, odd forms, broken rows."""

from __future__ import annotations

import codecs
import csv
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.desk.json_values import flat
from hub.desk.layout import FileOptions, detect_layout, guess_encoding
from hub.desk.rows import BadRow, Row, Rows, column_names, open_rows
from hub.errors import BadInput

ACCENTS = "id,text\r\n1,L'été à Montréal : ça gèle déjà\r\n2,plain\r\n"


def read(folder: Path, data: bytes, name: str = "export.csv", options: FileOptions | None = None) -> list[Row | BadRow]:
    path = folder / name
    path.write_bytes(data)
    with open_rows(path, detect_layout(path, options)) as rows:
        return list(rows)


def values(rows: list[Row | BadRow]) -> list[tuple[str, ...]]:
    assert all(isinstance(row, Row) for row in rows), rows
    return [tuple(row.values.values()) for row in rows if isinstance(row, Row)]


def test_encodings_without_a_mark_are_told_by_their_bytes(tmp_path: Path) -> None:
    """UTF-8 and the three single-byte encodings of office desks are recognised from a short text."""
    for encoding in ("utf-8", "cp1252", "latin-1", "cp850", "mac_roman"):
        rows = read(tmp_path, ACCENTS.encode(encoding))
        assert values(rows)[0] == ("1", "L'été à Montréal : ça gèle déjà"), encoding


def test_a_byte_order_mark_decides_and_does_not_end_up_in_the_header(tmp_path: Path) -> None:
    """Every Unicode mark names the encoding, in both byte orders, even against the mapping's word."""
    marks = {
        codecs.BOM_UTF8: "utf-8",
        codecs.BOM_UTF16_LE: "utf-16-le",
        codecs.BOM_UTF16_BE: "utf-16-be",
        codecs.BOM_UTF32_LE: "utf-32-le",
        codecs.BOM_UTF32_BE: "utf-32-be",
    }
    for mark, encoding in marks.items():
        rows = read(tmp_path, mark + ACCENTS.encode(encoding), options=FileOptions(encoding="cp1252"))
        assert isinstance(rows[0], Row)
        assert rows[0].values == {"id": "1", "text": "L'été à Montréal : ça gèle déjà"}, encoding


def test_utf16_without_a_mark_is_told_by_its_zeros() -> None:
    """Half the bytes of Latin text in UTF-16 are zero, on the side that names the byte order."""
    assert guess_encoding("id;titre".encode("utf-16-le")) == "utf-16-le"
    assert guess_encoding("id;titre".encode("utf-16-be")) == "utf-16-be"


def test_other_scripts_are_left_to_statistics() -> None:
    """Text that is not French or English in any office encoding is guessed by charset-normalizer."""
    russian = "Тикет не открывается, ошибка сервера при входе в систему\n".encode("cp1251")
    assert guess_encoding(russian * 5) == "cp1251"


def test_accents_far_behind_an_ascii_head_are_seen(tmp_path: Path) -> None:
    """A megabyte of ASCII in front does not make a cp1252 file pass for UTF-8."""
    data = "id,text\n" + "1,plain\n" * 150_000 + "2,été\n" * 20_000
    assert read(tmp_path, data.encode("cp1252"))[-1].values["text"] == "été"  # type: ignore[union-attr]


def test_a_wrong_guess_late_in_the_file_spoils_only_its_rows(tmp_path: Path) -> None:
    """A stray byte becomes one bad row that names its line and the encoding; its bytes are kept."""
    path = tmp_path / "late.csv"
    path.write_bytes(b"id,text\n1,a\n" + "2,é\n".encode() + b"3,caf\xe9\n4,d\n")
    layout = detect_layout(path, FileOptions(encoding="utf-8"))
    with open_rows(path, layout) as opened:
        rows = list(opened)
    bad = [row for row in rows if isinstance(row, BadRow)]
    assert [(row.line, "utf-8" in row.reason) for row in bad] == [(4, True)]
    assert bad[0].raw.encode("utf-8", layout.errors) == b"3,caf\xe9\n"
    assert [row.line for row in rows if isinstance(row, Row)] == [2, 3, 5]


def test_bytes_that_an_encoding_leaves_undefined_are_bad_rows(tmp_path: Path) -> None:
    """0x81 is not a character of cp1252 and is never replaced silently."""
    rows = read(tmp_path, b"id,text\n1,\x81\n2,ok\n", options=FileOptions(encoding="cp1252"))
    assert [type(row) for row in rows] == [BadRow, Row]


def test_half_a_character_at_the_end_is_a_bad_row(tmp_path: Path) -> None:
    """A UTF-16 file cut in the middle of a character loses only that row, which is reported."""
    rows = read(tmp_path, "id,text\n1,a\n2,b".encode("utf-16")[:-1])
    assert [type(row) for row in rows] == [Row, BadRow]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    """All four delimiters are detected although texts contain the others."""
    lines = [("id", "text", "note"), ("1", "one; two, three", "a"), ("2", '"multi\nline, | text"', "b")]
    data = "\r\n".join(delimiter.join(line) for line in lines).replace("one; two, three", '"one; two, three | x"')
    assert [row[0] for row in values(read(tmp_path, data.encode()))] == ["1", "2"]


def test_a_spreadsheets_delimiter_hint_is_followed(tmp_path: Path) -> None:
    """`sep=;` above the header names the delimiter and is not a row."""
    assert values(read(tmp_path, b"sep=;\r\nid;a,b\r\n1;x,y\r\n")) == [("1", "x,y")]


def test_line_ends_of_all_systems_are_read(tmp_path: Path) -> None:
    """LF, CRLF and the CR of old Macintoshes end rows; inside quotes they stay as they are."""
    for end in ("\n", "\r\n", "\r"):
        rows = read(tmp_path, f'id,text{end}1,"a{end}b"{end}2,c{end}'.encode())
        assert values(rows) == [("1", f"a{end}b"), ("2", "c")], repr(end)
        assert [row.line for row in rows] == [2, 4]


def test_text_stays_exactly_as_it_was(tmp_path: Path) -> None:
    """Control characters, Unicode line separators, emoji and right-to-left text pass unchanged."""
    text = "bell\x07 vt\x0b ff\x0c nel\x85 ls\u2028 ps\u2029 \U0001f525 \u202eabc\u202c שלום e\u0301"
    assert values(read(tmp_path, f'id,text\n1,"{text}"\n'.encode())) == [("1", text)]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (b"2,b,c\n", "3 columns, but the header has 2"),
        (b"2\n", "1 columns, but the header has 2"),
        (b"2,b\0c\n", "NUL"),
        (b'2,"b" c\n', "closing quote"),
        (b"2," + b"x" * 1001 + b"\n", "text is longer than 1000"),
        (b"2," + b"x" * 200_000 + b"\n", "longer than 4000"),
    ],
)
def test_a_bad_row_is_reported_and_the_next_one_is_read(tmp_path: Path, row: bytes, word: str) -> None:
    """Each fault gives one bad row with its line and reason, between two good ones."""
    rows = read(tmp_path, b"id,text\n1,a\n" + row + b"3,c\n", options=FileOptions(field_limit=1000))
    assert [type(row) for row in rows] == [Row, BadRow, Row]
    bad = rows[1]
    assert isinstance(bad, BadRow)
    assert bad.line == 3
    assert word in bad.reason
    assert rows[2].line == 4


def test_a_quote_never_closed_does_not_swallow_the_file(tmp_path: Path) -> None:
    """Only the row with the lone quote is lost, whether or not quotes follow further down."""
    for later in ("3,c\n4,d\n", '3,"c"\n4,d\n', "3,c\n" * 30_000):
        rows = read(tmp_path, f'id,text\n1,a\n2,"b\n{later}'.encode(), options=FileOptions(field_limit=1000))
        bad = [(row.line, row.raw) for row in rows if isinstance(row, BadRow)]
        assert bad == [(3, '2,"b\n')]
        assert len(rows) == 2 + later.count("\n")


def test_a_stretch_spoilt_by_one_quote_is_one_bad_row(tmp_path: Path) -> None:
    """A multi-line field with a stray quote is kept whole, with its first and last line."""
    record = '2,"He said "no"\nand then\nleft"\n'
    rows = read(tmp_path, f"id,text\n1,a\n{record}3,c\n".encode())
    bad = rows[1]
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.last_line, bad.raw) == (3, 5, record)
    assert [row.line for row in rows] == [2, 3, 6]


def test_backslash_escapes_are_read_when_the_mapping_names_them(tmp_path: Path) -> None:
    """A desk that escapes quotes with a backslash is read by file.escape."""
    data = b'id,text\n1,"say \\"hi\\", please"\n'
    assert values(read(tmp_path, data, options=FileOptions(escape="\\"))) == [("1", 'say "hi", please')]
    assert isinstance(read(tmp_path, data, options=FileOptions(delimiter=","))[0], BadRow)


def test_empty_lines_and_rows_of_delimiters_are_no_rows(tmp_path: Path) -> None:
    """What a spreadsheet leaves at the end of a sheet is passed over."""
    assert values(read(tmp_path, b"\n\nid,text\n\n1,a\n   \n,\n\n")) == [("1", "a")]


def test_column_names_are_made_unique() -> None:
    """A repeated name gets a number, a blank one its position, and no two are ever the same."""
    assert column_names(["id", " Comment ", "Comment", "", "Comment (2)"]) == (
        "id",
        "Comment",
        "Comment (2)",
        "column 4",
        "Comment (2) (2)",
    )


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\r\n\r\n ", "empty"),
        (codecs.BOM_UTF8, "no text"),
        (codecs.BOM_UTF16_LE + b"\n\0", "no text"),
        (b"only one column\nvalue\n", "no delimiter"),
        (b"PK\x03\x04\x14\0\x06\0", "spreadsheet"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b'id,"text\n1,a\n', "header"),
        (b"id,te\0xt\n1,a\n", "header"),
        (b'{\n "id": 1\n}', "no list of objects"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path, data: bytes, word: str) -> None:
    """The error names the file or its part and the next step."""
    with pytest.raises(BadInput, match=word) as caught:
        read(tmp_path, data)
    assert caught.value.next_step


def test_a_missing_file_and_an_unknown_encoding_are_clear_errors(tmp_path: Path) -> None:
    """Neither shows a traceback's exception; codecs that are no text encodings are refused too."""
    with pytest.raises(BadInput, match=r"nowhere\.csv"):
        detect_layout(tmp_path / "nowhere.csv")
    for encoding in ("klingon", "rot13", "zlib"):
        with pytest.raises(BadInput, match=encoding):
            read(tmp_path, b"id,text\n1,a\n", options=FileOptions(encoding=encoding))


def test_json_lines_are_read_with_inner_names(tmp_path: Path) -> None:
    """A mark, blank lines and CRLF do no harm; numbers keep their digits; inner names are dotted."""
    data = codecs.BOM_UTF8 + b'\r\n{"id": 12345678901234567890123, "v": 1.10, "who": {"name": "A"},'
    data += b' "tags": ["x", 2, null], "open": true, "none": null, "log": [{"t": "a"}, {"t": "b"}]}\r\n\r\n'
    rows = read(tmp_path, data, "export.jsonl")
    assert [row.values for row in rows if isinstance(row, Row)] == [
        {
            "id": "12345678901234567890123",
            "v": "1.10",
            "who.name": "A",
            "tags": "x, 2",
            "open": "true",
            "none": "",
            "log.0.t": "a",
            "log.1.t": "b",
        }
    ]
    assert rows[0].line == 2


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b"nope", "not JSON"),
        (b'{"id": 1', "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"id": NaN}', "NaN"),
        (b'{"id": -Infinity}', "Infinity"),
        (b'{"id": 1, "id": 2}', "twice"),
        (b'{"a": {"b": 1}, "a.b": 2}', "two values for a.b"),
        (b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}", "deeper"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "deeper"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a": "\\ud800"}', "not utf-8 text"),
        (b'{"a": "\xff"}', "not utf-8 text"),
        (b'{"a": "' + b"x" * 200_001 + b'"}', "a is longer than"),
        (b'{"a": "' + b"x" * 1_000_000 + b'"}', "longer than 800000"),
    ],
)
def test_a_bad_json_line_is_told_and_the_next_one_is_read(tmp_path: Path, line: bytes, word: str) -> None:
    """Each fault gives one bad row with its line and reason."""
    options = FileOptions(encoding="utf-8", field_limit=200_000)
    rows = read(tmp_path, b'{"id": 1}\n' + line + b'\n{"id": 3}\n', "export.jsonl", options)
    assert [type(row) for row in rows] == [Row, BadRow, Row]
    bad = rows[1]
    assert isinstance(bad, BadRow)
    assert bad.line == 2
    assert word in bad.reason


def test_unicode_line_separators_do_not_split_json_lines(tmp_path: Path) -> None:
    """U+2028, NEL and a raw form feed between tokens are not line ends."""
    rows = read(tmp_path, '{"id": "a\u2028b\x85c"}\n'.encode(), "export.jsonl")
    assert values(rows) == [("a\u2028b\x85c",)]


def test_a_bad_rows_text_is_kept_out_of_its_repr() -> None:
    """What a customer wrote does not reach a log through a repr."""
    assert "hunter2" not in repr(BadRow(line=1, reason="bad", raw="hunter2"))


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(
    rows=st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_csv_writer_wrote_is_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    quoting: int,
    encoding: str,
) -> None:
    """Any quoted text comes back as it was, line by line, and the raw texts make up the file."""
    path = tmp_path_factory.mktemp("csv") / "round.csv"
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["a", "b", "c"])
    writer.writerows(rows)
    path.write_bytes(written.getvalue().encode(encoding))
    options = FileOptions(delimiter=delimiter, encoding=encoding)
    with open_rows(path, detect_layout(path, options)) as opened:
        found = list(opened)
        assert values(found) == [row for row in rows if any(row)]
        if all(any(row) for row in rows):
            assert opened.header + "".join(row.raw for row in found) == written.getvalue()


@given(data=st.binary(max_size=400).map(lambda tail: b"a,b\n1,2\n" + tail))
def test_no_bytes_can_crash_the_reader_or_vanish(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Every character but blanks, commas and quotes is in a good or a bad row, whatever the file contains."""
    path = tmp_path_factory.mktemp("csv") / "fuzz.csv"
    path.write_bytes(data)
    layout = detect_layout(path, FileOptions(delimiter=",", encoding="utf-8", format="csv"))
    with open_rows(path, layout) as opened:
        kept = opened.header + "".join(row.raw for row in opened)
    assert _visible(kept) == _visible(data.decode("utf-8", layout.errors))


def _visible(text: str) -> str:
    return "".join(letter for letter in text if not letter.isspace() and letter not in ',"')


def test_progress_ends_at_the_files_size(tmp_path: Path) -> None:
    """The callback hears growing counts of bytes; the last one is the whole file."""
    path = tmp_path / "big.csv"
    path.write_bytes(b"\xef\xbb\xbfid,text\n" + b"1,some text of the row\n" * 20_000)
    told: list[tuple[int, int]] = []
    with open_rows(path, detect_layout(path), lambda done, total: told.append((done, total))) as rows:
        count = sum(1 for _ in rows)
    size = path.stat().st_size
    assert count == 20_000
    assert told[-1] == (size, size)
    assert told == sorted(told)
    assert len(told) > 5


def test_one_endless_line_stays_in_bounded_memory(tmp_path: Path) -> None:
    """A 40 MB line is one bad row, read in less than a quarter of its size."""
    path = tmp_path / "endless.jsonl"
    with path.open("wb") as stream:
        stream.write(b'{"id": 1}\n{"id": "')
        for _ in range(640):
            stream.write(b"x" * 65_536)
        stream.write(b'"}\n{"id": 3}\n')
    tracemalloc.start()
    with open_rows(path, detect_layout(path)) as rows:
        found = [(type(row), row.line) for row in rows]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [(Row, 1), (BadRow, 2), (Row, 3)]
    assert peak < 24 * 1024 * 1024


def test_flat_keeps_an_empty_object_apart_from_an_array() -> None:
    """An empty object is a row without values; an empty array is refused."""
    assert flat("{}") == {}
    with pytest.raises(ValueError, match="not a JSON object"):
        flat("[]")


def test_rows_names_the_columns_before_the_first_row(tmp_path: Path) -> None:
    """The columns and the header's own text are known once the file is open."""
    path = tmp_path / "export.csv"
    path.write_bytes(b'"id","the\r\ntext"\r\n1,a\r\n')
    with open_rows(path, detect_layout(path)) as rows:
        assert isinstance(rows, Rows)
        assert rows.columns == ("id", "the\r\ntext")
        assert rows.header == '"id","the\r\ntext"\r\n'
