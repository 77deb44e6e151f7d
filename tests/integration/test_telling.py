"""People are told by mail and webhook: once, together, at a bearable pace, and never what is private."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from pydantic import SecretStr

from hub.bonding.outbound import ticket_actions
from hub.context import HubContext
from hub.customers import appointments
from hub.customers.customers import add_customer
from hub.db import journal
from hub.db.storage import Storage
from hub.deadlines import ownership
from hub.desk.store import add_ticket
from hub.errors import NotFound
from hub.model import AppointmentState, Contact, Contract, Customer, Severity, TicketDraft, Visibility
from hub.notify import queue
from hub.notify.recipients import Directory, MailServer, Person
from hub.notify.sender import NoticeSender
from hub.notify.transport import NoticeTransport
from hub.simulators.email import Options, Postbox
from hub.simulators.kit import serve
from hub.sla.rules import ServiceRules, read_rules
from hub.vendors import load as load_plugins
from hub.work.watching import HOLD, Watcher

TORONTO = ZoneInfo("America/Toronto")
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
CANARY = "canary-of-a-private-text"


def at(written: str) -> datetime:
    """A local time in Toronto."""
    return datetime.fromisoformat(written).replace(tzinfo=TORONTO)


@dataclass
class Hand:
    """A clock that stands where it is put."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Hook:
    """A receiver of webhooks that knows the secret, and nothing of the hub."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)

    async def receive(self, request: web.BaseRequest) -> web.StreamResponse:
        """Verify by the letter of Standard Webhooks, keep, and answer as told."""
        body, named = await request.read(), request.headers
        signed = f"{named['webhook-id']}.{named['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        made = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert made in named["webhook-signature"].split(" ")
        self.got.append({"id": named["webhook-id"], **json.loads(body)})
        status = self.answers.pop(0) if self.answers else 204
        return web.Response(status=status, headers={"Location": f"{self.url}/moved"} if status == 302 else {})


@dataclass
class World:
    """A hub in a time of its own, with a mail server and a receiver of webhooks."""

    storage: Storage
    box: Postbox
    mail: MailServer
    hook: Hook
    rules: ServiceRules
    hand: Hand
    people: dict[str, Person] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context = HubContext(storage=self.storage, plugins=load_plugins(), accounts={}, hub_id="h", prefix="RJR")
        for role in ("owner", "lead", "manager", "account_manager", "L2"):
            self.people[role] = Person(addresses=(f"{role.lower()}@rjr.example",))

    @asynccontextmanager
    async def teller(self) -> AsyncIterator[NoticeSender]:
        """A worker's way to tell people."""
        people = Directory(mail=self.mail, people=self.people, **self.more)
        password = SecretStr(self.box.seeds.password)
        post = NoticeTransport(people, password=password, secret=SecretStr(SECRET), clock=self.hand)
        yield NoticeSender(self.storage, self.rules, people, post)
        await post.close()

    async def go(self, written: str = "", *, workers: int = 1) -> None:
        """Let the watchers do all that is due at a time, and a minute and a half later."""
        if written:
            self.hand.now = at(written)
        for _ in range(2):
            async with self.teller() as tell:
                watchers = [Watcher(self.context, self.rules, tell) for _ in range(workers)]
                while any(await asyncio.gather(*(one.turn() for one in watchers))):
                    pass
            self.hand.now += timedelta(seconds=90)

    @property
    def mails(self) -> list[tuple[str, EmailMessage]]:
        """The mails that were taken, with their recipients."""
        return [(one.recipients[0], read(one.raw)) for one in self.box.accepted]

    async def submit(self, title: str = "down", customer: str = "Ada Ltd", severity: Severity = Severity.S1) -> str:
        """A new ticket's number."""
        draft = TicketDraft(title=title, severity=severity, customer=customer, description=CANARY)
        return (await add_ticket(self.storage, "RJR", draft, who="ann")).number

    async def journal(self, chain: str, kind: str) -> list[dict[str, Any]]:
        """What the journal tells of one kind."""
        async with self.storage.unit() as unit:
            return [dict(one.data) for one in await journal.read(unit.connection, chain) if one.kind == kind]


