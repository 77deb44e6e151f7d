"""The shape of a redaction rule, and the pieces that the rules share.

Every expression takes bounded steps from any place it may start at, or consumes what it scans: a rule must
stay linear on text written to make it slow. None looks past the end of a line, except where it says so: a
stream is masked line by line and must come out the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]


def whole(match: re.Match[str]) -> Span | None:
    """The group `value` where the expression has one, or else all of it."""
    return match.span("value" if "value" in match.re.groupindex else 0)


@dataclass(frozen=True)
class MaskingRule:
    """One thing to mask: where it may be, and the judgement on each candidate."""

    kind: str
    pattern: re.Pattern[str]
    judge: Callable[[re.Match[str]], Span | None] = whole
    needs: tuple[str, ...] = ()
    """Lower-case strings; a text with none of them is not searched."""

    def may_match(self, folded: str) -> bool:
        """Whether a case-folded text holds what the rule needs."""
        return not self.needs or any(need in folded for need in self.needs)

    def spans(self, text: str) -> Iterator[Span]:
        """Where the thing is, from left to right, never overlapping and never empty."""
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
"""A blank that does not end a line; French puts a narrow one before its colon."""

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
"""What stands behind a colon or an equals sign."""

SEPARATOR = (
    rf"[*_`\"'\\\]]{{0,4}}{BLANK}{{0,5}}(?:=>|:=|={{1,2}}|[:：])"
    rf"[*_`]{{0,2}}(?:</?\w{{1,10}}>){{0,2}}{BLANK}{{0,5}}"
)
"""From a name to its value, quotes, bold type and simple tags included."""

_OPENING = "\"'`{«“<([ \t\xa0\u202f\\*"
_CLOSING = "\"'`}»”>)].,;: \t\xa0\u202f\\*"


def bare(match: re.Match[str]) -> tuple[str, Span]:
    """The value without quotes and closing punctuation, and where it is."""
    text = match["value"]
    start = match.start("value") + len(text) - len(text.lstrip(_OPENING))
    kept = text.strip().lstrip(_OPENING).rstrip(_CLOSING)
    return kept, (start, start + len(kept))
