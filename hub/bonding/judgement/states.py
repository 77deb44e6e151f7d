"""The states of a bond: one table of every legal move, and what a case's status means for it."""

from __future__ import annotations

from enum import StrEnum

from hub.errors import Conflict
from hub.model import BondState, CaseStatus


class BondEvent(StrEnum):
    """Something that may move a bond."""

    CASE_OPENED = "case_opened"  # the vendor holds the case
    OPEN_SENT_DOUBTFUL = "open_sent_doubtful"  # sent, and it is not known whether it arrived
    OPEN_NOT_FOUND = "open_not_found"  # nothing was stored; it may be sent again
    OPEN_REFUSED = "open_refused"
    RETRIED = "retried"  # the owner corrected a refused packet
    CONNECTED = "connected"  # a person named the case that belongs to the ticket
    INFORMATION_REQUESTED = "information_requested"
    INFORMATION_GIVEN = "information_given"
    VENDOR_SUSPENDED = "vendor_suspended"
    VENDOR_RESUMED = "vendor_resumed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    CASE_GONE = "case_gone"  # confirmed, not just unreachable
    CASE_FOUND = "case_found"  # a broken bond's case can be read again
    UNLINKED = "unlinked"
    RELINKED = "relinked"


S, H = BondState, BondEvent

HELD = (S.OPEN, S.INFORMATION_REQUESTED, S.SUSPENDED, S.RESOLVED)
"""States in which the vendor is known to hold a case that is not finished."""

LIVE = frozenset({S.REQUESTED, S.IN_DOUBT, *HELD, S.BROKEN})
"""A ticket with a bond in one of these has, or may have, an unfinished case at that account."""

WATCHED = frozenset({*HELD, S.BROKEN})
"""Bonds that reconciling compares with their case."""

MOVES: dict[tuple[BondState, BondEvent], BondState] = {
    # before there is a case
    (S.REQUESTED, H.CASE_OPENED): S.OPEN,
    (S.REQUESTED, H.CONNECTED): S.OPEN,
    (S.REQUESTED, H.OPEN_SENT_DOUBTFUL): S.IN_DOUBT,
    (S.REQUESTED, H.OPEN_REFUSED): S.REJECTED,
    (S.REQUESTED, H.UNLINKED): S.UNLINKED,
    # in doubt: only a look resolves it; unlinking now could leave a case that nobody watches
    (S.IN_DOUBT, H.CASE_OPENED): S.OPEN,
    (S.IN_DOUBT, H.CONNECTED): S.OPEN,
    (S.IN_DOUBT, H.OPEN_SENT_DOUBTFUL): S.IN_DOUBT,
    (S.IN_DOUBT, H.OPEN_NOT_FOUND): S.REQUESTED,
    (S.IN_DOUBT, H.OPEN_REFUSED): S.REJECTED,
    # refused; some systems store first and report an error after, so a case may still turn up
    (S.REJECTED, H.RETRIED): S.REQUESTED,
    (S.REJECTED, H.CASE_OPENED): S.OPEN,
    (S.REJECTED, H.CONNECTED): S.OPEN,
    (S.REJECTED, H.UNLINKED): S.UNLINKED,
    # while the case lives
    (S.OPEN, H.INFORMATION_REQUESTED): S.INFORMATION_REQUESTED,
    (S.OPEN, H.VENDOR_SUSPENDED): S.SUSPENDED,
    (S.OPEN, H.RESOLVED): S.RESOLVED,
    (S.INFORMATION_REQUESTED, H.INFORMATION_GIVEN): S.OPEN,
    (S.INFORMATION_REQUESTED, H.VENDOR_SUSPENDED): S.SUSPENDED,
    (S.INFORMATION_REQUESTED, H.RESOLVED): S.RESOLVED,
    (S.SUSPENDED, H.VENDOR_RESUMED): S.OPEN,
    (S.SUSPENDED, H.INFORMATION_REQUESTED): S.INFORMATION_REQUESTED,
    (S.SUSPENDED, H.RESOLVED): S.RESOLVED,
    (S.RESOLVED, H.REOPENED): S.OPEN,
    (S.RESOLVED, H.INFORMATION_REQUESTED): S.INFORMATION_REQUESTED,
    (S.RESOLVED, H.VENDOR_SUSPENDED): S.SUSPENDED,
    **{(state, H.CLOSED): S.CLOSED for state in HELD},
    **{(state, H.CANCELLED): S.CLOSED for state in HELD},
    **{(state, H.CASE_GONE): S.BROKEN for state in HELD},
    **{(state, H.UNLINKED): S.UNLINKED for state in HELD},
    # a closed case may be reopened at the vendor; that it is archived one day breaks nothing
    (S.CLOSED, H.REOPENED): S.OPEN,
    (S.CLOSED, H.INFORMATION_REQUESTED): S.INFORMATION_REQUESTED,
    (S.CLOSED, H.VENDOR_SUSPENDED): S.SUSPENDED,
    (S.CLOSED, H.RESOLVED): S.RESOLVED,
    (S.CLOSED, H.CASE_GONE): S.CLOSED,
    (S.CLOSED, H.UNLINKED): S.UNLINKED,
    # gone, and unlinked
    (S.BROKEN, H.CASE_FOUND): S.OPEN,
    (S.BROKEN, H.CONNECTED): S.OPEN,
    (S.BROKEN, H.CASE_GONE): S.BROKEN,
    (S.BROKEN, H.UNLINKED): S.UNLINKED,
    (S.UNLINKED, H.RELINKED): S.OPEN,
}
"""Every legal move; any other is refused."""

