"""Converts plain text to HTML and back, for vendors that store notes and descriptions as HTML. Pure."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

_LINES = frozenset({"p", "div", "li", "tr", "ul", "ol", "table", "blockquote", "pre", "h1", "h2", "h3", "h4"})
_SILENT = frozenset({"script", "style", "head", "title"})


def as_html(text: str) -> str:
    """The text as HTML with its line breaks, escaped."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "<div>" + "<br>".join(_line(line) for line in lines) + "</div>"


def _line(line: str) -> str:
    """A line that keeps repeated blanks, which HTML would merge."""
    shown = escape(line, quote=False)
    shown = re.sub(r"(?<= ) |^ | $", "\u00a0", shown)
    return shown.replace("\t", "\u00a0\u00a0\u00a0\u00a0")


def as_text(html: str) -> str:
    """The text of the HTML, with line breaks where a reader sees them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = [""]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._lines.append("")
        elif tag in _LINES:
            self._break()
        self._silent += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        if tag in _LINES:
            self._break()
        self._silent = max(0, self._silent - (tag in _SILENT))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._lines[-1] += re.sub(r"[ \t\r\n]+", " ", data)

    def text(self) -> str:
        lines = [line.replace("\u00a0", " ").rstrip() for line in self._lines]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def _break(self) -> None:
        if self._lines[-1].strip():
            self._lines.append("")
