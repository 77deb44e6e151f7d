"""The demo's acts in order, and those in which the worker runs: cases, answers and the proof."""

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
from hub.cli.demo.story import Narrator, Story, timeline
from hub.cli.shared.text import count_of
from hub.errors import HubError
from hub.model import Bond, BondState, Visibility
from hub.work.worker import Worker

QUESTION = "Which version is affected, and since when?"
FIX = b"Load this definition file, then restart the server.\n" * 40


async def play(story: Story, narrator: Narrator, *, vendor: str, wanted: int, keep: bool) -> Story:
    """Play all acts and return the story, with everything that went wrong in it.

    Raises the hub's errors when the stage can't be set up at all.
    """
    start = time.monotonic()
    async with set_up(vendor, keep=keep) as stage:
        scene = Scene(stage, story, narrator)
        story.vendor = stage.vendor_account.info.name
        narrator.say(
            f"A new hub, and a simulated {stage.vendor_account.info.title} at {stage.url}. "
            "The database, the worker and every request are real; only the vendor is simulated.",
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
            narrator.say(
                f"Everything was kept in {stage.folder}. To look around, try: "
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
    stage, story, narrator = scene.stage, scene.story, scene.narrator
    await stage.until("every case opened, every comment and file sent", scene.sent)
    story.lost = stage.vendor.faults.injected["lost_reply"]
    story.resets = stage.vendor.faults.injected["reset_before"]
    stage.vendor.faults.clear()
    await scene.count_doubts()
    case = next((entry for entry in stage.vendor.ledger.of("case") if entry.key == shown.key), None)
    if case is None or case.sha256 != hashlib.sha256(shown.body).hexdigest():
        story.wrong.append(f"the request for {shown.ticket} did not arrive as it was previewed")
    narrator.act("Cases are opened over a bad line")
    narrator.say(
        f"The line lost {count_of(story.lost, 'reply', 'replies')} after the vendor had stored the request, and cut "
        f"{count_of(story.resets, 'request')} off before it arrived. To the sender both look the same: no reply. A "
        "simple script would send again and open a second case. The hub first looks for the key that it sent:"
    )
    narrator.say(f"found {count_of(story.found, 'time')}, so not sent again;", indent=5)
    narrator.say(f"not found {count_of(story.sent_again, 'time')}, so sent again.", indent=5)
    narrator.say(
        f"{story.tickets} escalations, {len(stage.vendor.ledger.of('case'))} cases at the vendor. The request for "
        f"{shown.ticket} arrived exactly as previewed."
    )


async def _answers(scene: Scene) -> None:
    """The vendor's engineer works on the cases; RjR answers the question and closes what is resolved."""
    stage, story, narrator = scene.stage, scene.story, scene.narrator
    by_ticket = {bond.ticket_number: bond for bond in await scene.bonds()}
    opened = [bond for ticket in scene.chosen if (bond := by_ticket[ticket.number]).reference is not None]
    asked = opened[0]
    for bond in opened[::2]:
        scene.answer(bond, "answer", "text", f"We see it too on {bond.ticket_number}: a fix is under way.")
    scene.answer(asked, "ask", "question", QUESTION)
    scene.act(opened[1], "auto_reply")
    scene.act(asked, "attach", name="fix.def", data=base64.b64encode(FIX).decode())
    solved = [bond for bond in opened[1::4] if bond is not asked]
    for bond in solved:
        scene.act(bond, "resolve", text="Apply the attached definition and restart.")
    await stage.until("every answer fetched", lambda: _pulled(scene, asked, solved))
    await ticket_actions.comment(
        stage.context, asked.ticket_number, "Version 20.02, since Monday 09:14.", Visibility.VENDOR, who=WHO
    )
    await stage.until("the question answered", scene.sent)
    scene.act(asked, "take")
    for bond in solved:
        await ticket_actions.close(stage.context, bond.ticket_number, "Confirmed by the customer.", who=WHO)
    ended = {bond.ticket_number for bond in solved}
    await stage.until("every resolved ticket closed on both sides", lambda: _settled(scene, asked, ended))
    narrator.act("The vendor answers")
    answered = count_of(sum(map(len, scene.answers.values())) - 1, "case")
    narrator.say(
        f"Its engineer answered {answered}, asked a question on one, sent a file and resolved {len(solved)}; an "
        "automatic reply arrived on one, which does not count as an answer. The hub copied all of it into the tickets. "
        "RjR answered the question and closed the resolved tickets, which also closed their cases."
    )
    story.states = dict(Counter(str(bond.state) for bond in await scene.bonds()))


async def _pulled(scene: Scene, asked: Bond, solved: list[Bond]) -> bool:
    """Whether every answer, the file and the new states were fetched."""
    state = {bond.key: bond.state for bond in await scene.bonds()}
    if state[asked.key] is not BondState.INFORMATION_REQUESTED:
        return False
    if any(state[bond.key] is not BondState.RESOLVED for bond in solved):
        return False
    async with scene.stage.context.storage.unit() as unit:
        for bond in await proof.bonds(unit):
            wanted = scene.answers.get(bond.reference.number, []) if bond.reference else []
            comments = await unit.comments.of_ticket(bond.ticket_id) if wanted else []
            if not {comment.body for comment in comments}.issuperset(wanted):
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
    stage, story, narrator = scene.stage, scene.story, scene.narrator
    story.wrong += await proof.against_ledger(stage, scene.answers)
    story.journal, faults = await proof.of_journal(stage)
    story.wrong += faults
    story.cases = len(stage.vendor.ledger.of("case"))
    await scene.count_doubts()
    async with stage.context.storage.unit() as unit:
        story.parked = await proof.parked(unit)
        for ticket in scene.chosen:
            comments = await unit.comments.of_ticket(ticket.id)
            files = await unit.attachments.of_ticket(ticket.id)
            story.comments += sum(comment.origin == "rjr" and bool(comment.key) for comment in comments)
            story.answers += sum(comment.origin == "vendor" and not comment.automatic for comment in comments)
            story.files += sum(file.origin == "rjr" for file in files)
            story.files_back += sum(file.origin == "vendor" and bool(file.sha256) for file in files)
        hero = await unit.bonds.find(story.hero)
        story.case = hero[0].reference.number if hero and hero[0].reference else ""
        story.timeline = timeline(await proof.chain_of(unit, story.hero))
    if not story.doubts:
        story.wrong.append("no doubt was resolved, although replies were lost")
    if story.parked:
        story.wrong.append(f"{count_of(story.parked, 'operation')} parked")
    narrator.act("The hub's records match the vendor's")
    narrator.say(
        f"{story.tickets} bonds and {story.cases} cases, one each. {count_of(story.comments, 'comment')} and "
        f"{count_of(story.files, 'file')} are at the vendor, each once; {count_of(story.answers, 'answer')} and "
        f"{count_of(story.files_back, 'file')} are in the hub, each once. No private note reached the vendor. The "
        f"hashes of all {story.journal} journal entries are correct."
    )
    narrator.act(f"The history of {story.hero}, case {story.case}, whose first reply was lost")
    narrator.moments(story.timeline)
