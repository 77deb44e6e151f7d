"""Appointments and follow-ups: made where the plan allows it, reminded of once, settled once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from hub.customers import appointments, customers, entitled
from hub.db import journal
from hub.db.storage import Storage
from hub.db.unit import Unit, open_unit
from hub.desk.store import add_ticket
from hub.errors import BadInput, Conflict, NotFound, NotIncluded
from hub.model import AppointmentState, Contract, Customer, Severity, TicketDraft
from hub.sla.offer import read_offer

OFFER = read_offer()
YEAR = datetime.now(UTC).year + 1
SATURDAY = next(day for number in range(1, 8) if (day := datetime(YEAR, 6, number, 10)).weekday() == 5)
TUESDAY = SATURDAY + timedelta(days=3)


def at(storage: Storage, moment: datetime) -> Callable[[], object]:
    """A unit of work that takes place at a moment."""
    return lambda: open_unit(storage.engine, lambda: moment)


@pytest.fixture
async def tickets(storage: Storage) -> dict[str, str]:
    """A ticket under each plan, and one under none."""
    plans = {"100": "fast-track", "200": "continuous"}
    known = [
        Customer(
            number=number,
            name=number,
            zone="America/Vancouver",
            account_manager="carla",
            contracts=(Contract(number=f"K-{number}", customer=number, plan=plan, starts_on=date(2020, 1, 10)),),
        )
        for number, plan in plans.items()
    ]
    await customers.store_customers(storage, known, who="ops")
    found = {}
    for customer in (*plans, ""):
        draft = TicketDraft(title="T", severity=Severity.S2, customer=customer)
        found[plans.get(customer, "")] = (await add_ticket(storage, "RJR", draft, who="agent")).number
    return found


async def make(storage: Storage, number: str, moment: datetime, **more: object) -> object:
    known = {"minutes": 60, "agent": "bo", "who": "ana"}
    return await appointments.add(storage, OFFER, number, moment, **(known | more))  # type: ignore[arg-type]


async def kinds(storage: Storage, number: str) -> list[str]:
    async with storage.unit() as unit:
        return [one.kind for one in await journal.read(unit.connection, number)]


async def test_outside_business_hours_the_plan_decides(storage: Storage, tickets: dict[str, str]) -> None:
    """Fast-Track has no work on a Saturday, nor any that runs past closing time; a reason overrides it, journalled."""
    fast = tickets["fast-track"]
    assert not (await make(storage, fast, TUESDAY)).after_hours
    with pytest.raises(NotIncluded, match="Fast-Track does not include it; Continuous does"):
        await make(storage, fast, SATURDAY)
    late = TUESDAY.replace(hour=16, minute=30)  # in Vancouver, which is 19:30 in Toronto
    with pytest.raises(NotIncluded):
        await make(storage, fast, late)
    assert not (await make(storage, fast, late, minutes=30)).after_hours
    made = await make(storage, fast, SATURDAY, override=" goodwill ")
    assert made.after_hours
    async with storage.unit() as unit:
        told = [one.data for one in await journal.read(unit.connection, fast) if one.kind == "entitlement_overridden"]
    assert told == [{"feature": "after_hours_work", "plan": "fast-track", "reason": "goodwill", "who": "ana"}]
    assert (await make(storage, fast, SATURDAY)).after_hours  # it holds for the ticket
    assert (await make(storage, tickets["continuous"], SATURDAY)).after_hours
    with pytest.raises(NotIncluded, match="no plan"):
        await make(storage, tickets[""], SATURDAY)


async def test_a_time_without_zone_is_the_customers(storage: Storage, tickets: dict[str, str]) -> None:
    """Ten in Vancouver is 17:00 in UTC in summer; what has passed is refused."""
    made = await make(storage, tickets["continuous"], TUESDAY)
    assert made.starts_at.astimezone(UTC) == TUESDAY.replace(hour=17, tzinfo=UTC)
    with pytest.raises(BadInput, match="in the future"):
        await make(storage, tickets["continuous"], datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(NotFound):
        await make(storage, "RJR-999999", TUESDAY)


async def test_each_is_reminded_of_once(storage: Storage, tickets: dict[str, str]) -> None:
    """A day before it begins, the longest due first, by whichever worker comes first; cancelled ones are not."""
    moment = SATURDAY.replace(tzinfo=UTC)
    number = tickets["continuous"]
    later = await make(storage, number, moment + timedelta(hours=1))
    first = await make(storage, number, moment)
    gone = await make(storage, number, moment)
    await appointments.settle(storage, gone.id, AppointmentState.CANCELLED, who="ana")
    async with open_unit(storage.engine, lambda: moment - timedelta(hours=25)) as unit:
        assert await appointments.due_appointments(unit, 10) == []
    day_before = moment - timedelta(hours=23)
    async with open_unit(storage.engine, lambda: day_before) as unit:
        due = await appointments.due_appointments(unit, 10)
        assert [one.id for one in due] == [first.id, later.id]
        async with open_unit(storage.engine, lambda: day_before) as other:
            assert await appointments.due_appointments(other, 10) == []
        await unit.appointments.reminded([one.id for one in due], unit.now)
    async with open_unit(storage.engine, lambda: day_before) as unit:
        assert await appointments.due_appointments(unit, 10) == []


async def test_an_appointment_is_settled_once(storage: Storage, tickets: dict[str, str]) -> None:
    """Done or cancelled, with who said so; the ticket keeps it, the list of planned ones does not."""
    number = tickets["continuous"]
    made = await make(storage, number, TUESDAY)
    assert [one.id for one in await appointments.listed(storage)] == [made.id]
    await appointments.settle(storage, made.id, AppointmentState.DONE, who="bo")
    with pytest.raises(Conflict, match="already done"):
        await appointments.settle(storage, made.id, AppointmentState.CANCELLED, who="bo")
    with pytest.raises(NotFound):
        await appointments.settle(storage, 999, AppointmentState.DONE, who="bo")
    assert await appointments.listed(storage) == []
    (kept,) = await appointments.listed(storage, ticket=number)
    assert kept.state is AppointmentState.DONE
    assert (await kinds(storage, number))[-2:] == ["appointment_made", "appointment_done"]


async def test_follow_ups_are_due_monthly_under_plans_that_include_them(
    storage: Storage, tickets: dict[str, str]
) -> None:
    """Only Continuous has them; one reminder each, the next a month after the call; an ended contract asks for none."""

    async def due(day: date) -> list[str]:
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        async with open_unit(storage.engine, lambda: moment) as unit:
            found = await appointments.due_follow_ups(unit, OFFER, 10)
            await unit.appointments.follow_ups_reminded([one.contract for one in found], unit.now)
            return [one.contract for one in found]

    (coming,) = await appointments.follow_ups(storage, OFFER)
    assert (coming.contract, coming.account_manager, coming.due_on.day) == ("K-200", "carla", 10)
    assert await due(coming.due_on - timedelta(days=1)) == []
    assert await due(coming.due_on) == ["K-200"]
    assert await due(coming.due_on) == []
    today = datetime.now(UTC).date() - timedelta(days=2)
    after = await appointments.followed_up(storage, "K-200", today, who="carla")
    assert (after - today).days in range(28, 32)
    assert await due(after) == ["K-200"]
    assert (await kinds(storage, "customer:200"))[-1] == "followed_up"
    with pytest.raises(BadInput, match="in the future"):
        await appointments.followed_up(storage, "K-200", today + timedelta(days=9), who="carla")
    with pytest.raises(NotFound):
        await appointments.followed_up(storage, "K-999", None, who="carla")
    await appointments.followed_up(storage, "K-200", None, who="carla")
    await customers.edit_contract(storage, "K-200", {"ends_on": today}, who="ops")
    assert await due(after + timedelta(days=40)) == []


async def test_a_better_plan_begins_its_follow_ups_a_month_later(storage: Storage, tickets: dict[str, str]) -> None:
    """No call is due at once because the plan before had none; other changes leave the day alone."""
    await customers.edit_contract(storage, "K-100", {"plan": "continuous"}, who="ops")
    dues = {one.contract: one.due_on for one in await appointments.follow_ups(storage, OFFER)}
    assert (dues["K-100"] - datetime.now(UTC).date()).days in range(26, 33)
    called = datetime.now(UTC).date() - timedelta(days=2)
    dues["K-200"] = await appointments.followed_up(storage, "K-200", called, who="carla")
    await customers.edit_contract(storage, "K-200", {"products": ("Helix",)}, who="ops")
    assert {one.contract: one.due_on for one in await appointments.follow_ups(storage, OFFER)} == dues


async def _plan(unit: Unit, statement: str) -> str:
    await unit.connection.execute(text("SET LOCAL enable_seqscan = off"))
    rows = await unit.connection.execute(text(f"EXPLAIN {statement}"))
    return "\n".join(row[0] for row in rows)


async def test_due_ones_are_found_by_an_index(storage: Storage) -> None:
    """However many were settled or reminded of before."""
    async with storage.unit() as unit:
        due = "SELECT * FROM appointment WHERE state = 'planned' AND reminded_at IS NULL AND remind_at <= now() ORDER BY remind_at, id"
        assert "ix_appointment_due" in await _plan(unit, due)
        calls = "SELECT * FROM contract WHERE plan IN ('continuous') AND follow_up_on <= current_date AND follow_up_reminded_at IS NULL"
        assert "ix_contract_follow_up" in await _plan(unit, calls)


async def test_a_feature_is_required_and_overridden_for_one_ticket(storage: Storage, tickets: dict[str, str]) -> None:
    """The refusal names the command that overrides it; an override is for its ticket and feature only."""
    fast = tickets["fast-track"]
    with pytest.raises(NotIncluded) as caught:
        await entitled.require(storage, fast, "custom_reports", OFFER)
    assert f"hub plans check {fast} custom_reports --override REASON" in caught.value.next_step
    assert (await entitled.check(storage, fast, "custom_reports", OFFER, who="ops", override="pilot")).allowed
    assert (await entitled.check(storage, fast, "custom_reports", OFFER)).why.endswith("ops: pilot")
    assert not (await entitled.check(storage, fast, "report_creation", OFFER, override="  ")).allowed
    assert not (await entitled.check(storage, tickets[""], "custom_reports", OFFER)).allowed
    await entitled.check(storage, fast, "patches", OFFER, who="ops", override="not needed")
    assert (await kinds(storage, fast)).count("entitlement_overridden") == 1


async def test_a_hub_without_contracts_refuses_nothing(storage: Storage) -> None:
    """Nobody has to keep customers to go on as before."""
    draft = TicketDraft(title="T", severity=Severity.S2)
    number = (await add_ticket(storage, "RJR", draft, who="agent")).number
    assert (await entitled.require(storage, number, "custom_reports", OFFER)).allowed
