"""The demo's acts in order; here those in which the worker works: cases, answers, and the proof."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import Preview
from hub.cli.demo import opening, partners, proof
from hub.cli.demo.scene import WHO, Scene
from hub.cli.demo.stage import DemoStage, set_up
from hub.cli.demo.story import Narrator, Story, many, timeline
from hub.errors import HubError
from hub.model import Bond, BondState, Visibility
from hub.work.worker import Worker

QUESTION = "Which version is affected, and since when?"
FIX = b"Load this definition file, then restart the server.\n" * 40


async def play(story: Story, teller: Narrator, *, vendor: str, wanted: int, keep: bool) -> Story:
    """Play all acts and return the story with all that was wrong in it.

    Raises the hub's errors when the stage can't be set up at all.
    """
    start = time.monotonic()
    async with set_up(vendor, keep=keep) as stage:
        scene = Scene(stage, story, teller)
        story.vendor = stage.vendor_account.info.name
        teller.say(
            f"A fresh hub, and a simulated {stage.vendor_account.info.title} at {stage.url}. "
            "The database, the worker and all calls are real; only the vendor is simulated.",
            indent=0,
        )
        try:
            await opening.import_samples(scene, wanted)
            shown = await opening.preview(scene)
            await opening.escalate_all(scene, shown)
            async with _worker(stage):
                await _deliver(scene, shown)
                await _answers(scene)
            await _proof(scene)
            async with _worker(stage):
                await partners.play(scene)
        except HubError as error:
            story.wrong.append("; ".join(filter(None, (error.message, error.next_step))))
        if keep:
            story.folder = str(stage.folder)
            teller.say(
                f"All of it is left in {stage.folder}. Look around with, for example: "
                f"hub --config {stage.folder / 'hub.toml'} timeline {story.hero}",
                indent=0,
            )
    story.seconds = round(time.monotonic() - start, 2)
    return story


@asynccontextmanager
async def _worker(stage: DemoStage) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    task = asyncio.create_task(Worker(stage.context, idle_seconds=0.5).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def _deliver(scene: Scene, shown: Preview) -> None:
    stage, story, teller = scene.stage, scene.story, scene.teller
    await stage.until("every case opened, every comment and file sent", scene.sent)
    story.lost = stage.vendor.faults.injected["lost_reply"]
    story.resets = stage.vendor.faults.injected["reset_before"]
    stage.vendor.faults.clear()
    await scene.count_doubts()
    case = next((one for one in stage.vendor.ledger.of("case") if one.key == shown.key), None)
    if case is None or case.sha256 != hashlib.sha256(shown.body).hexdigest():
        story.wrong.append(f"the packet of {shown.ticket} did not arrive as it was shown")
    teller.act("Cases are opened over a bad line")
    teller.say(
        f"The line lost {many(story.lost, 'reply', 'replies')} after the vendor had stored what was sent, and cut "
        f"{many(story.resets, 'request')} before it arrived. From here both look alike: sent, no answer. A "
        "script sends again, and opens a second case. The hub looks for the key that it sent along:"
    )
    teller.say(f"It was there {many(story.found, 'time')}: not sent again.", indent=5)
    teller.say(f"It was not there {many(story.sent_again, 'time')}: sent again.", indent=5)
    teller.say(
        f"{story.tickets} escalations, {len(stage.vendor.ledger.of('case'))} cases at the vendor. The packet of "
        f"{shown.ticket} arrived as it was shown."
    )


async def _answers(scene: Scene) -> None:
    """The engineer works on the cases; RjR answers the question and closes what is solved."""
    stage, story, teller = scene.stage, scene.story, scene.teller
    by_ticket = {bond.ticket_number: bond for bond in await scene.bonds()}
    known = [bond for one in scene.chosen if (bond := by_ticket[one.number]).reference is not None]
    asked = known[0]
    for bond in known[::2]:
        scene.say(bond, "answer", "text", f"We see it too on {bond.ticket_number}: a fix is under way.")
    scene.say(asked, "ask", "question", QUESTION)
    scene.tell(known[1], "auto_reply")
    scene.tell(asked, "attach", name="fix.def", data=base64.b64encode(FIX).decode())
    solved = [bond for bond in known[1::4] if bond is not asked]
    for bond in solved:
        scene.tell(bond, "resolve", text="Apply the attached definition and restart.")
    await stage.until("every answer pulled back", lambda: _pulled(scene, asked, solved))
    await ticket_actions.comment(
        stage.context, asked.ticket_number, "Version 20.02, since Monday 09:14.", Visibility.VENDOR, who=WHO
    )
    await stage.until("the question answered", scene.sent)
    scene.tell(asked, "take")
    for bond in solved:
        await ticket_actions.close(stage.context, bond.ticket_number, "Confirmed by the customer.", who=WHO)
    ended = {bond.ticket_number for bond in solved}
    await stage.until("what is solved closed on both sides", lambda: _settled(scene, asked, ended))
    teller.act("The vendor works, and what it says comes back")
    answered = many(sum(map(len, scene.told.values())) - 1, "case")
    teller.say(
        f"Its engineer answered {answered}, asked a question on one, sent a file, resolved {len(solved)}; "
        "a machine acknowledged one, which counts as no answer. All of it was pulled back into the tickets; RjR "
        "answered the question and closed what was solved, here and there."
    )
    story.states = dict(Counter(str(bond.state) for bond in await scene.bonds()))


async def _pulled(scene: Scene, asked: Bond, solved: list[Bond]) -> bool:
    """Whether each answer, the file and the new states are here."""
    state = {bond.key: bond.state for bond in await scene.bonds()}
    if state[asked.key] is not BondState.INFORMATION_REQUESTED:
        return False
    if any(state[bond.key] is not BondState.RESOLVED for bond in solved):
        return False
    async with scene.stage.context.storage.unit() as unit:
        for bond in await proof.bonds(unit):
            wanted = scene.told.get(bond.reference.number, []) if bond.reference else []
            here = {one.body for one in await unit.comments.of_ticket(bond.ticket_id)} if wanted else set()
            if not here.issuperset(wanted):
                return False
        files = await unit.attachments.of_ticket(asked.ticket_id)
    return any(file.origin == "vendor" and file.sha256 for file in files)


async def _settled(scene: Scene, asked: Bond, ended: set[str]) -> bool:
    bonds = await scene.bonds()
    state = {bond.ticket_number: bond.state for bond in bonds}
    return (
        await scene.sent()
        and state[asked.ticket_number] is BondState.OPEN
        and all(state[number] is BondState.CLOSED for number in ended)
    )


async def _proof(scene: Scene) -> None:
    stage, story, teller = scene.stage, scene.story, scene.teller
    story.wrong += await proof.against_ledger(stage, scene.told)
    story.journal, faults = await proof.of_journal(stage)
    story.wrong += faults
    story.cases = len(stage.vendor.ledger.of("case"))
    await scene.count_doubts()
    async with stage.context.storage.unit() as unit:
        story.parked = await proof.parked(unit)
        for ticket in scene.chosen:
            said = await unit.comments.of_ticket(ticket.id)
            files = await unit.attachments.of_ticket(ticket.id)
            story.comments += sum(one.origin == "rjr" and bool(one.key) for one in said)
            story.answers += sum(one.origin == "vendor" and not one.automatic for one in said)
            story.files += sum(one.origin == "rjr" for one in files)
            story.files_back += sum(one.origin == "vendor" and bool(one.sha256) for one in files)
        hero = await unit.bonds.find(story.hero)
        story.case = hero[0].reference.number if hero and hero[0].reference else ""
        story.timeline = timeline(await proof.chain_of(unit, story.hero))
    if not story.doubts:
        story.wrong.append("no doubt was settled, although replies were lost")
    if story.parked:
        story.wrong.append(f"{story.parked} operations wait for a person")
    teller.act("The hub's books against the vendor's")
    teller.say(
        f"{story.tickets} bonds, {story.cases} cases, one for one. {many(story.comments, 'comment')} and "
        f"{many(story.files, 'file')} there once each; {many(story.answers, 'answer')} and "
        f"{many(story.files_back, 'file')} here once each; no private note "
        f"there. {story.journal} journal entries, each hash right."
    )
    teller.act(f"One ticket's story: {story.hero}, case {story.case}, whose first reply was lost")
    teller.moments(story.timeline)
