"""Extracts a text's own words: without markup, quotes and footer, normalized for comparison. Pure."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from itertools import pairwise

MAX_LENGTH = 8_000
"""The most characters of a text to examine; automatic messages identify themselves early."""

_LEFT_OUT = re.compile(r"(?is)<(style|script|head|blockquote)\b.*?</\1>|<!--.*?-->")
_BREAK = re.compile(r"(?i)<(?:br|hr|/p|/div|/li|/tr|/h\d|/td|/pre|/table)\b[^<>]*>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_QUOTED = re.compile(r"(?m)^\s*[>|].*$")
_BLANKS = re.compile(r"[^\S\n]+")
_TOKEN = re.compile(r"[a-z]+|'s\b|[#a-z-]*\d{4,}[a-z0-9]*|\d+(?:\.\d+)*|[?!:`>/%\[*@\n]")


def plain(text: str) -> str:
    """The text without markup, with line breaks where blocks end; quoted blocks are left out."""
    text = text[:MAX_LENGTH]
    if _TAG.search(text):
        text = _TAG.sub("", _BREAK.sub("\n", _LEFT_OUT.sub(" ", text)))
    return unescape(text)


def fold(text: str) -> str:
    """The text normalized for phrases: no accents or capitals, straight quotes, single blanks in a line."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'").replace("\r", "\n"))
    kept = "".join(
        letter for letter in bare if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf"
    )
    return _BLANKS.sub(" ", kept.casefold().replace("œ", "oe")).replace("\n ", "\n")


def own(folded: str, quote: re.Pattern[str], tail: re.Pattern[str]) -> tuple[str, str]:
    """A folded text's own part, and its footer: closing formula, signature and what follows."""
    if cut := quote.search(folded):
        folded = folded[: cut.start()]
    text = _QUOTED.sub("", folded).strip()
    cut = tail.search(text)
    if cut and text[: cut.start()].strip():
        return text[: cut.start()], text[cut.start() :]
    return text, ""


def features(folded: str) -> frozenset[str]:
    """The words of a folded text and their pairs; numbers only by kind, `^` for the start of a line."""
    words = ["^"]
    for piece in _TOKEN.findall(folded):
        if piece == "\n":
            word = "^"
        elif not any(character.isdigit() for character in piece):
            word = piece
        else:
            word = "0.0" if "." in piece else "0" if len(piece) < 4 else "0000"
        if not word == words[-1] == "^":
            words.append(word)
    return frozenset(words) | {f"{first} {second}" for first, second in pairwise(words)}
