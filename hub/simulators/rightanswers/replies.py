"""Replies in plain text, which the interface gives for writes and failures alike."""

from __future__ import annotations

from hub.simulators.kit import Reply


def text(value: str, status: int = 200) -> Reply:
    """A reply in plain text."""
    return Reply(status, value.encode(), {"Content-Type": "text/plain;charset=UTF-8"})
