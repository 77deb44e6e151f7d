"""Texts of comments and work notes, which ServiceNow shows as HTML between `[code]` and `[/code]`. Pure."""

from __future__ import annotations

import re

from hub.markup.html import html_to_text

_BEGIN = re.compile(r"\[code\]", re.IGNORECASE)
_END = re.compile(r"\[/code\]", re.IGNORECASE)
_TAG = re.compile(r"\[(/?code\])", re.IGNORECASE)
_SHIELDED = re.compile(r"\[\u200b(/?code\])", re.IGNORECASE)


def read_journal(value: str, base: str) -> str:
    """The text of an entry, with its HTML read as text; `base` is the instance's address."""
    *closed, rest = _END.split(value)
    return _SHIELDED.sub(r"[\1", "".join(_read_html(piece, base) for piece in closed) + rest)


def shield(text: str) -> str:
    """A text of ours that is not shown as HTML: a zero-width space splits its tags, and `read_journal` removes it."""
    return _TAG.sub("[\u200b\\1", text)


def _read_html(piece: str, base: str) -> str:
    """A piece of an entry whose end is the end of HTML."""
    before, *html = _BEGIN.split(piece, maxsplit=1)
    if not html:
        return f"{piece}[/code]"
    text = html_to_text(html[0], base)
    if "\n" not in text:
        return before + text
    return f"{before.rstrip()}\n{text}\n".lstrip("\n")
