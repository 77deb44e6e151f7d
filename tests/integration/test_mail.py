"""Cases by mail through the whole hub: copies of our own mails, and a mailbox whose UIDs begin anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from vendor_kit import House, open_house

from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import escalate
from hub.bonding.repair.link import connect, relink, unlink
from hub.errors import BadInput
from hub.model import Bond, BondState, OperationState, Visibility

DESK = "desk"
Open = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def house(database_url: str) -> Open:
    """Opens a hub with one account that is a mailbox, with these settings."""

    @asynccontextmanager
    async def opened(**settings: object) -> AsyncIterator[House]:
        account = {"settle_seconds": 0, **settings}
        async with open_house(database_url, {DESK: ("winmagic", "email")}, **{DESK: account}) as made:
            yield made

    return opened


async def bond(house: House, number: str) -> Bond:
    async with house.context.storage.unit() as unit:
        return (await unit.bonds.find(number))[0]


async def escalated(house: House) -> str:
    """The number of a ticket whose case was sent."""
    number = await house.ticket()
    await escalate(house.context, number, DESK, {}, who="agent")
    await house.send(DESK)
    return number


async def say(house: House, number: str, body: str) -> None:
    await ticket_actions.comment(house.context, number, body, Visibility.VENDOR, who="agent")
    await house.send(DESK)


async def comments(house: House, number: str, origin: str) -> list[str]:
    """What was said on the ticket by people of one side."""
    async with house.context.storage.unit() as unit:
        ticket = await unit.tickets.named(number)
        said = await unit.comments.of_ticket(ticket.id)
    return [one.body for one in said if one.origin == origin and not one.automatic]


async def waiting(house: House, number: str) -> list[tuple[OperationState, str]]:
    async with house.context.storage.unit() as unit:
        pending = await unit.operations.pending((await unit.bonds.find(number))[0].id)
    return [(one.state, one.reason) for one in pending]


async def settled_by_looking(house: House) -> int:
    found = await house.row("SELECT count(*) AS n FROM journal WHERE kind = 'done' AND data->>'looked' = 'found'")
    return int(found.n)


async def test_a_copy_settles_a_doubt_and_is_no_news(house: Open) -> None:
    """The answer to opening and comment is lost: the copies tell that both left, neither is sent again, none is heard."""
    async with house(sent_copy=True) as hub:
        sim = hub.sims[DESK]
        for operation in ("create", "note"):
            sim.faults.add("lost_reply", operation=operation, times=1)
        number = await escalated(hub)
        assert (await bond(hub, number)).state is BondState.OPEN
        await say(hub, number, "Is it known?")
        assert await waiting(hub, number) == []
        assert await settled_by_looking(hub) == 2
        assert [one.recipients for one in sim.accepted] == [(sim.seeds.vendor_address, sim.seeds.address)] * 2
        assert (len(sim.ledger.of("case")), len(sim.ledger.of("note"))) == (1, 2)  # one note is the machine's

        for _ in range(2):
            await hub.pull(DESK, "cases")
        assert await comments(hub, number, "rjr") == ["Is it known?"]
        assert await comments(hub, number, "vendor") == []
        sim.act("answer", {"number": (await bond(hub, number)).key, "text": "It is."})
        await hub.pull(DESK, "cases")
        assert await comments(hub, number, "vendor") == ["It is."]
        assert len(sim.accepted) == 2


async def test_a_mail_without_a_copy_is_sent_again(house: Open) -> None:
    """A line that was cut after the dot, before the host took the mail: no copy, so that it goes once more, and once."""
    async with house(sent_copy=True) as hub:
        sim = hub.sims[DESK]
        sim.faults.add("reset_before", operation="create", times=1)
        number = await escalated(hub)
        assert (await bond(hub, number)).state is BondState.OPEN
        assert await settled_by_looking(hub) == 0
        assert sim.faults.injected["reset_before"] == 1
        assert (len(sim.accepted), len(sim.ledger.of("case"))) == (1, 1)


async def test_without_copies_a_person_settles_the_doubt(house: Open) -> None:
    """The same loss is parked with its reason, and nothing is sent again; an answer is heard, and the doubt stays."""
    async with house() as hub:
        sim = hub.sims[DESK]
        sim.faults.add("lost_reply", operation="create", times=1)
        number = await escalated(hub)
        assert (await bond(hub, number)).state is BondState.IN_DOUBT
        ((state, reason),) = await waiting(hub, number)
        assert state is OperationState.PARKED
        assert "can't be asked whether" in reason
        assert [one.recipients for one in sim.accepted] == [(sim.seeds.vendor_address,)]

        sim.act("answer", {"number": (await bond(hub, number)).key, "text": "We are on it."})
        await hub.pull(DESK, "cases")
        assert await comments(hub, number, "vendor") == ["We are on it."]
        assert (await bond(hub, number)).state is BondState.IN_DOUBT


async def test_a_person_who_found_the_mail_ends_the_doubt(house: Open) -> None:
    """Named by its key the case is tied, what waited behind it goes out, and the opening is not sent again."""
    async with house() as hub:
        sim = hub.sims[DESK]
        sim.faults.add("lost_reply", operation="create", times=1)
        number = await escalated(hub)
        await say(hub, number, "Is it known?")
        with pytest.raises(BadInput, match="can't be asked for case CS-1042") as caught:
            await connect(hub.context, number, DESK, "CS-1042", who="agent")
        key = (await bond(hub, number)).key
        assert key in caught.value.next_step
        assert (await connect(hub.context, number, DESK, key, who="agent")).state is BondState.OPEN
        await hub.send(DESK)
        assert await waiting(hub, number) == []
        assert (len(sim.accepted), len(sim.ledger.of("case"))) == (2, 1)
        sim.act("answer", {"number": key, "text": "It is."})
        await hub.pull(DESK, "cases")
        assert await comments(hub, number, "vendor") == ["It is."]
        assert (await unlink(hub.context, key, who="agent")).state is BondState.UNLINKED
        assert (await relink(hub.context, key, who="agent")).state is BondState.OPEN


@pytest.mark.parametrize("nth", [1, 2], ids=["between two runs", "between two pages"])
async def test_uids_that_begin_anew_lose_and_double_nothing(house: Open, nth: int) -> None:
    """With another UIDVALIDITY the folder is read again: what was told is not told twice, and what came is told."""
    async with house(page_size=3) as hub:
        sim = hub.sims[DESK]
        number = await escalated(hub)
        key = (await bond(hub, number)).key
        wanted = [f"answer {at}" for at in range(14)]
        for text in wanted[:7]:
            sim.act("answer", {"number": key, "text": text})
        await hub.pull(DESK, "cases")
        assert await comments(hub, number, "vendor") == wanted[:7]
        for text in wanted[7:]:
            sim.act("answer", {"number": key, "text": text})
        del sim.mailbox.inbox.mails[:2]  # a person tidied up meanwhile, so that all UIDs differ
        validity = sim.mailbox.inbox.validity
        sim.faults.add("renumbered", nth=nth)
        await hub.pull(DESK, "cases")
        assert sim.mailbox.inbox.validity == validity + 1
        assert await comments(hub, number, "vendor") == wanted
        told = (await hub.events(number)).count("vendor_commented")
        for _ in range(2):
            await hub.pull(DESK, "cases")
        assert (await hub.events(number)).count("vendor_commented") == told == len(wanted) + 1  # and the machine's


async def test_what_came_in_before_history_begins_is_never_read(house: Open) -> None:
    """Neither by the first look, which finds nothing, nor by the next ones; what comes in then is read."""
    async with house(history_from=(datetime.now(UTC) - timedelta(days=2)).isoformat()) as hub:
        sim = hub.sims[DESK]
        number = await escalated(hub)
        key = (await bond(hub, number)).key
        sim.clock.shift(-10 * 86_400)
        sim.mailbox.inbox.mails.clear()
        sim.act("answer", {"number": key, "text": "too old"})
        sim.clock.reset()
        for _ in range(3):
            await hub.pull(DESK, "cases")
            assert await comments(hub, number, "vendor") == []
        sim.act("answer", {"number": key, "text": "new"})
        await hub.pull(DESK, "cases")
        assert await comments(hub, number, "vendor") == ["new"]
