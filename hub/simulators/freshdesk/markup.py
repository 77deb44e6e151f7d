"""HTML as the account keeps it, and the text that it shows of it. Pure."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.told: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS and self.told:
            self.told.append("\n")

    def handle_data(self, data: str) -> None:
        self.told.append(data)


def text_of(html: str) -> str:
    """The text of HTML."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.told)


def html_of(text: str) -> str:
    """The HTML that an agent's editor makes of a text."""
    return "<div>" + escape(text, quote=False).replace("\n", "<br>") + "</div>"


def kept(body: str) -> str:
    """The HTML that is stored for a body that was sent; plain text is wrapped."""
    return body if body.lstrip().startswith("<") else f"<div>{body}</div>"
