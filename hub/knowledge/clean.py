"""Makes a stranger's HTML harmless, and takes its text out. Pure."""

from __future__ import annotations

import re
from html import unescape

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
MOST = 1_000_000
"""Characters of a body that are kept; a manual is shorter."""

_ENDS = re.compile(r"(?i)</(?:p|div|li|tr|h[1-6]|pre|table|ul|ol|dd|dt|blockquote)>|<br\s*/?>|<hr\s*/?>")
_TAG = re.compile(r"<[^>]*>")
_BLANKS = re.compile(r"[ \t\f\v\u00a0]+")
_GAPS = re.compile(r"\s*\n\s*\n\s*|[ ]*\n[ ]*")


def clean(html: str) -> str:
    """The HTML without scripts, styles, forms, frames, events and addresses other than http, https and mailto."""
    return nh3.clean(
        html.replace("\0", "")[:MOST],
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def bare(cleaned: str) -> str:
    """The text of cleaned HTML, line breaks where blocks end."""
    text = unescape(_TAG.sub("", _ENDS.sub("\n", cleaned)))
    joined = _GAPS.sub(lambda found: "\n\n" if found[0].count("\n") > 1 else "\n", _BLANKS.sub(" ", text))
    return joined.strip()


def short(text: str, limit: int = 300) -> str:
    """A text of the vendor's for one line: no NUL, blanks folded, at most so long."""
    line = " ".join(text.replace("\0", "").split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
