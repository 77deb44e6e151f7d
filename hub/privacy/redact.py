"""Masks secrets and personal data in text to be sent."""

from __future__ import annotations

import re
from functools import lru_cache

from hub.errors import SettingsError
from hub.model.base import Value
from hub.privacy.personal import PERSONAL
from hub.privacy.rules import MaskingRule
from hub.privacy.secrets import SECRETS

KINDS = ("pattern", *dict.fromkeys(rule.kind for rule in (*SECRETS, *PERSONAL)), "overlong line", "text")
"""What can be masked; `pattern` is a match of the account's own expressions."""

_PASSES = 8
_MARK = re.compile(f"(\\[removed: (?:{'|'.join(KINDS)})\\])")


class DisclosurePolicy(Value, frozen=True):
    """What may be disclosed to one account; anything not named stays."""

    fields: frozenset[str] = frozenset()  # names of ticket fields, its own and those in `fields`
    public_comments: bool = False  # True: comments marked public are sent too
    extra_patterns: tuple[str, ...] = ()  # regular expressions; matches are masked


class Redacted(Value, frozen=True):
    """A masked text, and the number of masked parts by kind."""

    text: str
    counts: dict[str, int]


def mark(kind: str) -> str:
    """The replacement for a masked part, such as `[removed: password]`."""
    return f"[removed: {kind}]"


def redact(text: str, policy: DisclosurePolicy) -> Redacted:
    """The text with secrets and personal data masked; masking it again changes nothing.

    Time is linear in the length of the text, whatever its content, apart from the account's own expressions. A text in
    which masking keeps uncovering more is removed. Names of persons, internet addresses, identifiers and hashes stay.
    Raises SettingsError for an invalid expression.
    """
    rules = (*_extra(policy.extra_patterns), *SECRETS, *PERSONAL)
    counts: dict[str, int] = {}
    for _ in range(_PASSES):
        masked = _once(text, rules, counts)
        if masked == text:
            return Redacted(text, counts)
        text = masked
    return Redacted(mark("text"), counts | {"text": 1})


def _once(text: str, rules: tuple[MaskingRule, ...], counts: dict[str, int]) -> str:
    pieces = _MARK.split(text)  # text and marks, alternating
    folded = text.casefold()
    for rule in rules:
        if not rule.may_match(folded):
            continue
        after: list[str] = []
        for turn, piece in enumerate(pieces):
            if turn % 2:
                after.append(piece)
            else:
                _mask(piece, rule, after)
        counts_of = (len(after) - len(pieces)) // 2
        if counts_of:
            counts[rule.kind] = counts.get(rule.kind, 0) + counts_of
        pieces = after
    return "".join(pieces)


def _mask(piece: str, rule: MaskingRule, after: list[str]) -> None:
    """Append the piece to `after`, text and marks alternating."""
    done = 0
    for start, end in rule.spans(piece):
        after += (piece[done:start], mark(rule.kind))
        done = end
    after.append(piece[done:])


@lru_cache(maxsize=256)
def _extra(patterns: tuple[str, ...]) -> tuple[MaskingRule, ...]:
    rules = []
    for number, pattern in enumerate(patterns, start=1):
        try:
            rules.append(MaskingRule("pattern", re.compile(pattern)))
        except re.error as error:
            raise SettingsError(
                f"expression {number} of the account's extra redactions is not valid: {error.msg}",
                next_step="correct the account's setting `redact`",
            ) from None
    return tuple(rules)
