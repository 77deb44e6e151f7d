"""Sanitizes HTML from vendors, and shortens their texts. Pure."""

from __future__ import annotations

import nh3

TAGS = frozenset(
    {
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
        "var",
    }
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
MAX_BODY = 1_000_000
"""The most characters of a body to keep; a manual is shorter."""


def clean(html: str) -> str:
    """The HTML without scripts, styles, forms, frames, events and addresses other than http, https and mailto."""
    return nh3.clean(
        html.replace("\0", "")[:MAX_BODY],
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def short(text: str, limit: int = 300) -> str:
    """A vendor's text as one line: no NUL, blanks collapsed, at most `limit` characters."""
    line = " ".join(text.replace("\0", "").split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
