"""The states of a notice, and the results of a policy's steps."""

from __future__ import annotations

from enum import StrEnum


class NoticeState(StrEnum):
    """What became of a notice."""

    READY = "ready"
    MERGED = "merged"  # sent in one message with others, one of which is ready
    DONE = "done"
    DROPPED = "dropped"  # no longer needed
    PARKED = "parked"  # on hold until a person acts


class StepResult(StrEnum):
    """The result of a policy's step that escalates or raises a ticket."""

    DONE = "done"
    DROPPED = "dropped"
    PARKED = "parked"
