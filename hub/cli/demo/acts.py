"""The demo's acts, in order: import, preview, escalate over a bad line, answers, proof."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from hub.bonding import escalate, speak
from hub.bonding.escalate import Preview
from hub.bonding.redact import redact
from hub.cli.demo import proof
from hub.cli.demo.stage import ACCOUNT, Fails, Stage, set_up
from hub.cli.demo.story import Story, Teller, many, timeline
from hub.desk import SAMPLES, load_mapping
from hub.desk.store import import_tickets
from hub.errors import HubError
from hub.model import Bond, BondState, Ticket, TicketStatus, Visibility
from hub.work.worker import Worker

WHO = "demo"
LOST_SHARE, SEED = 0.2, 42
"""Part of the replies to new cases that the line loses, and where its dice start."""
CUT = 3
"""The call to open a case that the line cuts off before it arrives."""
QUESTION = "Which version is affected, and since when?"
FIX = b"Load this definition file, then restart the server.\n" * 40
LOG = "09:14:02 ERROR connection refused\n09:14:03 login as svc_sync, password: Otter-7-Lantern\n" * 20


@dataclass
class Play:
    """What one act leaves to the next."""

    stage: Stage
    story: Story
    teller: Teller
    chosen: list[Ticket] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)
    """What the vendor's engineer said, by case number."""

    async def bonds(self) -> list[Bond]:
        """All bonds, oldest first."""
        async with self.stage.parts.storage.unit() as unit:
            return await proof.bonds(unit)

    async def sent(self) -> bool:
        """Whether nothing waits to leave, but for what is set aside."""
        return all(bond.waiting == bond.parked for bond in await self.bonds())


async def play(story: Story, teller: Teller, *, vendor: str, wanted: int, keep: bool) -> Story:
    """Play all acts and return the story with all that was wrong in it.

    Raises the hub's errors when the stage can't be set up at all.
    """
    start = time.monotonic()
    async with set_up(vendor, keep=keep) as stage:
        scene = Play(stage, story, teller)
        story.vendor = stage.party.info.name
        teller.say(
            f"A fresh hub, and a simulated {stage.party.info.title} at {stage.url}. Database, worker and calls are "
            "real; only the vendor is played.",
            indent=0,
        )
        try:
            await _import(scene, wanted)
            shown = await _preview(scene)
            await _escalate(scene, shown)
            async with _worker(stage):
                await _deliver(scene, shown)
                await _answers(scene)
            await _proof(scene)
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


async def _import(scene: Play, wanted: int) -> None:
    stage, story = scene.stage, scene.story
    for name in ("tickets", "export-francais"):
        mapping = load_mapping(SAMPLES / f"{name}.toml")
        came = await import_tickets(
            stage.parts.storage, stage.parts.prefix, SAMPLES / f"{name}.csv", mapping, folder=stage.folder
        )
        story.imported += came.added
        story.rejected += came.rejected
    async with stage.parts.storage.unit() as unit:
        found = await unit.tickets.page(
            limit=proof.MOST, vendor=stage.party.info.name, status=TicketStatus.OPEN.value
        )
    # First the ticket with most to hide, so that the preview has something to show.
    found.sort(key=lambda one: (-_hidden(scene, one).total(), one.severity, one.created_at))
    scene.chosen = found[:wanted]
    story.tickets = len(scene.chosen)
    if not scene.chosen:
        raise Fails(f"no sample ticket is open and needs {story.vendor}", next_step="simulate another vendor")
    story.hero = scene.chosen[0].number
    scene.teller.act("Tickets come in")
    scene.teller.say(
        f"{story.imported} tickets read from the exports of two help desks, one English, one French, "
        f"{story.rejected} refused. {len(found)} are open and need this vendor; {story.tickets} are escalated now."
    )


def _hidden(scene: Play, ticket: Ticket) -> Counter[str]:
    return Counter(redact(f"{ticket.title}\n{ticket.description}", scene.stage.party.policy).counts)


async def _preview(scene: Play) -> Preview:
    ticket = scene.chosen[0]
    shown = await escalate.preview(scene.stage.parts, ticket.number, ACCOUNT, {})
    hidden = _hidden(scene, ticket)
    scene.teller.act("Nothing leaves by accident: the packet is shown first, to the byte")
    scene.teller.say(f"{ticket.number}, {ticket.severity.name}: {ticket.title}")
    scene.teller.say(f"{shown.method} {shown.path.partition('?')[0]}, {len(shown.body)} bytes")
    scene.teller.say(f"sha256 {shown.sha256}")
    text = redact(ticket.description, scene.stage.party.policy).text
    for line in [line for line in text.splitlines() if "[removed:" in line][:2]:
        scene.teller.say(f"| {_around(line)}")
    masked = ", ".join(f"{count} {kind}" for kind, count in hidden.items()) or "nothing"
    scene.teller.say(
        f"Masked: {masked}. Only {', '.join(sorted(scene.stage.party.policy.fields))} may leave to this vendor; "
        "all else stays inside."
    )
    return shown


