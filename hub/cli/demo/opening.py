"""The demo's first acts: tickets are imported, one request is previewed, and tickets are escalated over a bad line."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

from hub.bonding.outbound import escalate, ticket_actions
from hub.bonding.outbound.escalate import Preview
from hub.cli.demo import proof
from hub.cli.demo.scene import WHO, Scene
from hub.cli.demo.stage import ACCOUNT, DemoFailed
from hub.desk import SAMPLES, load_mapping
from hub.desk.store import import_tickets
from hub.model import TicketStatus, Visibility
from hub.privacy.redact import redact

LOST_SHARE, SEED = 0.2, 42
"""The share of replies to new cases that the line loses, and the seed of its random numbers."""
CUT = 3
"""Which request to open a case the line cuts off before it arrives."""
LOG = "09:14:02 ERROR connection refused\n09:14:03 login as svc_sync, password: Otter-7-Lantern\n" * 20


async def import_samples(scene: Scene, wanted: int) -> None:
    """Import the sample exports, and choose the tickets to escalate."""
    stage, story = scene.stage, scene.story
    for name in ("tickets", "export-francais"):
        mapping = load_mapping(SAMPLES / f"{name}.toml")
        result = await import_tickets(
            stage.context.storage, stage.context.prefix, SAMPLES / f"{name}.csv", mapping, folder=stage.folder
        )
        story.imported += result.added
        story.rejected += result.rejected
    async with stage.context.storage.unit() as unit:
        candidates = await unit.tickets.page(
            limit=proof.MOST, vendor=stage.vendor_account.info.name, status=TicketStatus.OPEN.value
        )
    # The ticket with most to mask comes first, so that the preview has something to show.
    candidates.sort(key=lambda ticket: (-scene.hidden(ticket).total(), ticket.severity, ticket.created_at))
    scene.chosen = candidates[:wanted]
    story.tickets = len(scene.chosen)
    if not scene.chosen:
        raise DemoFailed(f"no open sample ticket needs {story.vendor}", next_step="choose another --vendor")
    story.hero = scene.chosen[0].number
    scene.narrator.act("Tickets are imported")
    scene.narrator.say(
        f"{story.imported} tickets were imported from two help desks, one English and one French; {story.rejected} "
        f"were rejected. {len(candidates)} of them are open and need this vendor; {story.tickets} are escalated now."
    )


async def preview(scene: Scene) -> Preview:
    """Show what would be sent for the first ticket."""
    ticket = scene.chosen[0]
    shown = await escalate.preview(scene.stage.context, ticket.number, ACCOUNT, {})
    hidden = scene.hidden(ticket)
    scene.narrator.act("Nothing is sent by accident: the exact request is previewed first")
    scene.narrator.say(f"{ticket.number}, {ticket.severity.name}: {ticket.title}")
    scene.narrator.say(f"{shown.method} {shown.path.partition('?')[0]}, {len(shown.body)} bytes")
    scene.narrator.say(f"sha256 {shown.sha256}")
    text = redact(ticket.description, scene.stage.vendor_account.policy).text
    for line in [line for line in text.splitlines() if "[removed:" in line][:2]:
        scene.narrator.say(f"| {_around(line)}")
    masked = ", ".join(f"{count} {kind}" for kind, count in hidden.items()) or "nothing"
    scene.narrator.say(
        f"Masked: {masked}. Only {', '.join(sorted(scene.stage.vendor_account.policy.fields))} may go to this vendor; "
        "every other field stays in the hub."
    )
    return shown


def _around(line: str, width: int = 68) -> str:
    """The part of a line around what was masked."""
    start = max(0, min(line.index("[removed:") - width // 3, len(line) - width))
    part = line[start : start + width].strip()
    return ("..." if start else "") + part + ("..." if start + width < len(line) else "")


async def escalate_all(scene: Scene, shown: Preview) -> None:
    """Escalate while the line is bad; comments and files are queued behind the cases."""
    stage, faults = scene.stage, scene.stage.vendor.faults
    faults.add("lost_reply", operation="note", nth=2)
    faults.add("reset_before", operation="create", nth=CUT)
    for call in _lost(len(scene.chosen)):
        faults.add("lost_reply", operation="create", nth=call)
    for ticket in scene.chosen:
        expect = shown.sha256 if ticket.number == shown.ticket else ""
        await escalate.escalate(stage.context, ticket.number, ACCOUNT, {}, who=WHO, expect=expect)
    for ticket in scene.chosen[::3]:
        text = f"Reproduced on our side for {ticket.number}; logs on request."
        await ticket_actions.comment(stage.context, ticket.number, text, Visibility.VENDOR, who=WHO)
        private = f"The customer of {ticket.number} is upset; call back before noon."
        await ticket_actions.comment(stage.context, ticket.number, private, Visibility.PRIVATE, who=WHO)
    await ticket_actions.attach(
        stage.context, scene.story.hero, "sync.log", "text/plain", _chunks(LOG.encode()), Visibility.VENDOR, who=WHO
    )


def _lost(calls: int) -> list[int]:
    """Which requests to open a case lose their reply: the first, and random others that are the same in each run."""
    dice = random.Random(SEED)  # noqa: S311 - a bad line, not a secret
    return [call for call in range(1, calls + 1) if call != CUT and (dice.random() < LOST_SHARE or call == 1)]


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    yield data
