"""A ticket's journal becomes the history of its clocks, and nothing that it doesn't say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hub.model import Contact, Coverage, Event, Severity, Ticket, TicketStatus
from hub.sla.clock import Answered, Changed, Paused, Resumed, Started
from hub.sla.history import ClockHistory, plan_of, response_history, vendor_history, with_plan
from hub.sla.offer import Offer, read_offer

OFFER = read_offer()
BEGIN = datetime(2026, 3, 3, 15, tzinfo=UTC)
BOND = "RJR-000001-7F3KQ"


def minute(number: int) -> datetime:
    """So many minutes after submission."""
    return BEGIN + timedelta(minutes=number)


def journal(*entries: tuple[str, dict[str, Any]]) -> list[Event]:
    """Entries a minute apart; the first at submission."""
    return [
        Event(chain="RJR-000001", position=number, at=minute(number - 1), kind=kind, data=data)
        for number, (kind, data) in enumerate(entries, 1)
    ]


def ticket(severity: Severity = Severity.S3) -> Ticket:
    """The ticket, submitted at the beginning."""
    return Ticket(
        id=1,
        number="RJR-000001",
        title="t",
        description="",
        severity=severity,
        status=TicketStatus.OPEN,
        source="hub",
        source_id="",
        product="",
        vendor="",
        customer="",
        contact=Contact(),
        language="en",
        fields={},
        created_at=BEGIN,
        updated_at=BEGIN,
    )


ADDED = ("ticket_added", {"severity": 3})
FOUND = ("plan_found", {"plan": "fast-track", "contract": "C-1"})


def told(*entries: tuple[str, dict[str, Any]], offer: Offer = OFFER) -> ClockHistory:
    """The response history; there must be one."""
    history = response_history(ticket(), journal(ADDED, FOUND, *entries), offer)
    assert history is not None
    return history


# --- the promise to the customer ---


def test_without_a_plan_nothing_is_promised() -> None:
    """Neither before one was looked for, nor when none was found."""
    assert response_history(ticket(), journal(ADDED), OFFER) is None
    assert response_history(ticket(), journal(ADDED, ("plan_found", {"plan": ""})), OFFER) is None
    assert plan_of(journal(ADDED)) == ""


def test_a_plan_that_the_journal_does_not_know_counts_from_now() -> None:
    """Until it is journalled; a closed ticket gets none."""
    none, found = Coverage(), Coverage(plan="continuous", contract="C-2")
    known = journal(ADDED, FOUND)
    assert with_plan(ticket(), journal(ADDED), none, minute(9)) == journal(ADDED)
    *before, added = with_plan(ticket(), known, found, minute(9))
    assert before == known
    assert (added.at, added.kind, added.data) == (
        minute(9),
        "plan_found",
        {"plan": "continuous", "contract": "C-2", "why": ""},
    )
    assert with_plan(ticket().evolve(status=TicketStatus.CLOSED), known, found, minute(9)) == known


def test_it_begins_at_submission_with_the_severity_of_then() -> None:
    """Whatever the ticket's severity is by now."""
    history = told(("ticket_changed", {"by": "ann", "severity": 1}))
    assert history.clock_events == (
        Started(at=BEGIN, severity=Severity.S3, plan="fast-track"),
        Changed(at=minute(2), severity=Severity.S1),
    )
    assert history.proof == (1, 3)
    assert plan_of(journal(ADDED, FOUND)) == "fast-track"


def test_entries_of_old_say_no_severity() -> None:
    """Then the ticket's own stands for the beginning, or the first that was told."""
    old = ("ticket_added", {"source": "hub"})
    plain = response_history(ticket(Severity.S2), journal(old, FOUND), OFFER)
    changed = response_history(ticket(Severity.S1), journal(FOUND, ("ticket_changed", {"severity": 1})), OFFER)
    assert plain is not None
    assert changed is not None
    assert plain.clock_events[0].severity is Severity.S2  # type: ignore[union-attr]
    assert changed.clock_events[0].severity is Severity.S1  # type: ignore[union-attr]
    assert changed.proof == (0, 2)


