"""The watch over clocks: what is due is taken once, whoever looks; what is quiet costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from hub.bonding.outbound import ticket_actions
from hub.context import HubContext
from hub.customers.customers import add_customer, edit_contract
from hub.db import journal
from hub.db.storage import Storage
from hub.db.watches import CLAIM
from hub.deadlines import ownership, queries
from hub.deadlines.watch import examine_due
from hub.desk.store import add_ticket
from hub.errors import BadInput, Conflict, NotFound
from hub.model import Contract, Customer, Level, Severity, TicketDraft, TicketStatus, Visibility
from hub.sla.clock import Changed, Started
from hub.sla.offer import read_offer
from hub.sla.offer_diff import moved_deadlines
from hub.sla.rules import ServiceRules, read_rules
from hub.vendors import load as load_plugins
from hub.work.watching import Watcher

TORONTO = ZoneInfo("America/Toronto")


class Hand:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = at("2026-03-03 10:00")

    def __call__(self) -> datetime:
        return self.now


def at(written: str) -> datetime:
    """A local time in Toronto."""
    return datetime.fromisoformat(written).replace(tzinfo=TORONTO)


@pytest.fixture
def hand() -> Hand:
    """The hub's clock."""
    return Hand()


@pytest.fixture
def rules() -> ServiceRules:
    """The shipped rules."""
    return read_rules(None, None, {})


@pytest.fixture
async def hub(database_url: str, hand: Hand) -> AsyncIterator[Storage]:
    """A database in the hand's time, with a customer on Fast-Track."""
    storage = Storage(database_url, connections=6, clock=hand)
    fast = Contract(number="C-1", customer="100", plan="fast-track", starts_on=date(2026, 1, 1))
    await add_customer(storage, Customer(number="100", name="Ada Ltd", contracts=(fast,)), who="ann")
    yield storage
    await storage.close()


async def submit(storage: Storage, severity: Severity = Severity.S1, customer: str = "Ada Ltd") -> str:
    """A new ticket's number."""
    draft = TicketDraft(title="down", severity=severity, customer=customer)
    return (await add_ticket(storage, "RJR", draft, who="ann")).number


async def steps(storage: Storage, number: str) -> list[tuple[str, str]]:
    """The steps that were taken on a ticket, with their state."""
    async with storage.unit() as unit:
        return [(one.step, one.state) for one in await unit.notices.of_ticket(number)]


async def kinds(storage: Storage, number: str) -> list[str]:
    """What the ticket's journal tells of."""
    async with storage.unit() as unit:
        return [event.kind for event in await journal.read(unit.connection, number)]


async def test_a_ticket_gets_its_plan_and_its_deadline(hub: Storage, hand: Hand, rules: ServiceRules) -> None:
    """An S1 of Tuesday 10:00 under Fast-Track is to be answered by 11:00, and is looked at next at half time."""
    number = await submit(hub)
    assert await examine_due(hub, rules) == 1
    (clock,) = await queries.running_clocks(hub)
    assert (clock.ticket, clock.plan, clock.deadline) == (number, "fast-track", at("2026-03-03 11:00"))
    async with hub.unit() as unit:
        assert (await unit.watches.get(number)).due_at == at("2026-03-03 10:30")
    assert await examine_due(hub, rules) == 0
    assert await kinds(hub, number) == ["ticket_added", "plan_found"]


async def test_steps_are_taken_in_time_and_once(hub: Storage, hand: Hand, rules: ServiceRules) -> None:
    """Ten looks at once take each step once; a warning comes before the breach, and then nothing more is due."""
    number = await submit(hub)
    await examine_due(hub, rules)
    for minute, wanted in (
        (30, ["half"]),
        (45, ["half", "warning", "raise"]),
        (60, ["half", "warning", "raise", "breach"]),
    ):
        hand.now = at("2026-03-03 10:00") + timedelta(minutes=minute)
        await asyncio.gather(*(examine_due(hub, rules) for _ in range(10)))
        assert [name for name, _ in await steps(hub, number)] == wanted
    async with hub.unit() as unit:
        assert (await unit.watches.get(number)).due_at is None
        promise = "response/S1/fast-track"
        taken = {number: {f"{promise}/{step}" for step in ("half", "warning", "raise", "breach")}}
        assert await unit.notices.taken([number]) == taken
    assert (await kinds(hub, number)).count("step_taken") == 4
    (late,) = await queries.breaches(hub, timedelta())
    assert (late.clock.ticket, late.late_seconds) == (number, 0)


