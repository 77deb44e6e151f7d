"""Characters that every system can keep: what can't be stored is shown as U+FFFD, and nothing else changes. Pure."""

from __future__ import annotations

import re
from typing import Any

REPLACEMENT = "\ufffd"

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def storable_text(text: str) -> str:
    """The text with U+FFFD for each NUL and each half of a surrogate pair, which no database or encoding takes."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def may_be_unstorable(raw: bytes) -> bool:
    """Whether JSON may hold such a character: it can only be written as an escape."""
    return _ESCAPED.search(raw) is not None


def storable_json(value: Any) -> Any:
    """A JSON value with all of its texts, keys included, made storable. Walks without recursion."""
    root = [value]
    waiting: list[Any] = [root]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict):
            for key in [key for key in holder if _UNSTORABLE.search(key)]:
                holder[storable_text(key)] = holder.pop(key)
        for place, item in list(holder.items()) if isinstance(holder, dict) else enumerate(holder):
            if isinstance(item, str):
                if _UNSTORABLE.search(item):
                    holder[place] = storable_text(item)
            elif isinstance(item, dict | list):
                waiting.append(item)
    return root[0]
