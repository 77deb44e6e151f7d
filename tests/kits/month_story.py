"""What happens in the month: tickets of every plan and severity, what their vendors do, outages, lost replies, deaths."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product

from month_cast import (
    ANSWER,
    BEGIN,
    FATES,
    LEAST,
    OURS,
    PLANS,
    QUESTION,
    REPLY,
    SPECIAL,
    VENDORS,
    Case,
    response_goal,
    vendor_goal,
)
from month_kit import HOURS_PASS, Died, Month
from month_rule import ALWAYS, Fact
from support_hours import at, deadline, is_working_day

from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import escalate
from hub.deadlines import ownership
from hub.errors import Conflict
from hub.model import Severity, Visibility
from hub.simulators.kit.ledger import Entry


class Story:
    """The month's plot, drawn with a seed."""

    def __init__(self, month: Month, vendors: Sequence[str]) -> None:
        self.month, self.dice = month, month.dice
        self.cases: list[Case] = []
        special = {key: list(times) for key, times in SPECIAL.items()}
        for number, (account, severity, plan) in enumerate(product(vendors, OURS, PLANS)):
            times = special.get((plan, severity), [])
            begun = at(times.pop()).astimezone(UTC) if times else self._moment(25)
            fate = FATES[(number + number // 8) % len(FATES)]
            policy = severity <= 2 and number % 3 == 0
            dice = random.Random(number)
            case = Case(plan, severity, account, fate, policy, begun, dice)
            self.cases.append(case)
            month.at(begun, lambda case=case: self._submit(case))
        for account in vendors:
            for kind in ("reset_before", "http_503") * 2:
                while not is_working_day((begin := self._moment(27)).date()):
                    pass
                self._outage(account, kind, deadline(begin, self.dice.randrange(1, 5 * 3600)).astimezone(UTC))
            for _ in range(2):
                month.at(self._moment(25), lambda account=account: self._lose(account))
        for _ in range(20):
            month.at(self._moment(28), self._doom)
        for _ in range(4):
            month.at(self._moment(28), self._restart)

    def _moment(self, days: float) -> datetime:
        return BEGIN + timedelta(seconds=self.dice.randrange(3600, int(days * 86_400)))

    def _later(self, case: Case, low: float, high: float, unit: float = 1.0) -> timedelta:
        return timedelta(seconds=int(case.dice.uniform(low, high) * unit))

    @property
    def now(self) -> datetime:
        return self.month.hand.now

    # --- our side ---

    async def _submit(self, case: Case) -> None:
        case.number = await self.month.house.ticket(
            f"{case.fate} at {case.account}",
            severity=Severity(case.severity),
            customer=PLANS[case.plan],
            vendor=VENDORS[case.account][0],
        )
        case.ours.append(Fact("start", self.now, self.now, case.severity))
        goal = response_goal(case.plan)(case.severity)
        share = case.dice.choice((0.1, 0.45, 0.6, 0.8, 1.3, 2.0, 0.0))
        if case.by_policy:
            share = max(share, 0.8)
        if share:
            when = goal.after(self.now, int(goal.seconds * share * case.dice.uniform(0.9, 1.1)))
            self.month.at(when, lambda: self._answer(case))
        if not case.by_policy:
            self.month.at(self.now + self._later(case, 2, 50, 60), lambda: self._escalate(case))

    async def _answer(self, case: Case) -> None:
        context = self.month.house.context
        given = self.now
        if case.dice.random() < 0.5:
            await ticket_actions.comment(
                context, case.number, "We look into your database now.", Visibility.PUBLIC, who="bob"
            )
        else:
            given = max(case.submitted, self.now - timedelta(minutes=7))
            await ownership.answered(context.storage, case.number, given, who="bob")
        case.ours.append(Fact("answer", given, self.now))

    async def _escalate(self, case: Case) -> None:
        with suppress(Conflict):  # the policy did it
            await escalate(self.month.house.context, case.number, case.account, {}, who="bob")
        await self._leaves(case)

    async def _reply(self, case: Case) -> None:
        """Our reply to the vendor's question."""
        case.replies += 1
        body = f"{REPLY} ({case.replies})"
        await ticket_actions.comment(self.month.house.context, case.number, body, Visibility.VENDOR, who="bob")
        await self._leaves(case)

    async def _raise(self, case: Case) -> None:
        """The ticket is more severe than was thought, or less."""
        severity = {1: 2, 2: 1, 3: 1, 4: 2}[case.severity]
        await ticket_actions.change(self.month.house.context, case.number, severity=Severity(severity), who="bob")
        await self._leaves(case)
        case.severity = severity
        for facts in (case.ours, case.theirs):
            facts.append(Fact("severity", self.now, self.now, severity))

    async def _leaves(self, case: Case) -> None:
        """Something is to be sent now; now and then a worker dies of it."""
        self.month.unsent.add(case.account)
        if case.dice.random() < 0.3:
            await self._doom()

    # --- the vendor's side ---

    async def sent(self) -> None:
        """Take note of what the vendors have now, and of which cases the hub knows by now."""
        by_number = {case.number: case for case in self.cases if case.number}
        for account, sim in self.month.house.sims.items():
            for entry in sim.ledger.of("case"):
                case = by_number[str(entry.key).rpartition("-")[0]]
                if not case.case:
                    case.case, case.bond = entry.id, str(entry.key)
                    case.theirs.append(Fact("start", _moment_of(entry), severity=case.severity))
                assert (case.case, case.account) == (entry.id, account), "a ticket has two cases"
        for case in (one for one in self.cases if one.case):
            known = f"SELECT count(*) FROM bond WHERE key = '{case.bond}' AND case_number <> ''"
            if case.theirs[0].known_at is ALWAYS and await self.month.execute(known):
                case.theirs[0].known_at = self.now
                self._plot(case)
            if case.resumed < case.replies and self._has_reply(case):
                case.resumed += 1
                self._engineer(case, "resume", "reopen")

    def _has_reply(self, case: Case) -> bool:
        notes = self.month.house.sims[case.account].ledger.of("note", case.case)
        return any(f"{REPLY} ({case.replies})" in str(one.text) for one in notes)

    def _plot(self, case: Case) -> None:
        """What the vendor's people will do."""
        goal = vendor_goal(case.severity)

        def when(low: float, high: float) -> datetime:
            share = case.dice.uniform(low, high)
            return max(goal.after(case.theirs[0].at, int(goal.seconds * share)), self.now + timedelta(seconds=61))

        match case.fate:
            case "prompt":
                self._act(case, self.now + timedelta(seconds=60), "", "auto_reply")
                answered = when(0.3, 0.7)
                self._act(case, answered, "answer", "answer", text=ANSWER)
                if case.severity > 1:  # in time, and heard too late for our own clocks
                    self._outage(case.account, "http_503", answered - timedelta(seconds=10))
            case "late":
                self._act(case, when(1.2, 2.5), "answer", "answer", text=ANSWER)
            case "asks late":
                self._act(case, when(1.2, 1.6), "ask", "ask", question=QUESTION)
            case "asks" | "asks twice":
                self._act(case, when(0.2, 0.4), "ask", "ask", question=QUESTION)
            case "resolves":
                self._act(case, when(0.4, 0.9), "answer", "resolve", text=ANSWER)
            case "raised":
                self.month.at(when(0.2, 0.6), lambda: self._raise(case))
                self._act(case, when(0.8, 1.1), "answer", "answer", text=ANSWER)

    def _act(self, case: Case, when: datetime, kind: str, action: str, **words: str) -> None:
        async def act() -> None:
            self._engineer(case, kind, action, **words)

        self.month.at(when, act)

    def _engineer(self, case: Case, kind: str, action: str, **words: str) -> None:
        sim = self.month.house.sims[case.account]
        before = len(sim.ledger.entries)
        sim.act(action, {"number": case.case, **words})
        stored = sim.ledger.entries[before:]
        if kind:
            assert {one.at for one in stored} == {self.now.timestamp()}, f"{case.account} {action}: {stored}"
            case.theirs.append(Fact(kind, _moment_of(stored[-1])))
            case.questions += kind == "ask"
        self._poll_soon(case.account)

    def _heard(self, case: Case, fact: Fact) -> None:
        """What is done once the hub knows of something."""
        if fact.kind == "ask":
            self.month.at(self.now + self._later(case, 1, 20, 3600), lambda: self._reply(case))
        elif fact.kind == "resume" and case.fate == "asks twice" and case.questions < 2:
            self._act(case, self.now + self._later(case, 5, 30, 60), "ask", "ask", question=f"{QUESTION} And node one?")
        elif fact.kind == "resume":
            self._act(case, self.now + self._later(case, 0.1, 9, 3600), "answer", "answer", text=ANSWER)

    # --- the line between them ---

    def _poll_soon(self, account: str) -> None:
        when = self.now + timedelta(seconds=self.dice.randrange(150, 600))
        self.month.at(when, lambda: self._poll(account))

    async def _poll(self, account: str) -> None:
        month = self.month
        here = [case for case in self.cases if case.account == account]
        new = [fact for case in here for fact in case.theirs if fact.known_at is ALWAYS]
        if any(fact.at > self.now - LEAST for fact in new):  # whether it is told already is the vendor's affair
            month.at(self.now + LEAST, lambda: self._poll(account))
            return
        while True:
            await month.execute(HOURS_PASS)
            worker = self.dice.choice(month.workers)
            try:
                await worker.pull(account)
            except Died:
                await month.replace(worker)
            else:
                break
        error = await month.execute(f"SELECT error FROM stream WHERE account = '{account}' AND kind = 'cases'")
        assert bool(error) is (account in month.away), error
        for case in here if not error else ():
            for fact in case.theirs:
                if fact.known_at is ALWAYS and fact.kind != "start":
                    fact.known_at = self.now
                    self._heard(case, fact)

    def _outage(self, account: str, kind: str, begin: datetime) -> None:
        """Some hours in which nothing gets through."""
        sim, month = self.month.house.sims[account], self.month

        async def go() -> None:
            month.away.add(account)
            sim.faults.add(kind)

        async def come_back() -> None:
            month.away.discard(account)
            sim.faults.clear()
            await month.execute(HOURS_PASS)
            month.unsent.add(account)
            self._poll_soon(account)

        month.at(begin, go)
        month.at(begin + timedelta(hours=1), lambda: self._poll(account))
        month.at(begin + timedelta(seconds=self.dice.randrange(3 * 3600, 9 * 3600)), come_back)

    async def _lose(self, account: str) -> None:
        self.month.house.sims[account].faults.add("lost_reply", operation="create", times=1)

    async def _restart(self) -> None:
        """Another release: all workers end, and others begin."""
        for worker in list(self.month.workers):
            await self.month.replace(worker)

    async def _doom(self) -> None:
        self.dice.choice(self.month.workers).die(self.dice.randint(1, 6), committed=self.dice.random() < 0.5)


def _moment_of(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.at, UTC)