def _around(line: str, width: int = 68) -> str:
    """The part of a line around what was masked."""
    start = max(0, min(line.index("[removed:") - width // 3, len(line) - width))
    part = line[start : start + width].strip()
    return ("..." if start else "") + part + ("..." if start + width < len(line) else "")


async def _escalate(scene: Play, shown: Preview) -> None:
    """Ask for the cases while the line is bad; comments and files wait behind them."""
    stage, faults = scene.stage, scene.stage.vendor.faults
    faults.add("lost_reply", operation="note", nth=2)
    faults.add("reset_before", operation="create", nth=CUT)
    for call in _lost(len(scene.chosen)):
        faults.add("lost_reply", operation="create", nth=call)
    for ticket in scene.chosen:
        expect = shown.sha256 if ticket.number == shown.ticket else ""
        await escalate.escalate(stage.parts, ticket.number, ACCOUNT, {}, who=WHO, expect=expect)
    for ticket in scene.chosen[::3]:
        text = f"Reproduced on our side for {ticket.number}; logs on request."
        await speak.comment(stage.parts, ticket.number, text, Visibility.VENDOR, who=WHO)
        private = f"Customer of {ticket.number} is upset; call back before noon."
        await speak.comment(stage.parts, ticket.number, private, Visibility.PRIVATE, who=WHO)
    await speak.attach(
        stage.parts, scene.story.hero, "sync.log", "text/plain", _pieces(LOG.encode()), Visibility.VENDOR, who=WHO
    )  # fmt: skip


def _lost(calls: int) -> list[int]:
    """Which of the calls that open cases lose their reply: the first, and others at random, the same in each run."""
    dice = random.Random(SEED)  # noqa: S311 - a bad line, not a secret
    return [one for one in range(1, calls + 1) if one != CUT and (dice.random() < LOST_SHARE or one == 1)]


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


@asynccontextmanager
async def _worker(stage: Stage) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    task = asyncio.create_task(Worker(stage.parts, idle_seconds=0.5).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def _deliver(scene: Play, shown: Preview) -> None:
    stage, story, teller = scene.stage, scene.story, scene.teller
    await stage.until("every case opened, every comment and file sent", scene.sent)
    story.lost = stage.vendor.faults.injected["lost_reply"]
    story.resets = stage.vendor.faults.injected["reset_before"]
    stage.vendor.faults.clear()
    await _count_doubts(scene)
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


async def _count_doubts(scene: Play) -> None:
    async with scene.stage.parts.storage.unit() as unit:
        events = [event for one in scene.chosen for event in await proof.chain_of(unit, one.number)]
    looked = Counter(str(event.data["looked"]) for event in events if event.data.get("looked"))
    scene.story.found, scene.story.doubts = looked["found"], looked.total()
    scene.story.sent_again = scene.story.doubts - scene.story.found


async def _answers(scene: Play) -> None:
    """The engineer works on the cases; RjR answers the question and closes what is solved."""
    stage, story, teller = scene.stage, scene.story, scene.teller
    by_ticket = {bond.ticket_number: bond for bond in await scene.bonds()}
    known = [bond for one in scene.chosen if (bond := by_ticket[one.number]).reference is not None]
    asked = known[0]
    for bond in known[::2]:
        _say(scene, bond, "answer", "text", f"We see it too on {bond.ticket_number}: a fix is under way.")
    _say(scene, asked, "ask", "question", QUESTION)
    _tell(scene, known[1], "auto_reply")
    _tell(scene, asked, "attach", name="fix.def", data=base64.b64encode(FIX).decode())
    solved = [bond for bond in known[1::4] if bond is not asked]
    for bond in solved:
        _tell(scene, bond, "resolve", text="Apply the attached definition and restart.")
    await stage.until("every answer pulled back", lambda: _pulled(scene, asked, solved))
    await speak.comment(
        stage.parts, asked.ticket_number, "Version 20.02, since Monday 09:14.", Visibility.VENDOR, who=WHO
    )
    await stage.until("the question answered", scene.sent)
    _tell(scene, asked, "take")
    for bond in solved:
        await speak.close(stage.parts, bond.ticket_number, "Confirmed by the customer.", who=WHO)
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


def _say(scene: Play, bond: Bond, action: str, name: str, text: str) -> None:
    assert bond.reference is not None, "only cases that are open are spoken to"
    scene.told.setdefault(bond.reference.number, []).append(text)
    _tell(scene, bond, action, **{name: text})


def _tell(scene: Play, bond: Bond, action: str, **arguments: str) -> None:
    assert bond.reference is not None, "only cases that are open are worked on"
    scene.stage.vendor.tell(action, {"number": bond.reference.number, **arguments})


async def _pulled(scene: Play, asked: Bond, solved: list[Bond]) -> bool:
    """Whether each answer, the file and the new states are here."""
    state = {bond.key: bond.state for bond in await scene.bonds()}
    if state[asked.key] is not BondState.INFORMATION_REQUESTED:
        return False
    if any(state[bond.key] is not BondState.RESOLVED for bond in solved):
        return False
    async with scene.stage.parts.storage.unit() as unit:
        for bond in await proof.bonds(unit):
            wanted = scene.told.get(bond.reference.number, []) if bond.reference else []
            here = {one.body for one in await unit.comments.of_ticket(bond.ticket_id)} if wanted else set()
            if not here.issuperset(wanted):
                return False
        files = await unit.attachments.of_ticket(asked.ticket_id)
    return any(file.origin == "vendor" and file.sha256 for file in files)


async def _settled(scene: Play, asked: Bond, ended: set[str]) -> bool:
    bonds = await scene.bonds()
    state = {bond.ticket_number: bond.state for bond in bonds}
    return (
        await scene.sent()
        and state[asked.ticket_number] is BondState.OPEN
        and all(state[number] is BondState.CLOSED for number in ended)
    )


async def _proof(scene: Play) -> None:
    stage, story, teller = scene.stage, scene.story, scene.teller
    story.wrong += await proof.against_ledger(stage, scene.told)
    story.journal, faults = await proof.of_journal(stage)
    story.wrong += faults
    story.cases = len(stage.vendor.ledger.of("case"))
    await _count_doubts(scene)
    async with stage.parts.storage.unit() as unit:
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