def test_our_first_answer_counts_from_when_it_was_given() -> None:
    """It may be told later, as after a call; the vendor's answer and a mere comment are none of ours."""
    silent = told(
        ("commented", {"visibility": "public", "who": "ann"}),
        ("first_answer", {"side": "vendor", "bond": BOND, "given_at": minute(2).isoformat()}),
    )
    assert len(silent.clock_events) == 1
    answered = told(("first_answer", {"side": "rjr", "who": "bob", "given_at": minute(1).isoformat()}))
    assert answered.clock_events[1:] == (Answered(at=minute(1), who="bob"),)


def test_a_resolution_is_an_answer() -> None:
    """Closed or resolved, whoever did it."""
    history = told(("ticket_changed", {"by": "ann", "status": "closed"}))
    assert history.clock_events[1:] == (Answered(at=minute(2), who="ann"),)


def test_a_ticket_that_was_imported_resolved_has_no_goal() -> None:
    """History starts no clock; a ticket that another import resolves counts from its own time."""
    for status in ("resolved", "closed"):
        added = ("ticket_added", {"source": "old", "severity": 3, "status": status})
        assert response_history(ticket(), journal(added, FOUND), OFFER) is None
    resolved = {"by": "old", "status": "resolved", "ended_at": minute(1).isoformat()}
    assert told(("ticket_changed", resolved)).clock_events[1:] == (Answered(at=minute(1), who="old"),)


def test_waiting_pauses_only_where_the_plan_says_so() -> None:
    """The published plans declare no pause; a plan that does is paused once, and goes on once."""
    waits, waits_still = ("ticket_changed", {"status": "waiting"}), ("ticket_changed", {"status": "waiting"})
    goes_on = ("ticket_changed", {"status": "open"})
    assert len(told(waits, goes_on).clock_events) == 1
    declared = read_offer()
    plan = declared.plans["fast-track"]
    declared.plans["fast-track"] = plan.evolve(pauses=frozenset({"waiting"}))
    history = told(waits, waits_still, goes_on, goes_on, offer=declared)
    assert history.clock_events[1:] == (Paused(at=minute(2), why="the ticket is waiting"), Resumed(at=minute(4)))


def test_another_plan_is_a_change_and_its_end_is_none() -> None:
    """A contract that ran out takes back nothing that was promised."""
    history = told(
        ("plan_found", {"plan": "continuous", "contract": "C-2"}), ("plan_found", {"plan": "", "contract": ""})
    )
    assert history.clock_events[1:] == (Changed(at=minute(2), plan="continuous"),)


# --- the vendor's obligation ---

OPENED = ("done", {"operation": BOND, "kind": "open_case", "bond": "open", "case": "C1"})
ASKED = ("case_changed", {"bond": BOND, "state": "information_requested"})
GIVEN = ("case_changed", {"bond": BOND, "state": "open"})


def owed(*entries: tuple[str, dict[str, Any]], severity: Severity = Severity.S2) -> ClockHistory | None:
    """The vendor's history."""
    return vendor_history(BOND, journal(ADDED, *entries), severity)


def test_a_vendor_owes_nothing_before_it_holds_the_case() -> None:
    """Asked for, refused or in doubt is not yet held; other bonds' cases are not this one's."""
    assert owed() is None
    assert owed(("done", {"operation": BOND, "kind": "open_case", "bond": "in_doubt"})) is None
    assert owed(("done", {"operation": f"{BOND}X", "kind": "open_case", "bond": "open"})) is None
    assert owed(("done", {"operation": f"{BOND}/2-AB12", "kind": "add_comment", "bond": "open"})) is None
    history = owed(OPENED)
    assert history == ClockHistory((Started(at=minute(1), severity=Severity.S2),), (2,))


def test_a_case_that_was_tied_by_hand_counts_too() -> None:
    """From when the hub knew of it; one that waits for us already stands still at once."""
    history = owed(("connected", {"bond": BOND, "state": "information_requested"}), GIVEN)
    assert history is not None
    assert history.clock_events == (
        Started(at=minute(1), severity=Severity.S2),
        Paused(at=minute(1), why="the vendor waits for us"),
        Resumed(at=minute(2)),
    )


def test_the_vendor_pauses_while_it_waits_for_us() -> None:
    """A comment that comes with the question is the question; the answer comes after."""
    person = ("vendor_commented", {"bond": BOND, "automatic": False})
    history = owed(OPENED, ASKED, person, GIVEN, person)
    assert history is not None
    assert history.clock_events[1:] == (
        Paused(at=minute(2), why="the vendor waits for us"),
        Resumed(at=minute(4)),
        Answered(at=minute(5), who="the vendor"),
    )
    assert history.proof == (2, 3, 5, 6)
    assert history.rounds == 1


