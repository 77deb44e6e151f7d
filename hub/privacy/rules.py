"""The structure of a masking rule, and the expressions that rules share.

Every expression takes a bounded number of steps from any start, or consumes what it scans: rules must stay linear on
adversarial text. None looks past the end of a line unless noted: a stream is masked line by line and must give the
same result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]


def whole(match: re.Match[str]) -> Span | None:
    """The span of the group `value` if there is one, else of the whole match."""
    return match.span("value" if "value" in match.re.groupindex else 0)


@dataclass(frozen=True)
class MaskingRule:
    """One thing to mask: a pattern for candidates, and a check of each."""

    kind: str
    pattern: re.Pattern[str]
    judge: Callable[[re.Match[str]], Span | None] = whole
    needs: tuple[str, ...] = ()
    """Lower-case strings; a text without any of them is skipped."""

    def may_match(self, folded: str) -> bool:
        """Whether a case-folded text contains one of `needs`."""
        return not self.needs or any(need in folded for need in self.needs)

    def spans(self, text: str) -> Iterator[Span]:
        """The spans to mask, from left to right, never overlapping or empty."""
        position = floor = 0
        while position <= len(text) and (match := self.pattern.search(text, position)):
            start, end = self.judge(match) or (0, 0)
            start = max(start, floor)
            if end <= start:
                position = match.start() + 1
                continue
            yield start, end
            position = floor = end


BLANK = r"[^\S\r\n]"
"""A blank that does not end a line; includes the narrow one that French puts before a colon."""

UNQUOTED = r"(?:(?![;&,][A-Za-z_][\w .]{0,30}=|</)\S)++"
"""A word, up to the next `;name=`, `&name=` or closing tag."""

VALUE = (
    r"(?:"
    r'\\?"(?:[^"\\\r\n]|\\.){1,500}+"'
    r"|'[^'\r\n]{1,500}+'"
    r"|`[^`\r\n]{1,500}+`"
    r"|\{[^{}\r\n]{1,500}+\}"
    r"|«[^»\r\n]{1,500}+»"
    r"|“[^”\r\n]{1,500}+”"
    rf"|{UNQUOTED})"
)
"""The value after a colon or an equals sign."""

SEPARATOR = (
    rf"[*_`\"'\\\]]{{0,4}}{BLANK}{{0,5}}(?:=>|:=|={{1,2}}|[:：])"
    rf"[*_`]{{0,2}}(?:</?\w{{1,10}}>){{0,2}}{BLANK}{{0,5}}"
)
"""Between a name and its value; includes quotes, bold type and simple tags."""

_OPENING = "\"'`{«“<([ \t\xa0\u202f\\*"
_CLOSING = "\"'`}»”>)].,;: \t\xa0\u202f\\*"


def bare(match: re.Match[str]) -> tuple[str, Span]:
    """The value without quotes and closing punctuation, and its span."""
    text = match["value"]
    start = match.start("value") + len(text) - len(text.lstrip(_OPENING))
    kept = text.strip().lstrip(_OPENING).rstrip(_CLOSING)
    return kept, (start, start + len(kept))
