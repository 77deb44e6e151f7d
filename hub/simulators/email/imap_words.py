"""Parses IMAP commands (RFC 3501, section 9): atoms, strings, literals and lists."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias

Word: TypeAlias = "bytes | Atom | list[Word]"
"""A string is bytes, an unquoted word is an Atom, and words in parentheses are a list."""

_LITERAL = re.compile(rb"\{(\d{1,12})(\+?)\}\r?\n$")
MOST_LINE = 64 * 1024
MOST_DEPTH = 32


class Atom(bytes):
    """A word without quotes."""

    @property
    def name(self) -> str:
        """In upper case, as keywords are compared."""
        return self.decode("latin-1").upper()


class Malformed(ValueError):
    """The command does not follow the grammar; answered with BAD."""


class TooBig(ValueError):
    """A literal is larger than the host accepts; answered with NO."""


async def read_command(
    reader: asyncio.StreamReader, proceed: Callable[[], Awaitable[None]], most: int, *, plus: bool
) -> tuple[bytes, list[bytes]]:
    """One command: its text, with \\0n\\0 in place of the nth literal, and the literals.

    `proceed` asks for a literal that waits to be asked for. Raises EOFError at the end, Malformed for a line that is
    too long, TooBig for a literal over `most`.
    """
    text, literals = b"", list[bytes]()
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            raise EOFError from None
        except asyncio.LimitOverrunError:
            raise Malformed("line too long") from None
        match = _LITERAL.search(line)
        if match is None:
            return text + line.rstrip(b"\r\n").replace(b"\0", b""), literals
        size, at_once = int(match[1]), bool(match[2])
        if at_once and not plus:
            raise Malformed("LITERAL+ is not supported")
        if size > most:
            raise TooBig
        if not at_once:
            await proceed()
        try:
            literals.append(await reader.readexactly(size))
        except asyncio.IncompleteReadError:
            raise EOFError from None
        text += line[: match.start()].replace(b"\0", b"") + b"\0%d\0" % (len(literals) - 1)


class _WordReader:
    def __init__(self, text: bytes, literals: list[bytes]) -> None:
        self.text, self.literals, self.at = text, literals, 0

    def words(self, depth: int = 0) -> list[Word]:
        if depth > MOST_DEPTH:
            raise Malformed("nested too deep")
        words: list[Word] = []
        while self.at < len(self.text):
            character = self.text[self.at : self.at + 1]
            if character == b" ":
                self.at += 1
            elif character == b")":
                if not depth:
                    raise Malformed("unexpected )")
                self.at += 1
                return words
            elif character == b"(":
                self.at += 1
                words.append(self.words(depth + 1))
            elif character == b'"':
                words.append(self._quoted())
            elif character == b"\0":
                end = self.text.index(b"\0", self.at + 1)
                words.append(self.literals[int(self.text[self.at + 1 : end])])
                self.at = end + 1
            else:
                words.append(self._atom())
        if depth:
            raise Malformed("missing )")
        return words

    def _quoted(self) -> bytes:
        out, at = bytearray(), self.at + 1
        while at < len(self.text):
            character = self.text[at]
            if character == 0x22:
                self.at = at + 1
                return bytes(out)
            if character == 0x5C:
                at += 1
                character = self.text[at] if at < len(self.text) else 0
                if character not in b'"\\':
                    raise Malformed("bad escape in a quoted string")
            out.append(character)
            at += 1
        raise Malformed("a quoted string does not end")

    def _atom(self) -> Atom:
        began = self.at
        while self.at < len(self.text):
            character = self.text[self.at : self.at + 1]
            if character == b"[" and self.at > began:  # BODY[HEADER.FIELDS (SUBJECT)] is one word
                end = self.text.find(b"]", self.at)
                if end < 0:
                    raise Malformed("missing ]")
                self.at = end + 1
            elif character in b' ()"\0':
                break
            else:
                self.at += 1
        return Atom(self.text[began : self.at])


def words(text: bytes, literals: list[bytes]) -> list[Word]:
    """The words of a command; raises Malformed."""
    return _WordReader(text, literals).words()


def name(word: Word) -> str:
    """A keyword in upper case; Malformed for anything else."""
    if isinstance(word, Atom):
        return word.name
    raise Malformed("a keyword was expected")


def string(word: Word) -> str:
    """A string, or an atom in its place, as text; Malformed for a list."""
    if isinstance(word, list):
        raise Malformed("a string was expected")
    return word.decode("utf-8", "replace")


def numbers(text: str, largest: int) -> list[tuple[int, int]]:
    """The ranges of a set such as 1:3,7,9:*; * is `largest`, and a range may be written backwards."""
    ranges = []
    for part in text.split(","):
        low, colon, high = part.partition(":")
        ends = [_number(low, largest), _number(high if colon else low, largest)]
        ranges.append((min(ends), max(ends)))
    return ranges


def _number(text: str, largest: int) -> int:
    if text == "*":
        return largest
    if text.isascii() and text.isdigit() and text.strip("0"):
        return int(text)
    raise Malformed(f"{text[:20]!r} is no number of a mail")


def quoted(text: str) -> bytes:
    """A string as the host writes it: quoted, or as a literal where it can't be."""
    raw = text.encode()
    if any(byte < 0x20 or byte > 0x7E for byte in raw):
        return b"{%d}\r\n" % len(raw) + raw
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
