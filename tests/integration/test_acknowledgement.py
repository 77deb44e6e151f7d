"""Acknowledgement in three strengths: delivered, stored, answered by a person; and the journal says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_kit import Desk, call_ended, open_desk
from sqlalchemy import text

from hub import insights
from hub.answers.judge import Judgement
from hub.bonding.inbound.first_answer import vendor_answered
from hub.bonding.inbound.reconcile import reconcile
from hub.bonding.outbound import ticket_actions
from hub.bonding.repair import link
from hub.db import journal
from hub.model import Bond, StreamKind, Ticket, Visibility, Writer

ANSWER = "I can reproduce it with build 20.02. Restart the agent and tell me what you see."
RECEIPT = "Your request has been received. Your case number is 4711. An engineer will respond within 4 hours."


async def entries(desk: Desk, bond: Bond, kind: str) -> list[dict[str, Any]]:
    async with desk.storage.unit() as unit:
        found = await journal.read(unit.connection, bond.ticket_number)
    return [event.data for event in found if event.kind == kind]


async def ticket_of(desk: Desk, bond: Bond) -> Ticket:
    async with desk.storage.unit() as unit:
        return await unit.tickets.by_id(bond.ticket_id)


async def news(desk: Desk) -> None:
    desk.sim.clock.shift(300)
    await desk.pull([StreamKind.CASES])


@pytest.mark.parametrize("compared", [True, False])
async def test_delivered_comes_before_stored_and_stored_before_answered(desk: Desk, compared: bool) -> None:
    """The vendor's answer to the call delivers; the case seen again is stored; a person's words answer."""
    waiting = await desk.escalated()
    assert (waiting.delivered_at, waiting.stored_at, waiting.answered_at) == (None, None, None)
    await desk.send()
    opened = await desk.bond(waiting)
    assert opened.reference is not None
    assert opened.delivered_at is not None
    assert (opened.stored_at, opened.answered_at) == (None, None)
    await (reconcile(desk.context, desk.vendor_account, opened) if compared else news(desk))
    seen = await desk.bond(opened)
    assert seen.stored_at is not None
    assert seen.stored_at >= opened.delivered_at
    desk.sim.engineer.answer(opened.reference.number, ANSWER)
    await news(desk)
    answered = await desk.bond(opened)
    assert answered.answered_at is not None
    assert (answered.delivered_at, answered.stored_at) == (opened.delivered_at, seen.stored_at)


async def test_a_case_found_after_its_answer_was_lost_is_stored_at_once(desk: Desk) -> None:
    """Looking for the key is reading back."""
    desk.hurry()
    desk.sim.faults.add("lost_reply", operation="create", times=1)
    bond = await desk.opened()
    assert bond.reference is not None
    assert bond.delivered_at is not None
    assert bond.stored_at == bond.delivered_at


async def test_a_case_that_a_person_tied_was_never_delivered_but_is_stored(desk: Desk) -> None:
    """Tying reads the case; no call of ours opened it."""
    opened = await desk.opened()
    assert opened.reference is not None
    await link.unlink(desk.context, opened.key, who="agent")
    number = await desk.ticket("Another")
    tied = await link.connect(desk.context, number, "bmc", opened.reference.number, who="agent")
    assert tied.stored_at is not None
    assert tied.delivered_at is None


async def test_only_a_person_s_words_are_the_first_answer_and_the_journal_says_why(desk: Desk) -> None:
    """Marks, receipts and notes among the vendor's own people answer nothing; the first person does, once."""
    bond = await desk.opened()
    assert bond.reference is not None
    number, engineer = bond.reference.number, desk.sim.engineer
    engineer.auto_reply(number)
    engineer.answer(number, RECEIPT)
    engineer.internal_note(number, ANSWER)
    engineer.answer(number, "Restarting the sync service did the trick, thanks to Frank for the hint.")
    await news(desk)
    told = await entries(desk, bond, "vendor_commented")
    assert [(one["answer"], one["automatic"]) for one in told] == [
        ("machine", True),
        ("machine", True),
        ("unclear", False),
        ("unclear", False),
    ]
    assert told[0]["why"] == "platform: marked as automatic"
    assert told[1]["why"].startswith("text: a receipt: ")
    assert told[2]["why"] == "a note of the vendor's own people, not said to us"
    assert told[3]["why"].startswith("words: ")
    assert (await desk.bond(bond)).answered_at is None
    assert await entries(desk, bond, "first_answer") == []

    engineer.answer(number, ANSWER)
    engineer.answer(number, "I tested it again, same thing. Which version do you see?")
    await news(desk)
    (first,) = await entries(desk, bond, "first_answer")
    said = (await entries(desk, bond, "vendor_commented"))[4]
    assert said["answer"] == "person"
    assert (first["side"], first["bond"], first["comment"], first["why"]) == (
        "vendor",
        bond.key,
        said["comment"],
        said["why"],
    )
    answered = (await desk.bond(bond)).answered_at
    assert answered is not None
    assert first["given_at"] == answered.isoformat()
    engineer.answer(number, ANSWER)
    await news(desk)
    assert len(await entries(desk, bond, "first_answer")) == 1
    assert (await desk.bond(bond)).answered_at == answered


async def test_a_resolution_that_a_person_wrote_answers(desk: Desk) -> None:
    """A vendor that says all in the resolution has answered; a closing that a rule wrote has not."""
    by_rule, by_person = await desk.opened("one"), await desk.opened("two")
    assert by_rule.reference is not None
    assert by_person.reference is not None
    desk.sim.engineer.resolve(by_rule.reference.number, "This ticket was closed automatically due to inactivity.")
    desk.sim.engineer.resolve(by_person.reference.number, "I found it: the proxy drops the session. Restart it.")
    await news(desk)
    assert await entries(desk, by_rule, "first_answer") == []
    assert (await entries(desk, by_rule, "case_changed"))[-1]["answer"] == "machine"
    (first,) = await entries(desk, by_person, "first_answer")
    assert "comment" not in first