async def test_steps_missed_while_nobody_watched_come_in_order(hub: Storage, hand: Hand, rules: ServiceRules) -> None:
    """All of them, the warning ahead of the breach."""
    number = await submit(hub)
    hand.now = at("2026-03-03 15:00")
    await examine_due(hub, rules)
    assert [name for name, _ in await steps(hub, number)] == ["half", "warning", "raise", "breach"]


async def test_an_answer_ends_the_watch(hub: Storage, hand: Hand, rules: ServiceRules) -> None:
    """One that was given by telephone counts from then, once, and can't have been before the ticket."""
    number = await submit(hub)
    await examine_due(hub, rules)
    hand.now = at("2026-03-03 10:20")
    with pytest.raises(BadInput, match="between submission and now"):
        await ownership.answered(hub, number, at("2026-03-03 09:00"), who="bob")
    await ownership.answered(hub, number, at("2026-03-03 10:10"), who="bob")
    with pytest.raises(Conflict, match="already answered"):
        await ownership.answered(hub, number, None, who="bob")
    await examine_due(hub, rules)
    (told,) = (await queries.clocks(hub, rules, number)).clocks
    assert (told.state, told.used_seconds) == ("answered in time", 600)
    hand.now = at("2026-03-03 12:00")
    assert await examine_due(hub, rules) == 0
    assert await queries.running_clocks(hub) == []


async def test_a_ticket_without_a_contract_is_promised_nothing_and_says_so(
    hub: Storage, hand: Hand, rules: ServiceRules
) -> None:
    """Once its customer has a contract, it is looked at anew."""
    number = await submit(hub, customer="Nobody Inc")
    await examine_due(hub, rules)
    told = await queries.clocks(hub, rules, number)
    assert told.clocks == ()
    assert told.why == "the ticket's customer is unknown"
    fast = Contract(number="C-9", customer="900", plan="continuous", starts_on=date(2026, 1, 1))
    await add_customer(hub, Customer(number="900", name="Nobody Inc", contracts=(fast,)), who="ann")
    await examine_due(hub, rules)
    (clock,) = await queries.running_clocks(hub)
    assert (clock.plan, clock.goal) == ("continuous", "1 clock hour")


async def test_a_better_contract_tightens_the_promise(hub: Storage, hand: Hand, rules: ServiceRules) -> None:
    """An S1 of Friday evening: nothing until Monday under Fast-Track, an hour from the change under Continuous."""
    hand.now = at("2026-03-06 21:00")
    number = await submit(hub)
    await examine_due(hub, rules)
    hand.now = at("2026-03-06 22:00")
    await edit_contract(hub, "C-1", {"plan": "continuous"}, who="ann")
    await examine_due(hub, rules)
    (clock,) = await queries.running_clocks(hub)
    assert clock.deadline == at("2026-03-06 23:00")
    assert (await kinds(hub, number)).count("plan_found") == 2


async def test_whoever_is_at_it_is_warned_no_more_but_told_of_a_breach(
    hub: Storage, hand: Hand, rules: ServiceRules
) -> None:
    """Taken over, the warnings go on."""
    number = await submit(hub)
    await examine_due(hub, rules)
    assert (await ownership.acknowledge(hub, number, who="bob")).owner == "bob"
    hand.now = at("2026-03-03 10:30")
    await examine_due(hub, rules)
    assert await steps(hub, number) == [("half", "dropped")]
    await ownership.take(hub, number, who="eve")
    hand.now = at("2026-03-03 11:00")
    await examine_due(hub, rules)
    assert await steps(hub, number) == [
        ("half", "dropped"),
        ("warning", "ready"),
        ("raise", "ready"),
        ("breach", "ready"),
    ]
    with pytest.raises(NotFound):
        await ownership.take(hub, "RJR-999999", who="eve")


