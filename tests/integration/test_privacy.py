"""Nothing private and no planted secret leaves, or stands in a log, the journal, an operation or an error."""

from __future__ import annotations

import logging
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from desk_kit import Desk
from proofs import sizes

from hub.bonding.judgement.intake import compile_packet
from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import escalate
from hub.errors import HubError, NotDisclosed
from hub.model import Contact, Intake, Severity, Ticket, TicketDraft, TicketStatus, Visibility
from hub.privacy.disclose import DisclosurePolicy, disclose_comment, may_leave
from hub.simulators.kit import Call, Reply

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WORDS = (
    "the",
    "server",
    "fails",
    "since",
    "noon",
    "r\u00e9seau",
    "checkout",
    "again",
    "node-7",
    "v4.2.1",
    "\u8a66\u9a13",
    "ok",
)
SECRETS = (
    "password={0}",
    "Password: {0}",
    "passwd = '{0}'",
    "mot de passe : {0}",
    '"api_key": "{0}"',
    "Authorization: Bearer {0}{0}",
    "export AWS_SECRET_ACCESS_KEY={0}{0}",
    "postgres://root:{0}@db.example/x",
    "client_secret={0}",
    "token: {0}",
)


@dataclass
class Thread:
    """A ticket and what is said on it; `canaries` must stay inside."""

    draft: TicketDraft
    said: list[tuple[str, Visibility]]
    canaries: list[str]


def threads(seed: int, count: int) -> Iterator[Thread]:
    """So many conversations, each with texts that stay inside and secrets in those that leave."""
    dice = random.Random(seed)
    for number in range(count):
        canaries: list[str] = []

        def canary(kind: str, number: int = number, canaries: list[str] = canaries) -> str:
            made = f"{kind}{number:05d}{dice.choice('bdfghk')}{dice.randrange(36**6):07d}X"
            canaries.append(made)
            return made

        def prose() -> str:
            return " ".join(dice.choice(WORDS) for _ in range(dice.randrange(1, 12)))

        def leaving() -> str:
            context = [prose()]
            context += [dice.choice(SECRETS).format(canary("Sec")) for _ in range(dice.randrange(3))]
            return dice.choice(["\n", "\r\n", " \n "]).join([*context, prose()])

        said: list[tuple[str, Visibility]] = []
        for _ in range(dice.randrange(1, 5)):
            if dice.random() < 0.5:
                said.append((leaving(), Visibility.VENDOR))
            else:
                visibility = dice.choice([Visibility.PRIVATE, Visibility.PUBLIC])
                said.append((f"{prose()} {canary('Priv')} {prose()}", visibility))
        draft = TicketDraft(
            title=prose()[:60],
            severity=Severity.S3,
            description=leaving(),
            product="BMC Remedy",
            customer=canary("Cust"),
            contact=Contact(name=canary("Name"), email=f"{canary('Mail')}@customer.example"),
            fields={"internal_note": canary("Field")},
        )
        yield Thread(draft, said, canaries)


@pytest.mark.parametrize("count", sizes("ten-thousand", 1_000, 10_000))
def test_threads_disclose_nothing(count: int) -> None:
    """Of so many generated conversations nothing private and no planted secret is in what would leave."""
    policy = DisclosurePolicy(fields=frozenset({"title", "description", "severity", "product"}))
    leaked, checked = [], 0
    for number, thread in enumerate(threads(20, count)):
        ticket = Ticket(
            id=number,
            number=f"RJR-{number:06d}",
            status=TicketStatus.OPEN,
            created_at=NOON,
            updated_at=NOON,
            **{
                name: getattr(thread.draft, name)
                for name in (
                    "title",
                    "description",
                    "severity",
                    "source",
                    "source_id",
                    "product",
                    "vendor",
                    "customer",
                    "contact",
                    "language",
                    "fields",
                )
            },
        )
        leaves = msgspec.json.encode(compile_packet(ticket, "RJR-000001-7F3KQ", Intake(), {}, policy)).decode()
        for body, visibility in thread.said:
            if may_leave(visibility, policy):
                leaves += disclose_comment(body, visibility, policy)
            else:
                with pytest.raises(NotDisclosed) as refused:
                    disclose_comment(body, visibility, policy)
                leaves += str(refused.value) + refused.value.next_step
        checked += len(thread.canaries)
        leaked += [(body, canary) for canary in thread.canaries if canary in leaves for body, _ in thread.said][:3]
    assert checked > 5 * count
    assert leaked == []