def test_only_a_person_answers() -> None:
    """A receipt, an answer that nobody can judge and another bond's comment stop nothing."""
    history = owed(
        OPENED,
        ("vendor_commented", {"bond": BOND, "automatic": True}),
        ("vendor_commented", {"bond": BOND, "automatic": False, "answer": "unclear"}),
        ("vendor_commented", {"bond": "another", "answer": "person"}),
    )
    assert history is not None
    assert len(history.clock_events) == 1
    answered = owed(OPENED, ("vendor_commented", {"bond": BOND, "automatic": True, "answer": "person"}))
    assert answered is not None
    assert answered.clock_events[1:] == (Answered(at=minute(2), who="the vendor"),)


def test_a_solution_is_an_answer() -> None:
    """A case that was resolved without a word was answered."""
    history = owed(OPENED, ("case_changed", {"bond": BOND, "state": "resolved"}))
    assert history is not None
    assert history.clock_events[1:] == (Answered(at=minute(2), who="the vendor"),)


def test_the_severity_of_the_case_goes_with_the_ticket() -> None:
    """Before the case: what it begins with; after: a change."""
    history = owed(
        ("ticket_changed", {"severity": 3, "before": 4}),
        OPENED,
        ("ticket_changed", {"severity": 1}),
        severity=Severity.S1,
    )
    assert history is not None
    assert history.clock_events == (
        Started(at=minute(2), severity=Severity.S3),
        Changed(at=minute(3), severity=Severity.S1),
    )


def test_a_case_begins_with_the_severity_of_then() -> None:
    """Also when the ticket is raised only later: an S3 that became an S1 was opened as an S3."""
    history = owed(OPENED, ("ticket_changed", {"severity": 1}), severity=Severity.S1)
    assert history is not None
    assert history.clock_events == (
        Started(at=minute(1), severity=Severity.S3),
        Changed(at=minute(2), severity=Severity.S1),
    )


def at_second(number: int) -> str:
    """So many seconds after submission, as the journal tells it."""
    return (BEGIN + timedelta(seconds=number)).isoformat()


def test_what_the_vendor_did_counts_from_when_it_did_it() -> None:
    """However late we heard of it: a case found after a lost reply, a question, its end, and the answer."""
    found = ("done", {**OPENED[1], "looked": "found", "given_at": at_second(5)})
    history = owed(
        found,
        ("case_changed", {**ASKED[1], "given_at": at_second(10)}),
        ("case_changed", {**GIVEN[1], "given_at": at_second(20)}),
        ("vendor_commented", {"bond": BOND, "answer": "person", "given_at": at_second(30)}),
    )
    assert history is not None
    assert [(one.at - BEGIN).seconds for one in history.clock_events] == [5, 10, 20, 30]


def test_a_vendors_clock_that_is_wrong_turns_nothing_around() -> None:
    """Ahead of ours, what it did counts from when we heard of it; behind, from when it had the case or its last word."""
    answer = ("vendor_commented", {"bond": BOND, "answer": "person", "given_at": at_second(-600)})
    behind = owed(OPENED, answer)
    asked = owed(OPENED, ASKED, ("case_changed", {**GIVEN[1], "given_at": at_second(0)}))
    ahead = owed(OPENED, ("vendor_commented", {**answer[1], "given_at": at_second(6000)}))
    assert behind is not None
    assert asked is not None
    assert ahead is not None
    assert behind.clock_events[1:] == (Answered(at=minute(1), who="the vendor"),)
    assert asked.clock_events[2:] == (Resumed(at=minute(2)),)
    assert ahead.clock_events[1:] == (Answered(at=minute(2), who="the vendor"),)


def test_an_answer_that_came_before_we_knew_of_the_case_counts() -> None:
    """The vendor had it by then: its reply was lost, or is not written down yet."""
    answer = ("vendor_commented", {"bond": BOND, "answer": "person", "given_at": at_second(30)})
    again = ("vendor_commented", {"bond": BOND, "answer": "person"})
    found = ("done", {**OPENED[1], "looked": "found", "given_at": at_second(5)})
    history = owed(answer, again, found)
    assert history is not None
    assert [(one.at - BEGIN).seconds for one in history.clock_events] == [5, 30]
    assert history.proof == (4, 2)