async def test_a_snoozed_clock_is_quiet_until_then(hub: Storage, hand: Hand, rules: ServiceRules) -> None:
    """What fell due meanwhile comes after it; a breach does not wait, and its warning goes before it untold."""
    number = await submit(hub, Severity.S2)
    await examine_due(hub, rules)
    with pytest.raises(BadInput, match="future time"):
        await ownership.snooze(hub, number, hand.now, who="bob")
    await ownership.snooze(hub, number, at("2026-03-03 12:30"), who="bob")
    for now, wanted in (("12:00", 0), ("12:30", 1)):
        hand.now = at(f"2026-03-03 {now}")
        await examine_due(hub, rules)
        assert len(await steps(hub, number)) == wanted
    await ownership.snooze(hub, number, at("2026-03-03 18:00"), who="bob")
    hand.now = at("2026-03-03 14:00")
    await examine_due(hub, rules)
    late = [("half", "ready"), ("warning", "dropped"), ("raise", "ready"), ("breach", "ready")]
    assert await steps(hub, number) == late
    hand.now = at("2026-03-03 18:00")
    await examine_due(hub, rules)
    assert await steps(hub, number) == late


async def test_what_is_taken_late_at_night_is_told_in_the_morning(
    hub: Storage, hand: Hand, rules: ServiceRules
) -> None:
    """Steps that fell due by day while nobody watched wake nobody; an S1 under a plan around the clock does."""
    number = await submit(hub, Severity.S2)
    await edit_contract(hub, "C-1", {"plan": "continuous"}, who="ann")
    urgent = await submit(hub)
    hand.now = at("2026-03-04 03:00")
    await examine_due(hub, rules)
    async with hub.unit() as unit:
        assert {one.due_at for one in await unit.notices.of_ticket(number)} == {at("2026-03-04 08:00")}
        assert all(one.due_at <= hand.now for one in await unit.notices.of_ticket(urgent))
        assert len(await unit.notices.claim(unit.now, 20)) == 4


async def test_raising_lifts_the_level_once(hub: Storage, hand: Hand, rules: ServiceRules) -> None:
    """L2's people are told; what nobody can be told is set aside visibly."""
    number = await submit(hub)
    hand.now = at("2026-03-03 10:50")
    context = HubContext(storage=hub, plugins=load_plugins(), accounts={}, hub_id="h", prefix="RJR")
    watcher = Watcher(context, rules)
    while await watcher.turn():
        pass
    async with hub.unit() as unit:
        assert (await unit.watches.get(number)).level is Level.L2
        told = await unit.notices.of_ticket(number)
    assert [(one.do, one.state, one.whom) for one in told] == [
        ("notify", "parked", ("owner",)),
        ("notify", "parked", ("owner", "lead")),
        ("raise", "done", ()),
        ("notify", "parked", ("L2",)),
    ]
    assert (await kinds(hub, number)).count("raised") == 1


async def test_a_public_comment_answers_and_a_closed_ticket_is_left_alone(
    hub: Storage, hand: Hand, rules: ServiceRules
) -> None:
    """An inside note does not."""
    context = HubContext(storage=hub, plugins=load_plugins(), accounts={}, hub_id="h", prefix="RJR")
    number = await submit(hub)
    await ticket_actions.comment(context, number, "for us", Visibility.PRIVATE, who="bob")
    await examine_due(hub, rules)
    assert len(await queries.running_clocks(hub)) == 1
    await ticket_actions.comment(context, number, "We are looking at your database now.", Visibility.PUBLIC, who="bob")
    await examine_due(hub, rules)
    assert await queries.running_clocks(hub) == []
    await ticket_actions.close(context, number, "restarted", who="bob")
    await examine_due(hub, rules)
    async with hub.unit() as unit:
        ticket = await unit.tickets.get(number)
    assert ticket is not None
    assert ticket.status is TicketStatus.CLOSED
    assert await steps(hub, number) == []


