"""A month of outages, restarts and two workers: every step once and in time, and a true scorecard."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from month_cast import BEGIN, END, PLANS, VENDORS, Case, response_goal, vendor_goal
from month_kit import Month, open_month
from month_rule import Clock, Step, Taken, percentile, taken
from month_story import Story
from proofs import sizes
from support_hours import CLOSES, OPENS, TORONTO, is_working_day

from hub.customers.customers import add_customer
from hub.deadlines import queries
from hub.model import Contract, Customer

OURS = (
    Step("half", 0.5),
    Step("warning", 0.75),
    Step("raise", 0.75, (1, 2)),
    Step("breach", 1.0),
    Step("to-the-vendor", 0.4, (1, 2)),
)
THEIRS = (
    Step("vendor-warning", 0.75),
    Step("vendor-breach", 1.0),
    Step("vendor-too-late"),
    Step("vendor-waits-for-us"),
)
"""The shipped policy's steps, and one more."""

MORE = """
[[steps]]
name = "to-the-vendor"
clock = "response"
at = 0.4
do = "escalate"
severities = ["S1", "S2"]
"""
WITHIN = {"S1": "1 clock hour", "S2": "3 business hours", "S3": "8 business hours", "S4": "24 business hours"}


@pytest.mark.parametrize("vendors", sizes("month", 2, 7))
async def test_a_month_takes_every_step_once_and_keeps_a_true_scorecard(
    database_url: str, tmp_path: Path, vendors: int
) -> None:
    """What was done is what ought to have been, to the second, by a rule of its own and the vendors' ledgers."""
    policy = tmp_path / "policy.toml"
    policy.write_text(files("hub.sla").joinpath("policy.toml").read_text("utf-8") + MORE)
    accounts = dict(list(VENDORS.items())[-vendors:])
    changes = {account: {"answers_within": WITHIN, "settle_seconds": 60} for account in accounts}
    if "entrust" in changes:
        changes["entrust"] |= {"token_flow": "client_credentials", "consumer_secret": "example-consumer-secret"}
    async with open_month(database_url, BEGIN, policy, accounts, **changes) as month:
        for number, (plan, name) in enumerate(PLANS.items()):
            contract = Contract(number=f"C-{number}", customer=str(number), plan=plan, starts_on=date(2027, 1, 1))
            customer = Customer(number=str(number), name=name, contracts=(contract,))
            await add_customer(month.house.context.storage, customer, who="ann")
        story = Story(month, list(accounts))
        month.sent = story.sent
        await month.run(END)
        done = await _steps(month)
        wrong = {
            case.number: (case, done.get(case.number, []))
            for case in story.cases
            if done.get(case.number, []) != _wanted(case)
        }
        assert wrong == {}
        assert await _scores(month) == _true_scores(story)
        await _people_were_told(month, story)
        _a_warning_came_before_each_breach(await _journalled(month))
        assert [fault async for _, faults in month.house.context.storage.verify() for fault in faults] == []
    _much_happened(story, [step for steps in done.values() for step in steps], vendors / len(VENDORS))


def _much_happened(story: Story, steps: list[Taken], share: float) -> None:
    """The month was no quiet one: every step was taken, workers died, replies were lost, answers were heard late."""
    taken_steps = Counter(one.step for one in steps)
    assert set(taken_steps) == {one.name for one in (*OURS, *THEIRS)}
    assert min(taken_steps.values()) >= 3 * share
    assert story.month.deaths >= 10 * share
    injected = sum((sim.faults.injected for sim in story.month.house.sims.values()), Counter())
    assert min(injected[kind] for kind in ("reset_before", "http_503", "lost_reply")) >= 5 * share
    heard = [fact for case in story.cases for fact in case.theirs if fact.known_at < END]
    assert sum(fact.known_at - fact.at > timedelta(hours=1) for fact in heard) >= 3 * share
    assert sum(one.since.astimezone(TORONTO).weekday() >= 5 for one in steps) >= 5 * share
    assert any(date(2027, 3, 14) == one.since.astimezone(TORONTO).date() for one in steps)


