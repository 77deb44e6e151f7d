"""Converts plain text to HTML, for vendors that store notes and descriptions as HTML. Pure.

`hub.markup.html.html_to_text` reads it back: the same lines, with four blanks for a tab.
"""

from __future__ import annotations

import re
from html import escape


def as_html(text: str) -> str:
    """The text as HTML with its line breaks, escaped."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "<div>" + "<br>".join(_line(line) for line in lines) + "</div>"


def _line(line: str) -> str:
    """A line that keeps repeated blanks, which HTML would merge."""
    shown = escape(line, quote=False)
    shown = re.sub(r"(?<= ) |^ | $", "\u00a0", shown)
    return shown.replace("\t", "\u00a0\u00a0\u00a0\u00a0")