@pytest.mark.parametrize("count", sizes("ten-thousand", 30, 200))
async def test_threads_end_to_end(desk: Desk, caplog: pytest.LogCaptureFixture, count: int) -> None:
    """Through the whole hub, with faults and logging at its loudest, no planted text is anywhere but in its ticket."""
    caplog.set_level(logging.DEBUG)
    seen = _record(desk)
    for kind in ("lost_reply", "refused", "http_503"):
        desk.sim.faults.add(kind, share=0.05, operation="note")
    desk.hurry()
    canaries: list[str] = ["s3cret"]
    errors: list[str] = []
    for thread in threads(7, count):
        canaries += thread.canaries
        number = await desk.ticket(
            thread.draft.title,
            description=thread.draft.description,
            contact=thread.draft.contact,
            customer=thread.draft.customer,
            fields=thread.draft.fields,
        )
        await escalate(desk.context, number, "bmc", {}, who="agent", why=f"because of {thread.canaries[0]}")
        for body, visibility in thread.said:
            await ticket_actions.comment(desk.context, number, body, visibility, who="agent")
            if visibility is not Visibility.VENDOR:
                try:
                    await ticket_actions.comment(desk.context, number, body, visibility, who="agent", to="bmc")
                except HubError as error:
                    errors.append(f"{error!r} {error.describe()}")
        await ticket_actions.attach(
            desk.context, number, "app.log", "text/plain", _lines(thread), Visibility.VENDOR, who="agent"
        )
    async with desk.storage.unit() as unit:
        assert await unit.outbox.ages()
    for _ in range(6):
        await desk.send(seconds=60)
        await desk.execute("UPDATE outbox SET ready_at = now()")
        await desk.execute("UPDATE lane SET resume_at = now(), failures = 0, circuit = 'closed'")
    assert len(desk.cases()) == count
    assert len(seen) > 2.5 * count
    rows = await _rows(desk)
    logged = "\n".join(f"{one.getMessage()} {one.exc_text or ''} {vars(one)}" for one in caplog.records)
    places = {
        "requests": "\n".join(seen),
        "logs": logged,
        "errors": "\n".join(errors),
        **rows,
        "reprs": f"{desk.context!r} {desk.storage!r} {desk.vendor_account.account!r}",
    }
    assert len(errors) > count / 2
    assert caplog.records
    leaks = [(place, canary) for place, held in places.items() for canary in canaries if canary in held]
    assert leaks == []


async def _lines(thread: Thread) -> AsyncIterator[bytes]:
    for body, visibility in thread.said:
        if visibility is Visibility.VENDOR:
            data = f"{body}\n".encode()
            yield data[: len(data) // 2]
            yield data[len(data) // 2 :]


def _record(desk: Desk) -> list[str]:
    """Keep all that reaches the vendor, its login left out."""
    seen: list[str] = []
    answer = desk.sim.answer

    def listen(call: Call) -> Reply:
        if call.operation != "login":
            headers = {name: value for name, value in call.headers.items() if name.lower() != "authorization"}
            seen.append(f"{call.path} {call.query} {headers} {call.body.decode('utf-8', 'replace')}")
        return answer(call)

    desk.sim.answer = listen  # type: ignore[method-assign]
    return seen


async def _rows(desk: Desk) -> dict[str, str]:
    held: dict[str, Any] = {}
    async with desk.storage.engine.connect() as connection:
        for table in ("journal", "operation", "outbox", "lane", "stream", "quarantine", "bond"):
            rows = await connection.exec_driver_sql(f"SELECT {table}::text AS told FROM {table}")
            held[table] = "\n".join(row.told for row in rows)
    return held
