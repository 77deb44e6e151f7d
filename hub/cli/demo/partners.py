"""The demo's last act: every other system that can be simulated, in the same way and at the same time."""

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
from hub.cli.shared.text import count_of
from hub.desk.store import add_ticket
from hub.http import Client, Connection
from hub.knowledge.search import listed
from hub.model import Bond, Severity, TicketDraft, Visibility, utc_now
from hub.serve import make_app
from hub.serve.receive import Receiver
from hub.sla.offer import read_offer

NEEDED = ("open_case", "find_case", "read_case", "add_comment", "changed_cases")
COMMENT = "Reproduced on our side; logs on request."
ANSWER = "Thank you; we see it too and prepare a fix."


async def play(scene: Scene) -> None:
    """Escalate to each, lose the first reply, send webhooks, answer, mirror and run a session; then compare records."""
    stage, story, narrator = scene.stage, scene.story, scene.narrator
    desks = [partner for partner in stage.partners if all(partner.vendor_account.can(hook) for hook in NEEDED)]
    asked = [(desk, await _escalate(scene, desk)) for desk in desks]
    story.partners = [partner.vendor_account.name for partner in stage.partners]
    await stage.until("every other vendor's case opened and commented", lambda: _sent(scene, asked), seconds=60)
    cases = [(desk, bond, await _case_of(scene, bond)) for desk, bond in asked]
    for desk, _, number in cases:
        desk.vendor.faults.clear()
        desk.vendor.clock.shift(1)
        desk.vendor.act("answer", {"number": number, "text": ANSWER})
    async with _receiver(scene) as url:
        for desk, _, number in cases:
            if desk.vendor_account.can("read_webhook"):
                await _push(url, desk, number)
                story.deliveries += 1
        await stage.until("every other vendor's answer fetched", lambda: _answered(scene, cases), seconds=60)
        for partner in stage.partners:
            if partner.vendor_account.can("start_session"):
                await _session(scene, url, partner)
                story.sessions += 1
    for desk, bond, _ in cases:
        _compare(scene, desk, bond)
        async with stage.context.storage.unit() as unit:
            events = await chain_of(unit, bond.ticket_number)
        story.partner_doubts += sum(bool(event.data.get("looked")) for event in events)
    await _mirrored(scene)
    story.partner_tickets = len(cases)
    if not stage.partners:
        return
    narrator.act("The other vendors, in the same way")
    narrator.say(
        f"{count_of(len(stage.partners), 'system')} of other vendors, each simulated as its documentation "
        f"describes: {count_of(len(cases), 'ticket')} escalated, every first reply lost, "
        f"{count_of(story.partner_cases, 'case')} opened, {count_of(story.partner_answers, 'answer')} fetched, "
        f"{count_of(story.deliveries, 'webhook')} received. {count_of(story.sessions, 'remote session')} ended with a "
        f"report in its ticket. Mirrored and searchable: {count_of(story.articles, 'article')} and "
        f"{count_of(story.patches, 'patch', 'patches')}."
    )


async def _escalate(scene: Scene, partner: Partner) -> Bond:
    """Escalate a new ticket to this vendor, over a line that loses the first reply."""
    context, vendor_account = scene.stage.context, partner.vendor_account
    product = next(iter(vendor_account.account.settings.products), "")
    draft = TicketDraft(
        title="Service stops after the night's update",
        severity=Severity.S3,
        product=product,
        description="Since 02:10; a restart helps for an hour.",
    )
    number = (await add_ticket(context.storage, context.prefix, draft, who=WHO)).number
    partner.vendor.faults.add("lost_reply", operation="create", times=1)
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
        bonds = [bond for _, asked_for in asked for bond in await unit.bonds.find(asked_for.key)]
    return all(bond.reference is not None and not bond.waiting for bond in bonds)


async def _case_of(scene: Scene, bond: Bond) -> str:
    async with scene.stage.context.storage.unit() as unit:
        reference = (await unit.bonds.find(bond.key))[0].reference
    assert reference is not None
    return reference.number


async def _answered(scene: Scene, cases: Sequence[tuple[Partner, Bond, str]]) -> bool:
    async with scene.stage.context.storage.unit() as unit:
        for _, bond, _ in cases:
            comments = await unit.comments.of_ticket(bond.ticket_id)
            if not any(comment.origin == "vendor" and ANSWER in comment.body for comment in comments):
                return False
    return True


def _compare(scene: Scene, partner: Partner, bond: Bond) -> None:
    """Check that the vendor has one case and one comment, whatever the line lost."""
    ledger = partner.vendor.ledger
    cases = [entry for entry in ledger.of("case") if entry.key == bond.key]
    notes = [entry for entry in ledger.of("note") if COMMENT in (entry.text or "")]
    scene.story.partner_cases += len(cases)
    scene.story.partner_answers += 1
    if len(cases) != 1 or len(notes) != 1:
        scene.story.wrong.append(
            f"{partner.vendor_account.name}: {len(cases)} cases and {len(notes)} comments instead of one each"
        )


async def _session(scene: Scene, url: str, partner: Partner) -> None:
    """Run a remote session, and wait for its report in the ticket."""
    stage, context = scene.stage, scene.stage.context
    draft = TicketDraft(title="Show me what you see", severity=Severity.S3)
    number = (await add_ticket(context.storage, context.prefix, draft, who=WHO)).number
    started = await sessions.start(context, number, partner.vendor_account.name, offer=read_offer(), who=WHO)
    session = str(partner.vendor.act("join", {"code": started.session.code}))
    partner.vendor.act("chat", {"lsid": session, "text": "Please open the settings page."})
    partner.vendor.act("end", {"lsid": session})
    partner.vendor.clock.shift(120)
    if partner.vendor_account.can("read_webhook"):
        await _push(url, partner, session)
        scene.story.deliveries += 1

    async def reported() -> bool:
        return any(stored.reported for stored in await sessions.sessions(context, name=number))

    await stage.until("the session's report in its ticket", reported, seconds=60)


async def _mirrored(scene: Scene) -> None:
    """Wait until every article and patch is mirrored, and count them."""
    stage, story = scene.stage, scene.story
    accounts = [partner.vendor_account for partner in stage.partners]

    async def complete() -> bool:
        async with stage.context.storage.unit() as unit:
            streams = await unit.streams.all()
        wanted = {
            (account.name, kind)
            for account in accounts
            for kind in ("articles", "patches")
            if account.can(f"changed_{kind}")
        }
        return wanted <= {(stream.account, stream.kind) for stream in streams if stream.finished_at is not None}

    await stage.until("every article and patch mirrored", complete, seconds=60)
    story.articles = len(await listed(stage.context, kind="article", limit=1000))
    story.patches = len(await listed(stage.context, kind="patch", limit=1000))
    if stage.partners and not story.articles:
        story.wrong.append("no article was mirrored")


@asynccontextmanager
async def _receiver(scene: Scene) -> AsyncIterator[str]:
    """The receiver of `hub serve`, on a free local port."""
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


async def _push(url: str, partner: Partner, number: str) -> None:
    """Send the webhook of a case or session. Raises VendorError unless it is accepted."""
    push = partner.vendor.push(number)
    name = partner.vendor_account.name
    path = f"/webhooks/{name}/{push.path.lstrip('/')}".rstrip("/")
    async with Client(Connection(url), account=name, vendor=partner.vendor_account.info.name) as client:
        await client.send("POST", path, content=push.body, headers=dict(push.headers))
