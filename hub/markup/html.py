"""HTML as plain text: links with their addresses, lists, tables, quotes and code as a reader sees them. Pure.

Parsed as a stream of events by lxml, in time proportional to the text whatever it holds: no tree is built.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin

from lxml import etree

from hub.markup.characters import storable_text

LONGEST = 1_000_000
"""Characters of HTML that are read; what is longer is cut, and the text says so."""

CUT = "[shortened: the whole text is at its source]"

_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "hr", "dl", "figure", "fieldset"})
_LINES = frozenset(
    {
        *{"address", "article", "aside", "body", "caption", "center", "dd", "details", "dialog", "div", "dt", "footer"},
        *{"figcaption", "form", "header", "hgroup", "legend", "li", "main", "menu", "nav", "option", "optgroup"},
        *{"section", "summary", "tbody", "textarea", "tfoot", "thead", "title", "tr"},
    }
)
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_CODE = frozenset({"pre", "textarea", "listing", "xmp"})
_SILENT = frozenset({"head", "script", "style", "template"})
_STRUCK = frozenset({"del", "s", "strike"})
_EMBEDS = frozenset({"audio", "embed", "iframe", "source", "video"})
_SCHEMES = ("http://", "https://", "mailto:", "tel:", "ftp://", "ftps://", "sftp://")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_TIGHT = re.compile(r"margin(?:-top|-bottom)?\s*:\s*0", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MOST_NESTED = 12
"""Levels of quotes and lists that are shown; deeper ones look like this one."""


def html_to_text(html: str, base: str = "") -> str:
    """What the HTML says, without loss: one line for each line that a reader sees, blank lines between paragraphs.

    Links carry their address in angle brackets, relative ones resolved against `base`; pictures are named in square
    brackets; struck text stands between `~~`; quoted lines begin with `> `. Never raises.
    """
    kept = storable_text(html)
    reader = _Reader(base)
    parser = etree.HTMLParser(target=reader, remove_comments=True, remove_pis=True)
    parser.feed(kept[:LONGEST])
    parser.close()
    text = reader.text()
    return f"{text}\n\n{CUT}" if len(kept) > LONGEST else text


class _Reader:
    """Builds the text line by line; the parser calls start, end, data and close, and closes whatever it opened."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._lines: list[str] = []
        self._line: list[str] = []
        self._blank = False  # a blank line comes before the next text
        self._space = False  # a space comes before the next text
        self._marker = ""  # of a list's item, before its first line
        self._silent = 0
        self._hidden = 0  # open elements inside, and with, one that is not displayed
        self._code = 0
        self._quotes = 0
        self._lists: list[int | None] = []  # the next number of each open list; None: bullets
        self._links: list[tuple[str, int, int]] = []  # address, line and part where its text begins
        self._cells: list[int] = []  # cells of each open row

    # --- what the parser calls ---

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._hidden or _is_hidden(attributes):
            self._hidden += 1
            return
        self._silent += tag in _SILENT
        if tag == "br":
            self._break(always=True)
        elif tag == "img":
            self._image(attributes)
        elif tag == "hr":
            self._paragraph()
            self._write("---")
            self._paragraph()
        elif tag in _EMBEDS and (address := self._address(attributes.get("src", ""))):
            self._write(f"<{address}>")
        elif tag == "a":
            self._links.append((self._address(attributes.get("href", "")), len(self._lines), len(self._line)))
        elif tag in _STRUCK:
            self._write("~~")
        elif tag == "q":
            self._write('"')
        elif tag == "input" and attributes.get("type", "").lower() == "checkbox":
            self._write("[x] " if "checked" in attributes else "[ ] ")
        else:
            self._open_block(tag, attributes)

    def end(self, tag: str) -> None:
        if self._hidden:
            self._hidden -= 1
            return
        self._silent -= tag in _SILENT
        if tag == "a":
            self._close_link(*self._links.pop())
        elif tag in _STRUCK:
            self._write("~~", joined=True)
        elif tag == "q":
            self._write('"', joined=True)
        else:
            self._close_block(tag)

    def data(self, text: str) -> None:
        if self._silent or self._hidden:
            return
        if self._code:
            lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            for number, line in enumerate(lines):
                if number:
                    self._break(always=True)
                if line:
                    self._put(line)
            return
        spaced = _SPACES.sub(" ", text)
        words = spaced.strip(" ")
        self._space = self._space or spaced.startswith(" ")
        if words:
            self._put(words)
            self._space = spaced.endswith(" ")

    def close(self) -> None:
        self._break()

    # --- blocks ---

    def _open_block(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "blockquote":
            self._paragraph()
            self._quotes += 1
        elif tag in _LISTS:
            (self._break if self._lists else self._paragraph)()
            self._lists.append(_first_number(attributes) if tag == "ol" else None)
        elif tag == "li":
            self._break()
            self._marker = self._next_marker(attributes)
        elif tag == "dd":
            self._break()
            self._marker = "  "
        elif tag == "tr":
            self._break()
            self._cells.append(0)
        elif tag in {"td", "th"}:
            if self._cells and self._cells[-1] and self._line:
                self._write(" | ", joined=True)
            if self._cells:
                self._cells[-1] += 1
        elif tag in _PARAGRAPHS and not _is_tight(attributes):
            self._paragraph()
        elif tag in _LINES or tag in _PARAGRAPHS:
            self._break()
        self._code += tag in _CODE

    def _close_block(self, tag: str) -> None:
        self._code -= tag in _CODE
        if tag == "blockquote":
            self._paragraph()
            self._quotes -= 1
        elif tag in _LISTS:
            self._lists.pop()
            self._marker = ""
            (self._break if self._lists else self._paragraph)()
        elif tag == "tr":
            self._cells.pop()
            self._break()
        elif tag in _PARAGRAPHS and tag != "hr":
            self._paragraph()
        elif tag in _LINES:
            self._break()

    def _next_marker(self, attributes: Mapping[str, str]) -> str:
        if not self._lists or self._lists[-1] is None:
            return "- "
        number = _whole(attributes.get("value", ""), self._lists[-1])
        self._lists[-1] = number + 1
        return f"{number}. "

    # --- text ---

    def _image(self, attributes: Mapping[str, str]) -> None:
        if {attributes.get("width", ""), attributes.get("height", "")} & {"0", "1"}:
            return  # counts readers, shows nothing
        name = _SPACES.sub(" ", attributes.get("alt") or attributes.get("title") or "").strip()
        source = attributes.get("src", "")
        address = self._address(source) if not source.startswith(("cid:", "data:")) else ""
        shown = f"[image: {name}]" if name else "[image]"
        self._write(f"{shown} <{address}>" if address else shown)

    def _close_link(self, address: str, line: int, part: int) -> None:
        said = "".join(self._line[part:]) if line == len(self._lines) else "\n".join(self._lines[line:])
        said = said.strip()
        if address and not _says(said, address):
            self._write(f" <{address}>" if said else f"<{address}>", joined=True)

    def _address(self, address: str) -> str:
        address = "".join(address.split())
        if self._base and address and not address.startswith("#"):
            try:
                address = urljoin(self._base, address)
            except ValueError:
                return ""
        return address if address.lower().startswith(_SCHEMES) else ""

    def _write(self, text: str, *, joined: bool = False) -> None:
        """Put text of our own; `joined`: right behind what is there."""
        if self._silent:
            return
        if joined:
            self._space = False
        self._put(text)

    def _put(self, text: str) -> None:
        if not self._line:
            if self._blank and self._lines:
                self._lines.append("> " * self._depth(self._quotes) if self._lines[-1].startswith(">") else "")
            self._blank = self._space = False
            indent = "  " * self._depth(len(self._lists) - 1)
            self._line.append(
                "> " * self._depth(self._quotes) + indent + (self._marker or ("  " if self._lists else ""))
            )
            self._marker = ""
        elif self._space:
            self._line.append(" ")
        self._space = False
        self._line.append(text)

    def _depth(self, levels: int) -> int:
        return max(0, min(levels, _MOST_NESTED))

    def _break(self, *, always: bool = False) -> None:
        """End the line; `always`: also one that is empty."""
        if self._line:
            self._lines.append("".join(self._line).replace("\u00a0", " ").rstrip())
            self._line = []
        elif always and self._lines:
            self._lines.append("")
        self._space = False

    def _paragraph(self) -> None:
        self._break()
        self._blank = True

    def text(self) -> str:
        """The text so far, with at most one blank line in a row outside code."""
        self._break()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n").rstrip()


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style", "")[:500]))


def _is_tight(attributes: Mapping[str, str]) -> bool:
    return "MsoNormal" in attributes.get("class", "") or bool(_TIGHT.search(attributes.get("style", "")[:500]))


def _says(text: str, address: str) -> bool:
    """Whether a link's text is its address already."""
    bare = re.sub(r"^(?:mailto:|tel:|https?://)", "", address, flags=re.IGNORECASE).rstrip("/")
    return re.sub(r"^(?:mailto:|tel:|https?://)", "", text, flags=re.IGNORECASE).rstrip("/") == bare


def _first_number(attributes: Mapping[str, str]) -> int:
    return _whole(attributes.get("start", ""), 1)


def _whole(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else otherwise