def _a_warning_came_before_each_breach(journalled: Iterable[tuple[str, Taken]]) -> None:
    """On the same clock, in the order of the journal."""
    warned: set[tuple[str, str]] = set()
    for ticket, one in journalled:
        if one.step in {"warning", "vendor-warning"}:
            warned.add((ticket, one.clock))
        assert "breach" not in one.step or (ticket, one.clock) in warned, (ticket, one)


async def _people_were_told(month: Month, story: Story) -> None:
    """Of each notice once, within business hours unless the plan is for all hours; each ticket was raised once at most."""
    assert [key for key, times in Counter(key for key, _ in month.told).items() if times > 1] == []
    always = {case.number for case in story.cases if case.plan == "continuous"}
    for key, at in ((key, at) for key, at in month.told if key.startswith("RJR-")):
        local = at.astimezone(TORONTO)
        open_now = is_working_day(local.date()) and OPENS <= local.hour < CLOSES
        assert open_now or (key.partition(":")[0] in always and "/S1/" in key), (key, at)
    left = "SELECT count(*) FROM notice WHERE state NOT IN ('done', 'ready') OR (state = 'ready' AND due_at < '{}')"
    assert await month.execute(left.format(END.isoformat())) == 0
    twice = (
        "SELECT count(*) FROM (SELECT chain FROM journal WHERE kind = 'raised' GROUP BY chain HAVING count(*) > 1) c"
    )
    assert await month.execute(twice) == 0


def _wanted(case: Case) -> list[Taken]:
    """The steps of both clocks of a ticket, in order."""
    goals = response_goal(case.plan)

    def ours(now: datetime) -> datetime | None:
        clock = Clock([one for one in case.ours if one.known_at <= now], goals)
        return None if clock.answered else clock.due()

    found = taken("response", case.ours, goals, OURS, END)
    moments = [one.known_at for one in case.ours]
    return sorted(found + taken(case.bond, case.theirs, vendor_goal, THEIRS, END, ours, moments))


async def _journalled(month: Month) -> list[tuple[str, Taken]]:
    """The steps that the journal tells of, with their tickets, in order."""
    asked = "SELECT chain, at, data FROM journal WHERE kind = 'step_taken' ORDER BY chain, position"
    async with month.house.context.storage.unit() as unit:
        rows = await unit.connection.exec_driver_sql(asked)
        return [
            (chain, Taken(at, datetime.fromisoformat(data["since"]), data["clock"], data["step"]))
            for chain, at, data in rows
        ]


async def _steps(month: Month) -> dict[str, list[Taken]]:
    """The same by ticket, sorted."""
    found: dict[str, list[Taken]] = defaultdict(list)
    for ticket, step in await _journalled(month):
        found[ticket].append(step)
    return {ticket: sorted(steps) for ticket, steps in found.items()}


async def _scores(month: Month) -> dict[tuple[str, str], tuple[int | None, ...]]:
    scores = await queries.scores(month.house.context.storage, timedelta(days=40))
    return {
        (one.vendor, one.severity): (
            one.cases,
            one.answered,
            one.median_seconds,
            one.ninetieth_seconds,
            one.breaches,
            one.questions,
        )
        for one in scores
    }


def _true_scores(story: Story) -> dict[tuple[str, str], tuple[int | None, ...]]:
    """The same from what the vendors' ledgers say."""
    groups: dict[tuple[str, str], list[tuple[Case, Clock]]] = defaultdict(list)
    for case in story.cases:
        if case.theirs:
            clock = Clock(case.theirs, vendor_goal)
            groups[VENDORS[case.account][0], f"S{clock.severity}"].append((case, clock))
    found = {}
    for key, pairs in groups.items():
        used = [clock.used() for _, clock in pairs if clock.answered]
        found[key] = (
            len(pairs),
            len(used),
            percentile(used, 0.5),
            percentile(used, 0.9),
            sum(clock.late(END) for _, clock in pairs),
            sum(case.questions for case, _ in pairs),
        )
    return found