def read(raw: bytes) -> EmailMessage:
    """A mail taken apart."""
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(mail: EmailMessage) -> str:
    """Its text."""
    return str(mail.get_content())


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Customers on Fast-Track in English and French, a mail server and a receiver."""
    hook = Hook()
    runner = web.ServerRunner(web.Server(hook.receive), shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    box = Postbox(options=Options())
    hand = Hand(at("2026-03-03 10:00"))
    storage = Storage(database_url, connections=8, clock=hand)
    async with serve(box) as served:
        known = box.account(served.url)
        mail = MailServer(
            host=str(known["smtp_host"]),
            port=int(str(known["smtp_port"])),
            tls="none",
            username=str(known["username"]),
            sender=box.seeds.address,
        )
        made = World(storage, box, mail, hook, read_rules(None, None, {}), hand)
        for number, name, language in (("100", "Ada Ltd", "en"), ("200", "Boréal inc.", "fr")):
            bought = Contract(number=f"C-{number}", customer=number, plan="fast-track", starts_on=date(2026, 1, 1))
            known_customer = Customer(
                number=number,
                name=name,
                language=language,
                account_manager="carla",
                contracts=(bought,),
                contacts=(Contact(name="Ops", email=f"ops@c{number}.example"),),
            )
            await add_customer(storage, known_customer, who="ann")
        yield made
    await storage.close()
    await runner.cleanup()


async def test_a_breach_is_told_to_each_role_by_one_mail(world: World) -> None:
    """Owner, lead, manager and account manager get one mail each, with the deadline in the calendar's zone."""
    number = await world.submit()
    await world.go("2026-03-03 11:00")
    told = dict(world.mails)
    assert sorted(told) == [
        "account_manager@rjr.example",
        "l2@rjr.example",
        "lead@rjr.example",
        "manager@rjr.example",
        "owner@rjr.example",
    ]
    assert len(world.mails) == 5
    mail = told["lead@rjr.example"]
    assert mail["Subject"] == f"{number}: the answer to the customer is late"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Due: 2026-03-03 11:00 (America/Toronto)" in body(mail)
    assert f"hub clock explain {number}" in body(mail)
    entries = await world.journal(number, "told")
    assert {(one["role"], one["way"]) for one in entries} == {
        (role, "mail") for role in ("owner", "lead", "manager", "account_manager", "L2")
    }
    assert "@" not in json.dumps(entries)


async def test_nothing_private_is_ever_told(world: World) -> None:
    """Neither a private comment nor a description, a title only where it is allowed, and no header made of a title."""
    title = "Bcc: eve@evil.example\r\nX-Bad: yes\r\n\r\n" + "désolé \N{SNOWMAN} " * 60
    number = await world.submit(title=title)
    await ticket_actions.comment(world.context, number, CANARY, Visibility.PRIVATE, who="bob")
    world.people["lead"] = Person(addresses=("lead@rjr.example",), webhook=f"{world.hook.url}/hook")
    for titles in (False, True):
        world.more = {"titles": titles}
        await world.go("2026-03-03 10:46" if not titles else "2026-03-03 11:00")
        assert world.mails
        for _, mail in world.mails:
            assert CANARY not in mail.as_string()
            assert mail["X-Bad"] is None
            assert mail["Bcc"] is None
            assert ("Title: Bcc: eve@evil.example X-Bad: yes désolé" in body(mail)) is titles
            assert max(map(len, body(mail).splitlines())) < 200
        assert CANARY not in json.dumps(world.hook.got)
        world.box.accepted.clear()


