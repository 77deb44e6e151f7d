"""The plugin against a simulated Remote Support site, over real HTTP."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from proofs import sizes

from hub.errors import (
    CaseRefused,
    DeliveryRefused,
    HubError,
    LoginRefused,
    NotPermitted,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.http import Client
from hub.model import Account, Contact, Severity, Ticket, TicketStatus, WebhookRequest
from hub.simulators.beyondtrust import NAMESPACES, Appliance, Options
from hub.simulators.kit import serve
from plugins.bomgar import plugin
from plugins.bomgar.settings import ApplianceSettings

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TICKET = Ticket(
    id=1,
    number="RJR-000123",
    title="Screen stays black",
    description="",
    severity=Severity.S1,
    status=TicketStatus.OPEN,
    source="hub",
    source_id="",
    product="",
    vendor="",
    customer="Northwind",
    contact=Contact(),
    language="en",
    fields={},
    created_at=AT,
    updated_at=AT,
)
SITE = plugin.part("appliance")


@asynccontextmanager
async def site(
    changes: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[tuple[Appliance, Account[ApplianceSettings]]]:
    """A site on loopback and an account that fits it."""

    async def at_once(_: float) -> None:
        return

    sim = Appliance(options=Options(**options))
    async with serve(sim) as served:
        known = {"vendor": "bomgar", **sim.account(served.url), **(changes or {})}
        settings = ApplianceSettings.model_validate(known)
        connection = SITE.hub_connect(settings)
        async with Client(connection, account="rs", vendor="bomgar", sleep=at_once) as client:
            yield sim, Account("rs", settings, client)


async def run(account: Account[ApplianceSettings], cursor: Any = None) -> tuple[list[Any], list[Any], Any]:
    """All pages of one run: items, quarantined and the cursor."""
    items: list[Any] = []
    odd: list[Any] = []
    cursor, more = cursor or {}, True
    while more:
        page = await SITE.hub_changed_sessions(account, cursor)
        items, odd, cursor, more = [*items, *page.items], [*odd, *page.quarantined], page.cursor, page.more
    return items, odd, cursor


@pytest.mark.parametrize("name", NAMESPACES)
async def test_a_session_is_told_from_its_key_to_its_report(name: str) -> None:
    """Key, open session and ended session are told in each namespace, with chat public and notes private."""
    async with site({"severity_field": "rjr_severity"}, namespace=name) as (sim, account):
        made = await SITE.hub_start_session(account, TICKET)
        assert (made.ticket_number, made.queue, len(made.code)) == ("RJR-000123", "team:12", 7)
        assert "?ak=" in made.address
        assert made.expires_at is not None
        lsid = sim.engineer.join(made.code)
        (told,), _, cursor = await run(account)
        assert (told.reference, told.ended_at) == (lsid, None)
        sim.engineer.chat(lsid, "Which <browser>?")
        sim.engineer.note(lsid, "odd \x01 byte")
        sim.engineer.transfer_file(lsid, "fix.zip")
        sim.engineer.end(lsid)
        (told,), odd, cursor = await run(account, cursor)
        again, _, _ = await run(account, cursor)
    assert [(one.body, one.public) for one in told.chat] == [
        ("Which <browser>?", True),
        ("odd \N{REPLACEMENT CHARACTER} byte", False),
    ]
    assert (told.ticket_number, told.agents, again, odd) == ("RJR-000123", ("Lee Agent",), [], [])
    assert "fix.zip (20480 bytes)" in told.report
    assert told.recording
    assert sim.state.sessions[lsid].attributes["rjr_severity"] == "1"


@pytest.mark.parametrize("count", sizes("ten-thousand", 1_000, 10_000))
async def test_many_sessions_come_once_each(count: int) -> None:
    """Sessions in runs of equal times are told once, though the token expires on the way."""
    async with site() as (sim, account):
        made = sim.fill(count, run=300)
        sim.clock.shift(2)  # what is read in the second of its change is told once more
        sim.faults.add("token_dropped", operation="query", nth=1)
        items, odd, cursor = await run(account)
        again, _, _ = await run(account, cursor)
    assert sorted(one.reference for one in items) == sorted(made)
    assert (odd, again) == ([], [])


@pytest.mark.parametrize("kind", ["entity_bomb", "outside_entity", "unended_xml", "login_page"])
async def test_hostile_or_broken_xml_is_refused(kind: str) -> None:
    """Entities, DTDs, cut documents and pages raise VendorMisbehaved and quote nothing."""
    async with site() as (sim, account):
        sim.faults.add(kind, operation="query")
        with pytest.raises(VendorMisbehaved) as caught:
            await SITE.hub_changed_sessions(account, {})
    assert "aaaa" not in str(caught.value)
    assert "passwd" not in str(caught.value)


async def test_an_error_document_is_an_error_and_its_words_stay_inside() -> None:
    """HTTP 200 with an error document raises what it means, never quoting it."""
    async with site() as (sim, account):
        sim.faults.add("error_document", operation="create", value="secret of a customer", times=1)
        with pytest.raises(CaseRefused) as caught:
            await SITE.hub_start_session(account, TICKET)
        assert "customer" not in str(caught.value)
    async with site({"queue": "team:99"}) as (_, account):
        with pytest.raises(CaseRefused, match="no such queue"):
            await SITE.hub_start_session(account, TICKET)
    async with site(permissions={"perm_command": "read_only"}) as (_, account):
        with pytest.raises(NotPermitted):
            await SITE.hub_start_session(account, TICKET)
    async with site({"client_secret": "wrong"}) as (_, account):
        with pytest.raises(LoginRefused):
            await SITE.hub_start_session(account, TICKET)


async def test_an_empty_report_is_no_error() -> None:
    """A site without sessions tells none, whether it answers with an empty list or an error document."""
    for as_error in (False, True):
        async with site(empty_is_error=as_error) as (_, account):
            assert (await run(account))[:2] == ([], [])


async def test_a_session_without_a_usable_time_is_set_aside() -> None:
    """Sessions whose times can't be read are quarantined by lsid."""
    async with site() as (sim, account):
        (lsid,) = sim.fill(1)
        sim.faults.add("odd_time")
        items, odd, _ = await run(account)
    assert items == []
    assert {one.reference for one in odd} == {lsid}


