"""Derives the events of a ticket's clocks from its journal: our response goal, and the vendors' obligations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from hub.model import MOVING, BondState, Coverage, Event, Json, Severity, Ticket, TicketStatus
from hub.sla.clock import Answered, Changed, ClockEvent, Paused, Resumed, Started
from hub.sla.offer import Offer

_ENDED = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})
_WITH_VENDOR = frozenset({BondState.OPEN, BondState.INFORMATION_REQUESTED, BondState.SUSPENDED})
_SOLVED = frozenset({BondState.RESOLVED, BondState.CLOSED})


class ClockHistory(NamedTuple):
    """The events of one clock, and the journal entries that prove them."""

    happenings: tuple[ClockEvent, ...]
    proof: tuple[int, ...]  # positions in the ticket's chain, one per event
    rounds: int = 0
    """How often the vendor asked for information."""


def plan_of(events: Iterable[Event]) -> str:
    """The ticket's last known plan; empty without one."""
    found = [str(event.data["plan"]) for event in events if event.kind == "plan_found"]
    return found[-1] if found else ""


def with_plan(ticket: Ticket, events: Sequence[Event], found: Coverage, now: datetime) -> list[Event]:
    """The entries, plus one not yet in the journal if the ticket's plan differs from theirs."""
    if found.plan == plan_of(events) or ticket.status is TicketStatus.CLOSED:
        return list(events)
    data: dict[str, Json] = {"plan": found.plan, "contract": found.contract}
    return [*events, Event(chain=ticket.number, position=0, at=now, kind="plan_found", data=data)]


def response_history(ticket: Ticket, events: Iterable[Event], offer: Offer) -> ClockHistory | None:
    """The response goal: starts at submission, ends with the first answer by one of our people.

    None while the ticket has no plan, and so no goal. Our first answer counts from the time it was given; a resolution
    is an answer too, a comment to the vendor is not.
    """
    told = list(events)
    plans = [event for event in told if event.kind == "plan_found"]
    if not plans or not plans[0].data["plan"]:
        return None
    plan = str(plans[0].data["plan"])
    added = next((event for event in told if event.kind == "ticket_added"), None)
    severity = _first_severity(told, ticket.severity)
    happenings: list[ClockEvent] = [Started(at=ticket.created_at, severity=severity, plan=plan)]
    proof = [added.position if added else 0]
    waiting = False
    for event in told:
        found = list(_response(event, plans[0], plan, offer, waiting=waiting))
        for one in found:
            plan = one.plan or plan if isinstance(one, Changed) else plan
            waiting = isinstance(one, Paused) or (waiting and not isinstance(one, Resumed))
        happenings += found
        proof += [event.position] * len(found)
    return ClockHistory(tuple(happenings), tuple(proof))


def _response(event: Event, first: Event, plan: str, offer: Offer, *, waiting: bool) -> Iterator[ClockEvent]:
    data: dict[str, Any] = event.data
    match event.kind:
        case "plan_found" if event is not first and data["plan"]:
            yield Changed(at=event.at, plan=str(data["plan"]))
        case "ticket_changed":
            if "severity" in data:
                yield Changed(at=event.at, severity=Severity(_number(data["severity"])))
            status = data.get("status", "")
            if status in _ENDED:
                yield Answered(at=event.at, who=str(data.get("by", "")))
            elif status and (status in offer.plan(plan).pauses) != waiting:
                yield Resumed(at=event.at) if waiting else Paused(at=event.at, why=f"the ticket is {status}")
        case "first_answer" if data["side"] == "rjr":
            yield Answered(at=datetime.fromisoformat(str(data["given_at"])), who=str(data.get("who", "")))


def vendor_history(bond: str, events: Iterable[Event], severity: Severity) -> ClockHistory | None:
    """The obligation of a bond's vendor: starts when it has the case, ends with the first answer of a person there.

    It is paused while the vendor waits for us: a comment that comes with a question is not an answer. The vendor's
    actions count from their own time, however late the hub read them. None before there is a case. `severity` is the
    bond's current one; earlier ones come from the journal.
    """
    happenings: list[ClockEvent] = []
    proof: list[int] = []
    state, rounds = BondState.REQUESTED, 0
    told = list(events)
    now = _first_severity(told, severity)
    early: Event | None = None  # an answer that was read before the case was known
    for event in told:
        found: list[ClockEvent] = []
        moved = _state(bond, event) or state
        at = _given_at(event, happenings)
        if event.kind == "ticket_changed" and "severity" in event.data:
            now = Severity(_number(event.data["severity"]))
            found = [Changed(at=event.at, severity=now)] if happenings else []
        elif not happenings and moved in _WITH_VENDOR | _SOLVED:
            found = [Started(at=at, severity=now)]
        if (happenings or found) and moved is not state:
            if moved in _SOLVED:
                found.append(Answered(at=at, who="the vendor"))
            elif moved is BondState.INFORMATION_REQUESTED:
                found.append(Paused(at=at, why="the vendor waits for us"))
                rounds += 1
            elif state is BondState.INFORMATION_REQUESTED:
                found.append(Resumed(at=at))
        if _by_a_person(bond, event) and moved is not BondState.INFORMATION_REQUESTED:
            if happenings:
                found.append(Answered(at=at, who="the vendor"))
            early = early or event
        state = moved
        happenings += found
        proof += [event.position] * len(found)
        if found and early and found[0] is happenings[0]:
            happenings.append(Answered(at=_given_at(early, happenings), who="the vendor"))
            proof.append(early.position)
    return ClockHistory(tuple(happenings), tuple(proof), rounds) if happenings else None


def _given_at(event: Event, before: Sequence[ClockEvent]) -> datetime:
    """When the vendor did what an entry records, by its own clock, which may differ from ours.

    Never after the entry, never before it had the case, nor before its last question was asked or answered.
    """
    if "given_at" not in event.data:
        return event.at
    given = min(datetime.fromisoformat(str(event.data["given_at"])), event.at)
    kept = [one.at for one in before if isinstance(one, Started | Paused | Resumed)]
    return max([given, *kept[-1:]])


def _state(bond: str, event: Event) -> BondState | None:
    """The bond's state after an entry."""
    if event.data.get("bond") == bond and "state" in event.data:
        return BondState(str(event.data["state"]))
    ours = event.kind == "done" and event.data.get("kind") in MOVING
    if ours and str(event.data["operation"]).partition("/")[0] == bond and "bond" in event.data:
        return BondState(str(event.data["bond"]))
    return None


def _by_a_person(bond: str, event: Event) -> bool:
    if event.kind != "vendor_commented" or event.data.get("bond") != bond:
        return False
    answer = event.data.get("answer")
    return answer == "person" if answer is not None else not event.data.get("automatic")


def _first_severity(events: Iterable[Event], now: Severity) -> Severity:
    """The severity at submission: the current one if it never changed.

    Old entries lack it; then the first recorded one is used.
    """
    told = [one for one in events if one.kind in {"ticket_added", "ticket_changed"} and "severity" in one.data]
    changed = any(one.kind == "ticket_changed" for one in told)
    return Severity(_number(told[0].data["severity"])) if changed else now


def _number(value: object) -> int:
    return int(str(value))