async def test_a_customer_is_told_in_its_language_and_of_its_own_tickets_only(world: World, tmp_path: Any) -> None:
    """One who is a contact of two customers gets a mail for each; neither names the other's ticket or a reason."""
    rules = tmp_path / "policy.toml"
    rules.write_text(
        'version = "t"\nquiet_outside = "eastern"\n'
        '[[steps]]\nname = "soon"\nclock = "response"\nat = 0.9\ndo = "notify"\nwhom = ["lead"]\n'
        '[[steps]]\nname = "late"\nclock = "response"\nat = 1.0\ndo = "notify"\nwhom = ["customer"]\n'
    )
    world.rules = read_rules(None, rules, {})
    both = Contact(name="Both", email="both@agency.example")
    for number, name, language in (("300", "Nord", "fr"), ("400", "South", "en")):
        bought = Contract(number=f"C-{number}", customer=number, plan="fast-track", starts_on=date(2026, 1, 1))
        known = Customer(number=number, name=name, language=language, contracts=(bought,), contacts=(both,))
        await add_customer(world.storage, known, who="ann")
    north, south = await world.submit(customer="Nord"), await world.submit(customer="South")
    await world.go("2026-03-03 11:30")
    english, french = sorted(
        (mail for to, mail in world.mails if to == both.email), key=lambda one: str(one["Content-Language"])
    )
    assert french["Subject"] == f"{north}: notre réponse est en retard"
    assert south not in french.as_string()
    assert "Échéance\N{NO-BREAK SPACE}: 2026-03-03 11:00 (America/Toronto)" in body(french)
    assert english["Subject"] == f"{south}: our answer to you is late"
    assert north not in english.as_string()
    for mail in (french, english):
        assert "hub clock" not in body(mail)


async def test_several_notices_are_one_message(world: World) -> None:
    """Three tickets that are late at the same time, after a warning each, are one mail for the lead."""
    numbers = [await world.submit() for _ in range(3)]
    await world.go("2026-03-03 11:05")
    (mail,) = [one for to, one in world.mails if to == "lead@rjr.example"]
    assert mail["Subject"] == f"3 notices: {numbers[0]}: the answer to the customer is late"
    assert body(mail).count("is late") == 3
    assert "an answer to the customer is due" not in body(mail).lower()


async def test_what_is_answered_meanwhile_is_not_told(world: World) -> None:
    """A warning that waits for its batch is dropped when the answer was given."""
    number = await world.submit()
    world.hand.now = at("2026-03-03 10:30")
    async with world.teller() as tell:
        await Watcher(world.context, world.rules, tell).turn()
    await ownership.answered(world.storage, number, None, who="bob")
    await world.go("2026-03-03 10:33")
    assert world.mails == []
    (dropped,) = await queue.listed(world.storage, ["dropped"])
    assert dropped.reason == "answered in the meantime"


async def test_the_limit_holds_back_and_merges(world: World) -> None:
    """With two messages an hour the third waits, and then tells of all that was late meanwhile."""
    world.more = {"per_hour": 2}
    begin, numbers = at("2026-03-03 10:00"), []
    for minute in range(0, 40, 8):
        world.hand.now = begin + timedelta(minutes=minute)
        numbers.append(await world.submit())
    for minute in range(60, 160):
        world.hand.now = begin + timedelta(minutes=minute)
        await world.go(f"{world.hand.now:%Y-%m-%d %H:%M}")
    got = [mail for to, mail in world.mails if to == "manager@rjr.example"]
    assert len(got) == 3
    assert body(got[2]).count("is late") == 3
    assert all(any(number in body(mail) for mail in got) for number in numbers)


async def test_a_role_without_anybody_is_parked_until_somebody_is_set(world: World) -> None:
    """The reason names role, setting and who acts; told again, only those are told who were not."""
    del world.people["manager"]
    number = await world.submit()
    await world.go("2026-03-03 11:00")
    (parked,) = await queue.listed(world.storage, ["parked"])
    assert parked.reason == ("no recipient for manager: add [people.manager] to the people file")
    assert await world.journal(number, "not_told")
    before = len(world.mails)
    world.people["manager"] = Person(addresses=("boss@rjr.example",))
    await queue.retry(world.storage, {parked.id}, who="ann")
    await world.go()
    assert [to for to, _ in world.mails[before:]] == ["boss@rjr.example"]
    with pytest.raises(NotFound):
        await queue.retry(world.storage, {parked.id}, who="ann")


async def test_the_owner_is_told_and_else_whoever_stands_in(world: World) -> None:
    """By an entry, by an address, or by the role's own entry."""
    world.people["bob"] = Person(addresses=("bob@rjr.example",), language="fr")
    first, second, _ = [await world.submit() for _ in range(3)]
    await ownership.take(world.storage, first, who="bob")
    await ownership.take(world.storage, second, who="eve@rjr.example")
    await world.go("2026-03-03 10:30")
    assert sorted(to for to, _ in world.mails) == ["bob@rjr.example", "eve@rjr.example", "owner@rjr.example"]
    (mail,) = [one for to, one in world.mails if to == "bob@rjr.example"]
    assert mail["Subject"] == f"{first}: une réponse au client est attendue"