async def test_our_own_resolution_coming_back_answers_nothing(desk: Desk) -> None:
    """What we wrote ourselves when closing is an echo."""
    bond = await desk.opened()
    await ticket_actions.close(
        desk.context, bond.ticket_number, "I found it: the proxy drops the session.", who="agent"
    )
    await desk.send()
    await desk.execute("UPDATE bond SET picture = picture - 'resolution'")  # as while the closing is in doubt
    await news(desk)
    assert "resolution" in (await entries(desk, bond, "case_changed"))[-1]["fields"]
    assert await entries(desk, bond, "first_answer") == []


async def test_an_answer_is_not_given_later_than_it_is_heard(desk: Desk) -> None:
    """A vendor whose clock is ahead has answered when the hub heard of it."""
    bond = await desk.opened()
    async with desk.storage.unit() as unit:
        held = await unit.bonds.lock(bond.id)
        verdict = Judgement(taken=Writer.PERSON, why="text: so")
        await vendor_answered(unit, held, unit.now + timedelta(minutes=10), verdict)
        now = unit.now
    assert (await desk.bond(bond)).answered_at == now


async def test_our_first_public_words_answer_the_customer_once(desk: Desk) -> None:
    """Private words, words to the vendor and a script's receipt are no answer; later words change nothing."""
    bond = await desk.opened()

    async def say(body: str, visibility: Visibility) -> None:
        await ticket_actions.comment(desk.context, bond.ticket_number, body, visibility, who="lea")

    await say("Have a look", Visibility.PRIVATE)
    await say("Please look at it", Visibility.VENDOR)
    await say(RECEIPT, Visibility.PUBLIC)
    assert (await ticket_of(desk, bond)).answered_at is None
    await say("Thank you for waiting, the vendor is at it.", Visibility.PUBLIC)
    answered = (await ticket_of(desk, bond)).answered_at
    await say("And here is more.", Visibility.PUBLIC)
    (first,) = await entries(desk, bond, "first_answer")
    assert answered is not None
    assert (first["side"], first["who"], first["given_at"]) == ("rjr", "lea", answered.isoformat())
    assert (await ticket_of(desk, bond)).answered_at == answered


async def test_the_timeline_says_what_each_comment_was_taken_for(desk: Desk) -> None:
    """A person who reads the story sees whether a comment counted, and why."""
    bond = await desk.opened()
    assert bond.reference is not None
    desk.sim.engineer.answer(bond.reference.number, RECEIPT)
    desk.sim.engineer.answer(bond.reference.number, ANSWER)
    await news(desk)
    await desk.say(bond, "ours")
    story = await insights.timeline(desk.storage, bond.ticket_number)
    said = {one.text: one.data for one in story.moments if one.what == "comment"}
    assert (said[RECEIPT]["answer"], said[ANSWER]["answer"], said["ours"]["answer"]) == ("machine", "person", "")
    assert said[ANSWER]["why"].startswith("text: ")
    assert "vendor_commented" not in {one.kind for one in story.moments}
    assert [one.data["side"] for one in story.moments if one.kind == "first_answer"] == ["vendor"]


async def test_phrases_of_ones_own_count(database_url: str, tmp_path: Path) -> None:
    """The setting names a file that is used instead of the hub's own."""
    shipped = Path(insights.__file__).parent / "answers" / "answers.toml"
    own = tmp_path / "own.toml"
    own.write_text(shipped.read_text("utf-8").replace('"undeliverable"', '"reproduce it with build"'), "utf-8")
    async with open_desk(database_url, hub_settings={"answer_phrases": str(own)}) as desk:
        bond = await desk.opened()
        assert bond.reference is not None
        desk.sim.engineer.answer(bond.reference.number, ANSWER)
        await news(desk)
        assert [one["answer"] for one in await entries(desk, bond, "vendor_commented")] != ["person"]


@pytest.mark.parametrize("column", ["delivered_at", "stored_at"])
async def test_what_is_noted_while_an_operation_is_on_its_way_stays(desk: Desk, column: str) -> None:
    """The outcome of an operation does not bring back what its bond was when it was claimed."""
    bond = await desk.opened()
    await ticket_actions.change(desk.context, bond.ticket_number, title="Worse now", who="agent")
    hand = desk.dispatcher()
    await call_ended(hand, bond)
    await desk.execute(f"UPDATE bond SET {column} = '2026-01-01T00:00:00Z'")
    await desk.send(hand)
    after = await desk.bond(bond)
    assert after.picture["title"] == "Worse now"
    assert getattr(after, column) == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("column", ["delivered_at", "stored_at", "answered_at"])
async def test_times_that_are_known_stay(desk: Desk, column: str) -> None:
    """No later outcome, news or answer moves a time of acknowledgement."""
    bond = await desk.opened()
    assert bond.reference is not None
    async with desk.storage.engine.begin() as connection:
        await connection.execute(text(f"UPDATE bond SET {column} = '2026-01-01T00:00:00Z'"))
    before = getattr(await desk.bond(bond), column)
    await desk.say(bond, "ours")
    await desk.send()
    desk.sim.engineer.answer(bond.reference.number, ANSWER)
    await news(desk)
    await reconcile(desk.context, desk.vendor_account, bond)
    assert getattr(await desk.bond(bond), column) == before
