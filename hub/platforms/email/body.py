"""The new text of a mail, without quoted history and signature. Pure.

In doubt all text is kept: an extra quote is a nuisance, but a removed answer is lost.
"""

from __future__ import annotations

import re

MAX_TEXT = 200_000
"""Maximum characters of a mail's text; the rest is dropped."""

_INTRO = re.compile(
    r"(?m)^(?:On\b[^\n]{5,200}(?:\n[^\n]{1,120})?\bwrote:|Le\b[^\n]{5,200}(?:\n[^\n]{1,120})?\ba [ée]crit\s?:)[ \t]*$"
)
_ORIGINAL = re.compile(
    r"(?mi)^[ \t]*-{2,}[ \t]*(?:original message|message d['’]origine|message original|forwarded message)"
    r"[ \t]*-{2,}[ \t]*$"
)
_BLOCK = re.compile(
    r"(?m)^(?:(?:_{8,}|---)[ \t]*\n+)?[ \t]*"
    r"\*?(?:From|De)\*?\s?:[^\n]+\n[ \t]*\*?(?:Sent|Date|Envoy[ée])\*?\s?:[^\n]+\n"
    r"(?:[^\n]*\n){0,6}?[ \t]*\*?(?:Subject|Objet)\*?\s?:"
)
_SIGNATURE = re.compile(r"(?m)^-- $")
_SIGNATURE_LINES = 15


def own_text(text: str) -> str:
    """The new text of a mail."""
    content = readable(text)
    own = _without_signature(_without_history(content)).strip()
    return own or content.strip()


def readable(text: str) -> str:
    """The text with plain line ends, without characters that can't be stored, and within the limit."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")[:MAX_TEXT]
    return plain.encode("utf-8", "replace").decode("utf-8")


def _without_history(text: str) -> str:
    cuts = [match.start() for pattern in (_ORIGINAL, _BLOCK) if (match := pattern.search(text))]
    for match in _INTRO.finditer(text):
        if _all_quoted(text[match.end() :]):
            cuts.append(match.start())
            break
    if not cuts:
        at = _quoted_tail(text)
        cuts += [at] if at is not None else []
    above = text[: min(cuts)] if cuts else text
    return above if above.strip() else text


def _all_quoted(below: str) -> bool:
    """Whether all lines below are quoted; a reply between or below quoted lines is not history."""
    lines = [line for line in _without_signature(below).split("\n") if line.strip()]
    return bool(lines) and all(line.lstrip().startswith(">") for line in lines)


def _quoted_tail(text: str) -> int | None:
    """Where the last block of quoted lines begins, if there is no other quote above it."""
    lines = text.rstrip().split("\n")
    first = next((at for at, line in enumerate(lines) if line.startswith(">")), None)
    if first is None or not _all_quoted("\n".join(lines[first:])):
        return None
    return len("\n".join(lines[:first]))


def _without_signature(text: str) -> str:
    """The text above the line `-- ` (RFC 3676, section 4.3), if what follows is as short as a signature."""
    signature = max(_SIGNATURE.finditer(text), key=lambda match: match.start(), default=None)
    if signature is None or text[signature.end() :].count("\n") > _SIGNATURE_LINES:
        return text
    return text[: signature.start()]
