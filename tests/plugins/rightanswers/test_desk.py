"""What is special about Upland's help desk: RjR is a customer there, and may do what customers may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hub.errors import CaseRefused, FieldRefused, NotPermitted
from hub.http import Client
from hub.model import Account, CaseChanges, CaseDraft, CaseStatus, Comment, Severity
from hub.simulators.kit import serve
from hub.simulators.zendesk import Options
from plugins.rightanswers import plugin as rightanswers
from plugins.rightanswers.desk import ADDRESS, DeskSettings
from plugins.rightanswers.simulator import HelpDesk, desk

KEY = "RJR-000042-7F3KQ"
DRAFT = CaseDraft(
    key=KEY,
    title="Hybrid search answers 500",
    description="Since 08:10 UTC.",
    severity=Severity.S2,
    ticket_number="RJR-000042",
    answers={"tenant": "northwind", "area": "search"},
)
CLOSE = CaseChanges(status=CaseStatus.CLOSED, resolution="It works again.", key=f"{KEY}/4-X2Q2")


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[tuple[Account[DeskSettings], HelpDesk, Any]]:
    """An account at the simulated desk, with one case; its waits take no time."""

    async def at_once(_: float) -> None:
        return

    sim = desk(Options(profile="enduser", **options))
    async with serve(sim) as served:
        settings = DeskSettings(vendor="rightanswers", **sim.account(served.url))
        connection = rightanswers.hub_connect(settings)
        async with Client(connection, account="ra", vendor="rightanswers", sleep=at_once) as client:
            account = Account("ra", settings, client)
            yield account, sim, await rightanswers.hub_open_case(account, DRAFT)


async def _read(account: Any, case: Any) -> Any:
    return await rightanswers.hub_read_case(account, case.reference)


def test_the_address_is_uplands_unless_told_otherwise() -> None:
    """The account is known from the sign-in of Upland's community; the login is a customer's."""
    settings = DeskSettings(vendor="rightanswers", email="l1@rjr.example", api_token="k")
    assert (settings.base_url, settings.profile, settings.platform) == (ADDRESS, "enduser", "desk")


async def test_a_case_carries_its_key_and_its_answers() -> None:
    """The key stands in the subject, tenant and severity in the text; the case is found by its key."""
    async with opened() as (account, sim, case):
        stored = sim.ledger.of("case")[0]
        assert stored.key == KEY
        assert "Tenant: northwind" in stored.text
        assert "Severity: 2" in stored.text
        found = await rightanswers.hub_find_case(account, KEY)
        assert (found.reference, found.title, found.severity) == (case.reference, DRAFT.title, Severity.S2)


async def test_where_priorities_are_hidden_a_case_has_no_severity() -> None:
    """What the vendor does not tell is not made up."""
    async with opened() as (account, sim, case):
        sim.state.change(sim.state.ticket(case.reference.number), {"priority": None})
        assert (await _read(account, case)).severity is None


async def test_a_case_is_solved_once_the_vendor_lets_us() -> None:
    """Before it is assigned closing is refused and writes nothing; then it is said and solved once, however often."""
    async with opened() as (account, sim, case):
        before = len(sim.ledger.entries)
        with pytest.raises(CaseRefused, match="solve"):
            await rightanswers.hub_change_case(account, case.reference, CLOSE)
        assert len(sim.ledger.entries) == before
        sim.engineer.take(case.reference.number)
        for _ in range(2):
            await rightanswers.hub_change_case(account, case.reference, CLOSE)
        told = await _read(account, case)
        assert told.status is CaseStatus.RESOLVED
        assert [(one.body, one.key) for one in told.comments] == [("It works again.", CLOSE.key)]


async def test_a_solved_case_is_opened_again_by_a_comment_and_a_closed_one_is_not() -> None:
    """Reopening writes one comment, as often as it is tried; closed is final."""
    async with opened() as (account, sim, case):
        number, reopen = case.reference.number, CaseChanges(status=CaseStatus.OPEN, key=f"{KEY}/5-X2Q3")
        sim.engineer.resolve(number, "Index rebuilt.")
        for _ in range(2):
            await rightanswers.hub_change_case(account, case.reference, reopen)
        told = await _read(account, case)
        assert told.status is CaseStatus.IN_PROGRESS
        assert [one.key for one in told.comments] == ["", reopen.key]
        sim.engineer.close(number)
        with pytest.raises(CaseRefused, match="closed"):
            await rightanswers.hub_change_case(account, case.reference, reopen)
        with pytest.raises(CaseRefused):
            await rightanswers.hub_add_comment(account, case.reference, Comment(body="x", public=True, key=KEY))


async def test_what_a_customer_cannot_change_is_refused_by_name() -> None:
    """Another severity or title is not dropped in silence, as the vendor's own interface would."""
    async with opened() as (account, _, case):
        for changes, field in ((CaseChanges(severity=Severity.S1), "severity"), (CaseChanges(title="x"), "title")):
            with pytest.raises(FieldRefused) as caught:
                await rightanswers.hub_change_case(account, case.reference, changes)
            assert caught.value.field == field
        with pytest.raises(CaseRefused, match="public"):
            await rightanswers.hub_add_comment(account, case.reference, Comment(body="x", public=False, key=KEY))


async def test_an_answer_that_quotes_our_mark_is_no_comment_of_ours() -> None:
    """The mark counts in comments that we wrote."""
    async with opened() as (account, sim, case):
        key = f"{KEY}/2-X2Q2"
        added = await rightanswers.hub_add_comment(account, case.reference, Comment(body="Logs?", public=True, key=key))
        sim.engineer.answer(case.reference.number, f"You wrote: Logs?\n\n[{key}]")
        ours, theirs = (await _read(account, case)).comments
        assert (ours.key, ours.reference, theirs.key) == (key, added.reference, "")


async def test_a_customers_login_does_for_no_agent() -> None:
    """With profile agent the same login is refused, and the account check says so."""
    async with opened() as (account, _, case):
        wrong = Account("ra", account.settings.model_copy(update={"profile": "agent"}), account.client)
        with pytest.raises(NotPermitted):
            await _read(wrong, case)
        assert [one.ok for one in await rightanswers.hub_check_account(wrong)] == [False, False, True]
        assert all(one.ok for one in await rightanswers.hub_check_account(account))
