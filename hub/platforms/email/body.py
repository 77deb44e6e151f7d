"""What a mail says itself: without the history that it quotes and without its signature, where both are beyond doubt.

Pure. In doubt all is kept: a quote too much is a nuisance, an answer cut away is lost.
"""

from __future__ import annotations

import re

MOST = 200_000
"""Characters of a mail's text that are kept."""

_INTRO = re.compile(
    r"(?m)^(?:On\b[^\n]{5,200}(?:\n[^\n]{1,120})?\bwrote:|Le\b[^\n]{5,200}(?:\n[^\n]{1,120})?\ba [ée]crit\s?:)[ \t]*$"
)
_ORIGINAL = re.compile(
    r"(?mi)^[ \t]*-{2,}[ \t]*(?:original message|message d['’]origine|message original|forwarded message)"
    r"[ \t]*-{2,}[ \t]*$"
)
_BLOCK = re.compile(
    r"(?m)^(?:_{8,}[ \t]*\n+)?[ \t]*\*?(?:From|De)\*?\s?:[^\n]+\n[ \t]*\*?(?:Sent|Date|Envoy[ée])\*?\s?:[^\n]+\n"
    r"(?:[^\n]*\n){0,6}?[ \t]*\*?(?:Subject|Objet)\*?\s?:"
)
_SIGNATURE = re.compile(r"(?m)^-- $")
_SIGNATURE_LINES = 15


def own_text(text: str) -> str:
    """The new text of a mail."""
    whole = readable(text)
    kept = _without_signature(_without_history(whole)).strip()
    return kept or whole.strip()


def readable(text: str) -> str:
    """The text with plain line ends, without what can't be stored, and not beyond the limit."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")[:MOST]
    return plain.encode("utf-8", "replace").decode("utf-8")


def _without_history(text: str) -> str:
    cuts = [found.start() for pattern in (_ORIGINAL, _BLOCK) if (found := pattern.search(text))]
    for found in _INTRO.finditer(text):
        if _all_quoted(text[found.end() :]):
            cuts.append(found.start())
            break
    if not cuts:
        at = _quoted_tail(text)
        cuts += [at] if at is not None else []
    above = text[: min(cuts)] if cuts else text
    return above if above.strip() else text


def _all_quoted(below: str) -> bool:
    """Whether all that stands below is quoted: an answer between the lines, or under them, is no history."""
    lines = [line for line in _without_signature(below).split("\n") if line.strip()]
    return bool(lines) and all(line.lstrip().startswith(">") for line in lines)


def _quoted_tail(text: str) -> int | None:
    """Where a last run of quoted lines begins, when there is no other quote above it."""
    lines = text.rstrip().split("\n")
    first = next((at for at, line in enumerate(lines) if line.startswith(">")), None)
    if first is None or not _all_quoted("\n".join(lines[first:])):
        return None
    return len("\n".join(lines[:first]))


def _without_signature(text: str) -> str:
    """Without what stands below the line `-- ` (RFC 3676, section 4.3), if it is as short as a signature."""
    found = max(_SIGNATURE.finditer(text), key=lambda one: one.start(), default=None)
    if found is None or text[found.end() :].count("\n") > _SIGNATURE_LINES:
        return text
    return text[: found.start()]