_STATE_OF = {
    CaseStatus.OPEN: S.OPEN,
    CaseStatus.IN_PROGRESS: S.OPEN,
    CaseStatus.WAITING_ON_US: S.INFORMATION_REQUESTED,
    CaseStatus.WAITING_ON_VENDOR: S.SUSPENDED,
    CaseStatus.RESOLVED: S.RESOLVED,
    CaseStatus.CLOSED: S.CLOSED,
    CaseStatus.CANCELLED: S.CLOSED,
}
_EVENT_OF = {
    CaseStatus.WAITING_ON_US: H.INFORMATION_REQUESTED,
    CaseStatus.WAITING_ON_VENDOR: H.VENDOR_SUSPENDED,
    CaseStatus.RESOLVED: H.RESOLVED,
    CaseStatus.CLOSED: H.CLOSED,
    CaseStatus.CANCELLED: H.CANCELLED,
}
_BACK_TO_WORK = {
    S.INFORMATION_REQUESTED: H.INFORMATION_GIVEN,
    S.SUSPENDED: H.VENDOR_RESUMED,
    S.RESOLVED: H.REOPENED,
    S.CLOSED: H.REOPENED,
}
_FIRST_SEEN = {S.REQUESTED: H.CASE_OPENED, S.IN_DOUBT: H.CASE_OPENED, S.REJECTED: H.CASE_OPENED, S.BROKEN: H.CASE_FOUND}


def move(state: BondState, event: BondEvent) -> BondState:
    """The state after the event. Raises Conflict, which names both, when the move is not legal."""
    try:
        return MOVES[state, event]
    except KeyError:
        legal = ", ".join(sorted(h for s, h in MOVES if s is state))
        raise Conflict(
            f"{event} is not allowed while a bond is {state}", next_step=f"allowed from {state}: {legal}"
        ) from None


def event_of(status: CaseStatus, state: BondState) -> BondEvent | None:
    """The event that a case's status means for a bond in that state; None when nothing changes.

    For a bond without a known case, the first event is that the case exists; ask again from the state after that, or
    use `course`. An unlinked bond never changes.
    """
    if state is S.UNLINKED or _STATE_OF[status] is state:
        return None
    if state in _FIRST_SEEN:
        return _FIRST_SEEN[state]
    return _EVENT_OF.get(status) or _BACK_TO_WORK[state]


def course(status: CaseStatus, state: BondState) -> tuple[BondEvent, ...]:
    """All the events, in order, that bring a bond into step with its case's status."""
    steps: list[BondEvent] = []
    while (step := event_of(status, state)) is not None:
        steps.append(step)
        state = move(state, step)
    return tuple(steps)


def table() -> str:
    """The table of moves as Markdown: a row for each state and event, with the state after it."""
    rows = ["| state | what happens | then |", "| --- | --- | --- |"]
    rows += [
        f"| {state} | {event} | {after} |"
        for state in BondState
        for (before, event), after in MOVES.items()
        if before is state
    ]
    return "\n".join(rows) + "\n"