async def test_a_webhook_is_signed_and_followed_nowhere(world: World) -> None:
    """The receiver verifies the signature; a redirect is tried again at the same place, 2xx ends it."""
    world.people["owner"] = Person(webhook=f"{world.hook.url}/hook", language="fr")
    world.hook.answers = [302, 500, 429]
    number = await world.submit()
    await world.go("2026-03-03 10:30")
    for _ in range(3):
        await world.go()
    assert len({one["id"] for one in world.hook.got}) == 1
    assert len(world.hook.got) == 4
    told = world.hook.got[-1]
    assert (told["type"], told["data"]["role"], told["data"]["language"]) == ("notices.told", "owner", "fr")
    (notice,) = told["data"]["notices"]
    assert (notice["about"], notice["ticket"], notice["severity"]) == ("warning", number, "S1")
    assert datetime.fromisoformat(notice["deadline"]) == at("2026-03-03 11:00")
    assert [one["why"] for one in await world.journal(number, "perhaps_told")] == ["the webhook answered 500"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
async def test_a_webhook_that_refuses_is_asked_once(world: World, status: int) -> None:
    """The notice is parked with the reason."""
    world.people["owner"] = Person(webhook=f"{world.hook.url}/hook")
    world.hook.answers = [status]
    number = await world.submit()
    await world.go("2026-03-03 10:30")
    (parked,) = await queue.listed(world.storage, ["parked"])
    assert parked.reason.startswith(f"the webhook answered {status}")
    assert len(world.hook.got) == 1
    assert [one["role"] for one in await world.journal(number, "not_told")] == ["owner"]


async def test_a_server_that_is_away_is_tried_again_with_growing_waits(world: World) -> None:
    """The first repeat comes after a minute, the next after two; the mail is one, and is journalled once."""
    number = await world.submit()
    world.box.faults.add("greylisted", method="RCPT", times=2)
    await world.go("2026-03-03 10:30")
    waits = []
    for _ in range(2):
        (held,) = [one for one in await queue.listed(world.storage, ["ready"]) if one.recipient]
        waits.append(held.data["tries"])
        world.hand.now = held.due_at
        await world.go()
    assert waits == [1, 2]
    assert [to for to, _ in world.mails] == ["owner@rjr.example"]
    assert len(await world.journal(number, "told")) == 1


async def test_a_login_that_is_refused_parks_nothing(world: World) -> None:
    """All wait until the operator has mended it, and are told then."""
    await world.submit()
    world.box.faults.add("login_refused", method="AUTH")
    await world.go("2026-03-03 10:30")
    assert (await queue.listed(world.storage, ["parked"]), world.mails) == ([], [])
    world.box.faults.clear()
    await world.go("2026-03-03 10:40")
    assert [to for to, _ in world.mails] == ["owner@rjr.example"]


async def test_an_address_that_there_is_not_is_parked_with_the_reason(world: World) -> None:
    """Nobody tries it again by itself; once it is mended, a retry reaches the new one."""
    await world.submit()
    world.box.faults.add("no_such_user", method="RCPT", times=1)
    await world.go("2026-03-03 10:30")
    (parked,) = await queue.listed(world.storage, ["parked"])
    assert "550 5.1.1" in parked.reason
    await world.go("2026-03-03 10:40")
    assert world.mails == []
    world.people["owner"] = Person(addresses=("right@rjr.example",))
    await queue.retry(world.storage, [], who="ann")
    await world.go()
    assert [to for to, _ in world.mails] == ["right@rjr.example"]


async def test_a_lost_answer_is_repeated_under_the_same_id(world: World) -> None:
    """The server took the mail and its answer was lost: the second mail has the same Message-ID, and the doubt is told."""
    number = await world.submit()
    world.box.faults.add("lost_reply", method="DATA", times=1)
    await world.go("2026-03-03 10:30")
    await world.go("2026-03-03 10:45")
    first, second, *_ = (mail for to, mail in world.mails if to == "owner@rjr.example")
    assert first["Message-ID"] == second["Message-ID"]
    assert len(await world.journal(number, "perhaps_told")) == 1


async def test_a_worker_that_dies_after_sending_leaves_the_message_to_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes it over sends the same notices under the same Message-ID, although more have come meanwhile."""
    first = await world.submit()
    world.hand.now = at("2026-03-03 10:30")
    async with world.teller() as tell:
        watcher = Watcher(world.context, world.rules, tell)
        while await watcher.turn():
            pass
        await world.submit()
        world.hand.now += timedelta(seconds=90)

        async def die(*_: object) -> None:
            raise ConnectionAbortedError

        monkeypatch.setattr(tell, "_settle", die)
        with pytest.raises(ConnectionAbortedError):
            await watcher.turn()
    assert len(world.mails) == 1
    await world.go()
    assert len(world.mails) == 1, "it is in hand"
    world.hand.now += HOLD
    await world.go("2026-03-03 10:42")
    (_, one), (_, other) = world.mails
    assert one["Message-ID"] == other["Message-ID"]
    assert body(one) == body(other)
    assert len(await world.journal(first, "told")) == 1


async def test_many_watchers_tell_nothing_twice(world: World) -> None:
    """Six of them at once, with 12 tickets that are late: five roles, one mail each."""
    for _ in range(12):
        await world.submit()
    await world.go("2026-03-03 11:00", workers=6)
    ids = [str(mail["Message-ID"]) for _, mail in world.mails]
    assert len(ids) == len(set(ids))
    told = [line for to, mail in world.mails if to == "lead@rjr.example" for line in body(mail).splitlines()]
    named = [line for line in told if line.startswith("Ticket: ")]
    assert len(named) == len(set(named)) == 12
    assert await queue.listed(world.storage, ["ready", "merged", "parked"]) == []


async def test_appointments_and_follow_ups_are_reminded_of_once(world: World) -> None:
    """An appointment is told to whoever keeps it, in the customer's zone; a call to the account manager."""
    world.people["bo"] = Person(addresses=("bo@rjr.example",))
    world.people["carla"] = Person(addresses=("carla@rjr.example",))
    more = Contract(number="K-1", customer="500", plan="continuous", starts_on=date(2026, 2, 4))
    known = Customer(number="500", name="West", zone="America/Vancouver", account_manager="carla", contracts=(more,))
    await add_customer(world.storage, known, who="ann")
    number = await world.submit(customer="West", severity=Severity.S4)
    await appointments.add(
        world.storage, world.rules.offer, number, datetime(2026, 3, 4, 12), minutes=45, agent="bo", who="ann"
    )
    await world.go("2026-03-03 15:30")
    (mail,) = [one for to, one in world.mails if to == "bo@rjr.example"]
    assert str(mail["Subject"]).strip() == f"{number}: appointment on 2026-03-04 12:00 (America/Vancouver), 45 minutes"
    assert "hub appointments cancel 1" in body(mail)
    assert "carla@rjr.example" not in dict(world.mails)
    for _ in range(2):
        await world.go("2026-03-04 11:00")
    told = [(to, mail) for to, mail in world.mails if to in {"bo@rjr.example", "carla@rjr.example"}]
    assert [to for to, _ in told] == ["bo@rjr.example", "carla@rjr.example"]
    assert "Follow-up call to customer 500 due on 2026-03-04\r\n" in body(told[1][1])
    assert await world.journal("customer:500", "told")


async def test_an_appointment_that_is_called_off_is_not_reminded_of(world: World) -> None:
    """Not even when the reminder waits already."""
    number = await world.submit(severity=Severity.S4)
    made = await appointments.add(
        world.storage, world.rules.offer, number, at("2026-03-04 12:00"), minutes=45, agent="bo", who="ann"
    )
    world.hand.now = at("2026-03-03 15:00")
    async with world.teller() as tell:
        await Watcher(world.context, world.rules, tell).turn()
    await appointments.settle(world.storage, made.id, AppointmentState.CANCELLED, who="ann")
    await world.go("2026-03-03 15:05")
    assert world.mails == []