async def test_the_check_names_what_lacks() -> None:
    """A good account passes; a read-only one and a missing team are named, with the teams that there are."""
    async with site() as (_, account):
        assert all(one.ok for one in await SITE.hub_check_account(account))
    async with site({"queue": "team:99"}, permissions={"perm_command": "read_only"}) as (_, account):
        found = {one.name: one for one in await SITE.hub_check_account(account)}
    assert not found["permissions"].ok
    assert not found["queue"].ok
    assert "team:12 L2 Platform" in found["queue"].next_step


async def test_ten_thousand_forged_deliveries_are_refused() -> None:
    """Of 10,000 deliveries with a changed secret none is believed; the true one is, under the old secret too."""
    dice = random.Random(7)
    async with site({"webhook_secret_old": "an old secret that is long enough"}) as (sim, account):
        push = sim.push(sim.fill(1)[0])
        true = WebhookRequest(headers=dict(push.headers), body=push.body, received_at=AT, path=push.path)
        said = await SITE.hub_read_webhook(account, true)
        old = await SITE.hub_read_webhook(account, true.evolve(path="an old secret that is long enough"))
        assert (said.stream, said.id) == ("sessions", old.id)
        believed = 0
        for _ in range(10_000):
            path, body = list(push.path), bytearray(push.body)
            body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
            at = dice.randrange(1, len(path))
            path[at:] = path[at + 1 :] if dice.random() < 0.3 else [chr(ord(path[at]) ^ 1), *path[at + 1 :]]
            try:
                await SITE.hub_read_webhook(account, true.evolve(path="".join(path), body=bytes(body)))
                believed += 1
            except DeliveryRefused:
                pass
    assert believed == 0


async def test_a_lost_reply_leaves_a_key_that_expires() -> None:
    """A key whose reply was lost is sent for once, is in doubt, and can't be used after its time."""
    async with site({"key_seconds": 60}) as (sim, account):
        sim.faults.add("lost_reply", operation="create")
        with pytest.raises(VendorUnavailable) as caught:
            await SITE.hub_start_session(account, TICKET)
        (code,) = sim.state.keys
        sim.clock.shift(61)
        with pytest.raises(ValueError, match="expired"):
            sim.engineer.join(code)
    assert caught.value.in_doubt
    assert sim.state.sessions == {}


async def test_a_late_report_is_not_missed() -> None:
    """A session whose report appears after that of a later end is told by the next look, within the overlap."""
    async with site() as (sim, account):
        sim.clock.shift(-1000)  # well behind the reply's Date, which would hold the stream back too
        early, late = [sim.engineer.join((await SITE.hub_start_session(account, TICKET)).code) for _ in range(2)]
        sim.engineer.end(late)
        hidden = sim.state.sessions.pop(late)
        sim.clock.shift(5)
        sim.engineer.end(early)
        first, _, cursor = await run(account)
        sim.state.sessions[late] = hidden
        second, _, cursor = await run(account, cursor)
        third, _, _ = await run(account, cursor)
    assert [[one.reference for one in told] for told in (first, second, third)] == [[early], [late], []]


@pytest.mark.parametrize("kind", sorted(set(Appliance().faults.kinds) - {"drip", "delay_before", "delay_after"}))
async def test_every_fault_is_an_error_of_the_hub(kind: str) -> None:
    """Whatever goes wrong on every call, a hook returns or raises a HubError, and no second key is made."""
    async with site({"timeout_seconds": 10}) as (sim, account):
        sim.fill(2)
        sim.faults.add(kind, size=1000)
        for ask in (
            lambda: SITE.hub_start_session(account, TICKET),
            lambda: SITE.hub_changed_sessions(account, {}),
            lambda: SITE.hub_check_account(account),
        ):
            with suppress(HubError):
                await ask()
    assert len(sim.state.keys) <= 1
