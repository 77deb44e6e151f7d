"""The demo's last act: every other system that can be simulated, played in the same way at the same time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import uvicorn

from hub import sessions
from hub.bonding.outbound import escalate, ticket_actions
from hub.cli.demo.proof import chain_of
from hub.cli.demo.scene import WHO, Scene
from hub.cli.demo.stage import Partner
from hub.cli.demo.story import looked_at, many
from hub.context import VendorAccount
from hub.desk.store import add_ticket
from hub.http import Client, Connection
from hub.knowledge.search import listed
from hub.model import Bond, Severity, TicketDraft, Visibility, utc_now
from hub.serve import make_app
from hub.serve.receive import Receiver
from hub.sla.offer import read_offer

NEEDED = ("open_case", "find_case", "read_case", "add_comment", "changed_cases")
COMMENT = "Reproduced on our side; logs on request."
SAID = "Thank you; we see it too and prepare a fix."


async def play(scene: Scene) -> None:
    """Escalate to each, lose the first reply, push, answer, mirror and hold a session; then compare the books."""
    stage, story, teller = scene.stage, scene.story, scene.teller
    desks = [one for one in stage.partners if all(one.vendor_account.can(hook) for hook in NEEDED)]
    asked = [(one, await _escalate(scene, one)) for one in desks]
    story.partners = [one.vendor_account.name for one in stage.partners]
    await stage.until("every other partner's case opened and told", lambda: _sent(scene, asked), seconds=60)
    numbers = [(one, bond, await _case_of(scene, bond)) for one, bond in asked]
    for one, _, number in numbers:
        one.vendor.faults.clear()
        one.vendor.clock.shift(1)
        one.vendor.tell("answer", {"number": number, "text": SAID})
    async with _receiver(scene) as url:
        for one, _, number in numbers:
            if one.vendor_account.can("read_webhook"):
                await _push(url, one, number)
                story.deliveries += 1
        await stage.until("every other partner's answer here", lambda: _answered(scene, numbers), seconds=60)
        held = [await _session(scene, url, one) for one in stage.partners if one.vendor_account.can("start_session")]
    for one, bond, _ in numbers:
        _compare(scene, one, bond)
        async with stage.context.storage.unit() as unit:
            events = await chain_of(unit, bond.ticket_number)
        story.partner_doubts += sum(bool(looked_at(event)) for event in events)
    await _mirrored(scene)
    story.partner_tickets, story.sessions = len(numbers), len(held)
    if not stage.partners:
        return
    teller.act("The other partners, in the same way")
    teller.say(
        f"{many(len(stage.partners), 'more system')} of other partners, each simulated after its own manual: "
        f"{many(len(numbers), 'ticket')} escalated, every first reply lost, {many(story.partner_cases, 'case')} there, "
        f"{many(story.partner_answers, 'answer')} here. {many(story.deliveries, 'delivery', 'deliveries')} woke the "
        f"hub; {many(story.sessions, 'remote session')} came back as a report. Mirrored and searchable: "
        f"{many(story.articles, 'article')} and {many(story.patches, 'patch', 'patches')}."
    )


async def _escalate(scene: Scene, one: Partner) -> Bond:
    """A ticket for this partner, its case asked for over a line that loses the first reply."""
    context, vendor_account = scene.stage.context, one.vendor_account
    product = next(iter(vendor_account.account.settings.products), "")
    draft = TicketDraft(
        title="Service stops after the night's update",
        severity=Severity.S3,
        product=product,
        description="Since 02:10; a restart helps for an hour.",
    )
    number = (await add_ticket(context.storage, context.prefix, draft, who=WHO)).number
    one.vendor.faults.add("lost_reply", operation="create", times=1)
    form = await vendor_account.vendor.intake(vendor_account.account)
    answers = {
        question.name: question.choices[0] if question.choices else "as described"
        for question in form.questions
        if question.required and not question.default
    }
    bond = await escalate.escalate(context, number, vendor_account.name, answers, who=WHO)
    await ticket_actions.comment(context, number, COMMENT, Visibility.VENDOR, who=WHO)
    return bond


async def _sent(scene: Scene, asked: Sequence[tuple[Partner, Bond]]) -> bool:
    async with scene.stage.context.storage.unit() as unit:
        bonds = [await unit.bonds.find(bond.key) for _, bond in asked]
    return all(found[0].reference is not None and not found[0].waiting for found in bonds)


async def _case_of(scene: Scene, bond: Bond) -> str:
    async with scene.stage.context.storage.unit() as unit:
        reference = (await unit.bonds.find(bond.key))[0].reference
    assert reference is not None
    return reference.number


async def _answered(scene: Scene, numbers: Sequence[tuple[Partner, Bond, str]]) -> bool:
    async with scene.stage.context.storage.unit() as unit:
        for _, bond, _ in numbers:
            said = await unit.comments.of_ticket(bond.ticket_id)
            if not any(one.origin == "vendor" and SAID in one.body for one in said):
                return False
    return True


def _compare(scene: Scene, one: Partner, bond: Bond) -> None:
    """One case and one comment there, whatever the line lost."""
    ledger = one.vendor.ledger
    cases = [entry for entry in ledger.of("case") if entry.key == bond.key]
    notes = [entry for entry in ledger.of("note") if COMMENT in (entry.text or "")]
    scene.story.partner_cases += len(cases)
    scene.story.partner_answers += 1
    if len(cases) != 1 or len(notes) != 1:
        scene.story.wrong.append(
            f"{one.vendor_account.name}: {len(cases)} cases and {len(notes)} comments in place of one"
        )


async def _session(scene: Scene, url: str, one: Partner) -> str:
    """A remote session: key, customer, chat, end, report in the ticket."""
    stage, context = scene.stage, scene.stage.context
    draft = TicketDraft(title="Show me what you see", severity=Severity.S3)
    number = (await add_ticket(context.storage, context.prefix, draft, who=WHO)).number
    made = await sessions.start(context, number, one.vendor_account.name, offer=read_offer(), who=WHO)
    held = str(one.vendor.tell("join", {"code": made.session.code}))
    one.vendor.tell("chat", {"lsid": held, "text": "Please open the settings page."})
    one.vendor.tell("end", {"lsid": held})
    one.vendor.clock.shift(120)
    if one.vendor_account.can("read_webhook"):
        await _push(url, one, held)
        scene.story.deliveries += 1

    async def reported() -> bool:
        return any(stored.reported for stored in await sessions.sessions(context, name=number))

    await stage.until("the session's report in its ticket", reported, seconds=60)
    return number


async def _mirrored(scene: Scene) -> None:
    """Wait until what the partners publish is here, and count it."""
    stage, story = scene.stage, scene.story

    async def there() -> bool:
        async with stage.context.storage.unit() as unit:
            streams = await unit.streams.all()
        wanted = {(one.vendor_account.name, kind) for one in stage.partners for kind in _publishes(one.vendor_account)}
        return wanted <= {(one.account, one.kind) for one in streams if one.finished_at is not None}

    await stage.until("what the partners publish mirrored", there, seconds=60)
    story.articles = len(await listed(stage.context, kind="article", limit=1000))
    story.patches = len(await listed(stage.context, kind="patch", limit=1000))
    if stage.partners and not story.articles:
        story.wrong.append("no article was mirrored")


def _publishes(vendor_account: VendorAccount) -> list[str]:
    return [kind for kind in ("articles", "patches") if vendor_account.can(f"changed_{kind}")]


@asynccontextmanager
async def _receiver(scene: Scene) -> AsyncIterator[str]:
    """`hub serve`'s receiver on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = make_app(Receiver(scene.stage.context, clock=utc_now))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    vars(server)["capture_signals"] = contextlib.nullcontext
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listening.close()


async def _push(url: str, one: Partner, number: str) -> None:
    """The delivery that the partner's system sends of a case or session. Raises VendorError unless it is taken."""
    push = one.vendor.push(number)
    where = f"/webhooks/{one.vendor_account.name}/{push.path.lstrip('/')}".rstrip("/")
    async with Client(Connection(url), account=one.vendor_account.name, vendor=one.vendor_account.info.name) as client:
        await client.send("POST", where, content=push.body, headers=dict(push.headers))
