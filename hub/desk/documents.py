"""Streams the rows of a JSON document as APIs give them: a list, or an object with a list in it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from hub.desk.json_values import DECODER, flattened, json_fault
from hub.desk.layout import Layout
from hub.desk.line_reader import CHUNK, Progress
from hub.errors import BadInput

_BLANKS = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{}]', re.DOTALL)
_SCALAR_END = re.compile(r"[,\]}]")


class Element(NamedTuple):
    """One row of the list: its text on one line, and its values or the reason why it has none."""

    raw: str
    values: dict[str, str]
    reason: str = ""


class _Damaged(ValueError):
    """The document can't be read further."""


class Document:
    """The rows of one document, in memory bounded by its largest row."""

    def __init__(self, stream: BinaryIO, layout: Layout, total: int, progress: Progress | None = None) -> None:
        self.unread: list[str] = []
        """The names of lists of objects beside the one that was read."""
        self._text = _Text(stream, layout, total, progress)
        self._path = [name for name in layout.list.split(".") if name]
        self._found = False

    def __iter__(self) -> Iterator[Element]:
        text = self._text
        try:
            if text.peek() == "[":
                self._found = True
                yield from self._elements()
            elif text.peek() == "{":
                yield from self._object(self._path)
            else:
                raise _Damaged("neither a list nor an object")
        except _Damaged as error:
            self._found = True
            yield Element(text.rest(), {}, f"the rest of the document can't be read: {error}")
        if not self._found:
            name = ".".join(self._path)
            raise BadInput(
                f"the document has no list {name!r}" if name else "the document has no list of objects",
                next_step="name the list in file.list, such as data.tickets",
            )

    def _object(self, path: list[str]) -> Iterator[Element]:
        """The rows of the list at `path` in the object that begins here; without a path, of its first list."""
        text = self._text
        text.take("{")
        while text.peek() != "}":
            name = text.value()
            text.take(":")
            if path and name == path[0] and len(path) > 1 and text.peek() == "{":
                yield from self._object(path[1:])
            elif text.peek() == "[" and (name == path[0] if len(path) == 1 else not path and text.is_list_of_objects()):
                if self._found:
                    self.unread.append(str(name))
                    for _ in self._elements():
                        pass
                else:
                    self._found = True
                    yield from self._elements()
            else:
                text.value()
            if text.peek() == ",":
                text.take(",")
            elif text.peek() != "}":
                raise _Damaged("a comma is missing")
        text.take("}")

    def _elements(self) -> Iterator[Element]:
        text = self._text
        text.take("[")
        while text.peek() != "]":
            yield text.element()
            if text.peek() == ",":
                text.take(",")
            elif text.peek() != "]":
                raise _Damaged("a comma is missing")
        text.take("]")


class _Text:
    """The decoded text that is not yet consumed, and a position in it."""

    def __init__(self, stream: BinaryIO, layout: Layout, total: int, progress: Progress | None) -> None:
        self._stream, self._total, self._progress = stream, total, progress
        self._decoder = codecs.getincrementaldecoder(layout.encoding)(layout.errors)
        self._limit = layout.record_limit
        self._done, self._mark = 0, len(layout.bom)
        self._text, self._position = "", 0

    def _more(self) -> bool:
        """Read on, ever larger parts while one value lasts; False at the end of the file."""
        if not self._done:
            self._done = len(self._stream.read(self._mark))
        rest = self._text[self._position :]
        chunk = self._stream.read(max(CHUNK, len(rest)))
        self._done += len(chunk)
        self._text, self._position = rest + self._decoder.decode(chunk), 0
        if chunk and self._progress:
            self._progress(self._done, self._total)
        return bool(chunk)

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            self._position = _BLANKS.match(self._text, self._position).end()  # type: ignore[union-attr]
            if self._position < len(self._text):
                return self._text[self._position]
            if not self._more():
                return ""

    def take(self, character: str) -> None:
        """Consume one character, which must be the next."""
        found = self.peek()
        if found != character:
            raise _Damaged(f"{character!r} expected, not {found!r}" if found else "it ends too early")
        self._position += 1

    def is_list_of_objects(self) -> bool:
        """Whether an object follows the bracket that is next."""
        while not (after := self._text[self._position + 1 :].lstrip()) and self._more():
            pass
        return after.startswith("{")

    def value(self) -> object:
        """Consume one value."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._position)
            except (ValueError, RecursionError) as error:
                if end := self._end():
                    self._position = end
                    return None
                if len(self._text) - self._position > self._limit or not self._more():
                    raise _Damaged(json_fault(error)) from None
                continue
            if end == len(self._text) and not isinstance(value, dict | list) and self._more():
                continue  # a number may go on
            self._position = end
            return value

    def element(self) -> Element:
        """Consume one row."""
        self.peek()
        while True:
            start = self._position
            reason, values, end = "", {}, 0
            try:
                value, end = DECODER.raw_decode(self._text, start)
                values = flattened(value)
            except (ValueError, RecursionError) as error:
                reason = json_fault(error)
                end = end or self._end()
            if end and (end < len(self._text) or self._text[start] == "{"):
                self._position = end
                return Element(" ".join(self._text[start:end].splitlines()), values, reason)
            if len(self._text) - start > self._limit or not self._more():
                raise _Damaged(reason or "it ends too early")

    def rest(self) -> str:
        """The text after the last row, on one line, as far as it is at hand."""
        return " ".join(self._text[self._position :][: self._limit].splitlines())

    def _end(self) -> int:
        """Where the value that begins here ends by its brackets; 0 when its end is not yet read."""
        if self._text[self._position : self._position + 1] not in {"{", "["}:
            found = _SCALAR_END.search(self._text, self._position)
            return found.start() if found and found.start() > self._position else 0
        depth = 0
        for token in _TOKEN.finditer(self._text, self._position):
            mark = token[0]
            if mark in "[{":
                depth += 1
            elif mark in "]}":
                depth -= 1
                if not depth:
                    return token.end()
            elif mark == '"':
                return 0  # a text whose end is not yet read
        return 0
