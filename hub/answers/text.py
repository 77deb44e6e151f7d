"""What a text says itself: without markup, what it quotes and its footer; as plain words to compare with. Pure."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from itertools import pairwise

MOST = 8_000
"""Characters of a text that are looked at; what a machine says of itself stands at the beginning or the end."""

_LEFT_OUT = re.compile(r"(?is)<(style|script|head|blockquote)\b.*?</\1>|<!--.*?-->")
_BREAK = re.compile(r"(?i)<(?:br|hr|/p|/div|/li|/tr|/h\d|/td|/pre|/table)\b[^<>]*>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_QUOTED = re.compile(r"(?m)^\s*[>|].*$")
_BLANKS = re.compile(r"[^\S\n]+")
_TOKEN = re.compile(r"[a-z]+|'s\b|[#a-z-]*\d{4,}[a-z0-9]*|\d+(?:\.\d+)*|[?!:`>/%\[*@\n]")


def plain(text: str) -> str:
    """The text without markup, a line break where a block ends; what was quoted as a block is left out."""
    text = text[:MOST]
    if _TAG.search(text):
        text = _TAG.sub("", _BREAK.sub("\n", _LEFT_OUT.sub(" ", text)))
    return unescape(text)


def fold(text: str) -> str:
    """The text as phrases compare with it: without accents and capitals, straight quotes, single blanks in a line."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'").replace("\r", "\n"))
    kept = "".join(one for one in bare if not unicodedata.combining(one) and unicodedata.category(one) != "Cf")
    return _BLANKS.sub(" ", kept.casefold().replace("œ", "oe")).replace("\n ", "\n")


def own(folded: str, quote: re.Pattern[str], tail: re.Pattern[str]) -> tuple[str, str]:
    """What a folded text says itself, and its footer: signature, closing formula and what stands below."""
    if cut := quote.search(folded):
        folded = folded[: cut.start()]
    text = _QUOTED.sub("", folded).strip()
    cut = tail.search(text)
    if cut and text[: cut.start()].strip():
        return text[: cut.start()], text[cut.start() :]
    return text, ""


def features(folded: str) -> frozenset[str]:
    """The words of a folded text and their pairs; numbers only by kind, `^` for the beginning of a line."""
    words = ["^"]
    for found in _TOKEN.findall(folded):
        if found == "\n":
            word = "^"
        elif not any(character.isdigit() for character in found):
            word = found
        else:
            word = "0.0" if "." in found else "0" if len(found) < 4 else "0000"
        if not word == words[-1] == "^":
            words.append(word)
    return frozenset(words) | {f"{one} {other}" for one, other in pairwise(words)}