async def test_what_waits_for_an_answer_comes_with_what_happened_to_it(
    hub: Storage, hand: Hand, rules: ServiceRules, tmp_path: Path
) -> None:
    """Another offer is compared by changes too, watched or not; answered, closed and uncovered tickets do not wait."""
    context = HubContext(storage=hub, plugins=load_plugins(), accounts={}, hub_id="h", prefix="RJR")
    raised, answered, closed, _ = [
        await submit(hub, Severity.S3, name) for name in ("Ada Ltd", "Ada Ltd", "Ada Ltd", "Nobody Inc")
    ]
    hand.now = at("2026-03-03 13:00")
    await ticket_actions.change(context, raised, severity=Severity.S1, who="bob")
    await ownership.answered(hub, answered, None, who="bob")
    await ticket_actions.close(context, closed, "restarted", who="bob")
    ((number, history),) = await queries.waiting(hub, rules.offer)
    assert (number, [type(one) for one in history]) == (raised, [Started, Changed])
    text_ = files("hub.sla").joinpath("offer.toml").read_text("utf-8")
    other = tmp_path / "offer.toml"
    other.write_text(text_.replace('S1 = "1 business hour"', 'S1 = "2 business hours"'), "utf-8")
    (moves,) = moved_deadlines(rules.offer, read_offer(other), [(number, history)])
    assert (moves.before, moves.after) == (at("2026-03-03 14:00"), at("2026-03-03 15:00"))


async def test_the_past_is_replayed_through_another_policy(
    hub: Storage, hand: Hand, rules: ServiceRules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it would have done is told, each ticket's journal is read once, and nothing is changed."""
    number = await submit(hub)
    hand.now = at("2026-03-03 10:50")
    await examine_due(hub, rules)
    text_ = files("hub.sla").joinpath("policy.toml").read_text("utf-8")
    other = tmp_path / "policy.toml"
    other.write_text(text_.replace("at = 0.5", "at = 0.8"), "utf-8")
    read, reads = journal.read_kinds, list[str]()

    async def counted(connection: Any, chains: list[str], kinds: Any) -> Any:
        reads.extend(chains)
        return await read(connection, chains, kinds)

    monkeypatch.setattr(journal, "read_kinds", counted)
    before = await steps(hub, number)
    told = await queries.replayed(hub, rules, other, None, ticket="", since=timedelta(days=1))
    assert [(one.what, one.before, one.after) for one in told.differences] == [
        ("half", at("2026-03-03 10:30"), at("2026-03-03 10:48"))
    ]
    assert (told.tickets, reads) == (1, [number])
    assert await steps(hub, number) == before


async def test_a_million_quiet_tickets_cost_nothing(hub: Storage, hand: Hand) -> None:
    """The ten that are due next are read off the index of those that are due at all."""
    async with hub.engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO watch (ticket) SELECT 'OLD-' || lpad(n::text, 7, '0') FROM generate_series(1, 1000000) n")
        )
        await connection.execute(
            text(
                "INSERT INTO watch (ticket, due_at) SELECT 'NEW-' || n, CAST(:now AS timestamptz) + n * interval '1 s' "
                "FROM generate_series(1, 5000) n"
            ),
            {"now": hand.now},
        )
        await connection.execute(text("ANALYZE watch"))
    hand.now += timedelta(seconds=5001)
    async with hub.unit() as unit:
        assert [one.ticket for one in await unit.watches.claim(unit.now, 10)] == [f"NEW-{n}" for n in range(1, 11)]
        asked = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {CLAIM}")
        (plan,) = (await unit.connection.execute(asked, {"now": unit.now, "limit": 10})).scalar_one()
    scan = plan["Plan"]["Plans"][0]["Plans"][0]
    assert (scan["Node Type"], scan["Index Name"]) == ("Index Scan", "ix_watch_due")
    assert scan["Actual Rows"] <= 10
