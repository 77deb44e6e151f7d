"""Detects the layout of a help desk's export: encoding, format, line ends and delimiter."""

from __future__ import annotations

import codecs
import csv
import json
import stat
from pathlib import Path
from typing import Literal

import charset_normalizer
import msgspec

from hub.errors import BadInput

Format = Literal["csv", "jsonl", "json"]
HEAD = 256 * 1024
WINDOW = 64 * 1024
DELIMITERS = (",", ";", "\t", "|")
SINGLE_BYTE = ["cp1252", "cp850", "mac_roman"]  # what desks in North America and France really use
WIDE = ["utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le", "utf_7"]
FAMILIAR = frozenset("àâäçéèêëîïôöùûüœÀÂÇÉÈÊÎÔŒ«»‘’“”–—…°€©®\xa0")
BOMS = (  # longest first: the mark of UTF-32 starts with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NOT_TEXT = (
    (b"PK\x03\x04", "a spreadsheet or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    (b"\x1f\x8b", "a gzip archive"),
)


class FileOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping's options about the file itself; empty ones are detected."""

    encoding: str = ""
    format: Literal["", "csv", "jsonl", "json"] = ""
    list: str = ""
    """The list of tickets in a JSON document, such as data.tickets; by default its first list of objects."""
    delimiter: str = ""
    escape: str = ""
    """A character that makes the next one literal, for desks that write \\" instead of ""."""
    field_limit: int = 1024 * 1024
    """The most characters in a field; a row with a longer one is rejected."""


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """How to read one file, and how to write rows in the same format."""

    encoding: str
    bom: bytes
    format: Format
    newline: str
    delimiter: str = ","
    escape: str = ""
    field_limit: int = 1024 * 1024
    list: str = ""
    """The path of a JSON document's list; empty for its first list of objects."""

    @property
    def errors(self) -> str:
        """The codec error handler that keeps undecodable bytes as lone surrogates."""
        return "surrogatepass" if self.encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"

    @property
    def record_limit(self) -> int:
        """The most characters in a record, including line breaks."""
        return 4 * self.field_limit


def detect_layout(path: Path, options: FileOptions | None = None, id_column: str = "source_id") -> Layout:
    """The layout of the file at `path`, detected from at most 384 KiB of it.

    `options` take precedence, except that a byte order mark overrides the encoding. A single JSON object that has
    `id_column` is a ticket; another one is a document with a list of tickets.
    Raises BadInput when the file is missing or empty, or when its layout can't be detected.
    """
    options = options or FileOptions()
    head, windows = _samples(path)
    if not head.strip():
        raise BadInput(f"{path.name} is empty", next_step="export it again and check the file's size")
    for mark, kind in NOT_TEXT:
        if head.startswith(mark):
            raise BadInput(f"{path.name} is {kind}, not text", next_step="save it as CSV in UTF-8")
    bom, encoding = next(((mark, name) for mark, name in BOMS if head.startswith(mark)), (b"", ""))
    if not encoding:
        encoding = _codec_name(options.encoding) if options.encoding else guess_encoding(head, *windows)
    text = head[len(bom) :].decode(encoding, errors="replace")
    if not text.strip("\ufffd \t\r\n"):
        raise BadInput(f"{path.name} contains no text", next_step="export the tickets again")
    newline = "\r" if "\r" in text and "\n" not in text else "\n"
    layout = Layout(
        encoding=encoding,
        bom=bom,
        format=options.format or ("json" if options.list else _format(path, text, id_column)),
        newline=newline,
        escape=options.escape,
        field_limit=options.field_limit,
        list=options.list,
    )
    if layout.format != "csv":
        return layout
    delimiter = options.delimiter or _delimiter(path, text, cut=len(head) >= HEAD, escape=options.escape)
    return msgspec.structs.replace(layout, delimiter=delimiter)


def guess_encoding(head: bytes, *windows: bytes) -> str:
    """The encoding of bytes without a byte order mark; `windows` are samples from later in the file."""
    if zeros := head.count(0):
        odd = head[1::2].count(0)
        if max(odd, zeros - odd) > len(head) * 0.3:  # Latin text in UTF-16 is nearly half NUL
            return "utf-16-le" if odd > zeros - odd else "utf-16-be"
    samples = (head, *windows)
    if all(_is_utf8(sample) for sample in samples):
        return "utf-8"
    # Only non-ASCII characters distinguish encodings; the rest would outweigh them.
    lines = [line for sample in samples for line in sample.splitlines() if not line.isascii()]
    distinctive = b"\n".join(lines)[:WINDOW]
    shares = {encoding: _plausible(distinctive, encoding) for encoding in SINGLE_BYTE}
    likely = max(shares, key=shares.__getitem__)
    if shares[likely] > 0.8:
        return likely
    best = charset_normalizer.from_bytes(distinctive, cp_exclusion=WIDE).best()
    return best.encoding if best else "cp1252"


def _plausible(sample: bytes, encoding: str) -> float:
    """The share of non-ASCII characters that French and English texts really use, decoded as `encoding`."""
    non_ascii = [character for character in sample.decode(encoding, errors="replace") if character > "\x7f"]
    return sum(character in FAMILIAR for character in non_ascii) / max(len(non_ascii), 1)


def _samples(path: Path) -> tuple[bytes, list[bytes]]:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # reading a pipe could wait for ever
            raise BadInput(f"{path} is not a regular file", next_step="save the export to a file and import that")
        size = found.st_size
        with path.open("rb") as stream:
            head = stream.read(HEAD)
            windows = []
            for start in (size // 2, size - WINDOW):
                if start > HEAD:
                    stream.seek(start)
                    windows.append(stream.read(WINDOW).partition(b"\n")[2])
    except OSError as error:
        raise BadInput(
            f"{path} can't be read: {error.strerror}", next_step="check the path and its permissions"
        ) from error
    return head, windows


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)  # a character cut by the sample's end is fine
    except UnicodeDecodeError:
        return False
    return True


def _codec_name(encoding: str) -> str:
    try:
        b"a".decode(encoding, errors="replace")  # rejects codecs that do not produce text
        name = codecs.lookup(encoding).name
    except (LookupError, UnicodeError) as error:
        raise BadInput(
            f"unknown encoding {encoding!r}", next_step="set file.encoding to one such as utf-8 or cp1252"
        ) from error
    unmarked = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
    return unmarked.get(name, name)


def _format(path: Path, text: str, id_column: str) -> Format:
    first, _, rest = text.lstrip().partition("\n")
    if first.startswith("["):
        return "json"
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return "jsonl"
    if first.startswith("{"):
        return "json" if _is_document(first, rest, id_column) else "jsonl"
    return "jsonl" if path.suffix.lower() == ".json" else "csv"


def _is_document(first: str, rest: str, id_column: str) -> bool:
    """Whether text that begins with an object is one document, rather than an object on each line."""
    if rest.lstrip().startswith("{"):
        return False
    try:
        found = json.loads(first)
    except (ValueError, RecursionError):
        return not first.rstrip().endswith("}")  # a line that is whole but wrong is left to the reader of lines
    lists = [value for value in found.values() if isinstance(value, list) and value]
    return id_column not in found and any(isinstance(items[0], dict) for items in lists)


def _delimiter(path: Path, text: str, *, cut: bool, escape: str) -> str:
    if text.lower().startswith("sep=") and text[4:5] in DELIMITERS:  # a hint written by spreadsheets
        return text[4]
    best, most = "", (0.0, 1)
    for candidate in DELIMITERS:
        widths = _widths(text, candidate, cut=cut, escape=escape)
        if widths and widths[0] > 1:
            score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if score > most:
                best, most = candidate, score
    if not best:
        raise BadInput(
            f"no delimiter found in {path.name}: tried comma, semicolon, tab and vertical bar",
            next_step="set file.delimiter in the mapping, or check that this is a CSV file",
        )
    return best


def _widths(text: str, delimiter: str, *, cut: bool, escape: str) -> list[int]:
    """The number of columns in each of the first records, if split at `delimiter`."""
    widths: list[int] = []
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, escapechar=escape or None)
    try:
        for values in reader:
            if any(values):
                widths.append(len(values))
            if len(widths) == 40:
                return widths
    except csv.Error:
        pass
    return widths[:-1] if cut and len(widths) > 1 else widths
