"""Each fault of mail, once, as public clients see it, and its effect on what is stored."""

from __future__ import annotations

import asyncio
import imaplib
import smtplib
from email import message_from_bytes
from typing import Any

import httpx
import pytest

from hub.simulators.email import Email, read
from hub.simulators.email.drift import KINDS
from hub.simulators.kit import Call, Reply, serve
from hub.testing.stage import SimulatorStage, echo, redirect

from .mailing import KEY, Ends, at_desk, mail

GONE = (smtplib.SMTPServerDisconnected, ConnectionError)
# Fault, settings, errors that the client sees, cases stored.
LINES = [
    ("reset_before", {}, GONE, 0),
    ("delay_before", {"seconds": 30}, (TimeoutError, *GONE), 0),
    ("lost_reply", {}, GONE, 1),
    ("delay_after", {"seconds": 30}, (TimeoutError, *GONE), 1),
    ("cut_body", {}, (*GONE, smtplib.SMTPDataError), 1),
    ("garbled_status", {}, (*GONE, smtplib.SMTPDataError), 1),
    ("drip", {"seconds": 30}, (TimeoutError, *GONE), 1),
]
# Fault, code when it strikes the mail's text.
REFUSED = {
    "http_403": 550,
    "http_500": 451,
    "http_502": 451,
    "http_503": 421,
    "http_504": 451,
    "retry_after_seconds": 451,
    "retry_after_absent": 450,
    "retry_after_absurd": 451,
    "login_page": 534,
    "greylisted": 451,
    "mailbox_busy": 450,
    "storage_short": 452,
    "too_many_recipients": 452,
    "no_such_user": 550,
    "mailbox_full": 552,
    "too_big": 552,
    "spam_refused": 554,
    "content_refused": 550,
    "sender_refused": 553,
    "command_refused": 502,
}
LOGIN = {"login_refused": 535, "login_unavailable": 454, "login_expired": 534, "login_page": 534}
# Fault, settings, what the host says when it strikes a fetch.
NO = {
    "http_403": "[NOPERM]",
    "http_500": "[SERVERBUG]",
    "http_502": "[UNAVAILABLE]",
    "http_504": "[UNAVAILABLE]",
    "retry_after_seconds": "Suggested Backoff Time: 3000 milliseconds",
    "retry_after_absent": "[LIMIT]",
    "retry_after_absurd": "259200000 milliseconds",
    "login_page": "[WEBALERT ",
    "in_use": "[INUSE]",
    "login_refused": "[AUTHENTICATIONFAILED]",
    "login_unavailable": "[UNAVAILABLE]",
    "login_expired": "[EXPIRED]",
    "tls_unavailable": "[UNAVAILABLE]",
}
BY_NAME = {
    "bye",
    "clock_back",
    "bounced",
    "bounced_late",
    "slow_delivery",
    "vanished",
    "doubled",
    "renumbered",
    "expunged",
    "not_indexed",
    "uidnext_missing",
    "short_literal",
    "body_missing",
    "size_wrong",
    "wrong_order",
    "chatter",
    "other_tag",
    "unknown_status",
    "late",
    "twice",
    "overtaken",
    "in_junk",
    "swallowed",
    "unsigned",
    "wrong_charset",
    "astray",
    "unthreaded",
}
"""Faults with a test of their own below."""


def test_every_fault_has_a_test() -> None:
    """Each kind that the host knows is in a table here or has a test of its own, and none is there twice."""
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names))
    assert set(names) == {line for line, *_ in LINES} | set(REFUSED) | set(LOGIN) | set(NO) | BY_NAME


@pytest.mark.parametrize(("kind", "how", "errors", "cases"), LINES, ids=[line[0] for line in LINES])
async def test_a_line_that_fails_on_the_way_out(kind: str, how: dict[str, Any], errors: Any, cases: int) -> None:
    """Cut or stalled before the effect nothing is stored; after it, a case is there without a word of it."""
    async with at_desk(patience=0.4 if how else 5.0) as ends:
        ends.sim.faults.add(kind, operation="create", times=1, **how)
        with pytest.raises(errors):
            await ends.send(mail())
        assert len(ends.stored("case")) == cases
        assert ends.sim.faults.injected[kind] == 1
        ends.patience = 5.0
        await ends.send(mail())
        assert [entry.id for entry in ends.stored("case")] == ["CS-1042"]


@pytest.mark.parametrize(("kind", "code"), REFUSED.items())
async def test_a_mail_that_is_refused(kind: str, code: int) -> None:
    """A refusal at the end of the text has its code and stores nothing; with `after`, the mail is stored anyway."""
    async with at_desk() as ends:
        for after, cases in ((False, 0), (True, 1)):
            ends.sim.faults.add(kind, operation="create", times=1, after=after, seconds=3)
            with pytest.raises(smtplib.SMTPDataError) as caught:
                await ends.send(mail())
            assert caught.value.smtp_code == code
            assert len(ends.stored("case")) == cases


@pytest.mark.parametrize(
    ("operation", "kind", "error"),
    [
        ("connect", "http_503", smtplib.SMTPConnectError),
        ("connect", "http_403", smtplib.SMTPConnectError),
        ("sender", "sender_refused", smtplib.SMTPSenderRefused),
        ("recipient", "no_such_user", smtplib.SMTPRecipientsRefused),
        ("data", "storage_short", smtplib.SMTPDataError),
        ("data", "reset_before", GONE),
        ("sender", "lost_reply", GONE),
    ],
)
async def test_a_refusal_at_any_command(operation: str, kind: str, error: Any) -> None:
    """Greeting, sender, recipient and the begin of the text are refused or cut, and the next try goes through."""
    async with at_desk() as ends:
        ends.sim.faults.add(kind, operation=operation, times=1)
        with pytest.raises(error):
            await ends.send(mail())
        assert ends.stored("mail") == []
        await ends.send(mail())
        assert len(ends.stored("case")) == 1


@pytest.mark.parametrize(("kind", "code"), LOGIN.items())
async def test_a_login_that_is_refused(kind: str, code: int) -> None:
    """A right login is refused over SMTP with its code, and over IMAP with its own words."""
    async with at_desk() as ends:
        ends.sim.faults.add(kind, operation="login")
        with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
            await ends.send(mail())
        assert caught.value.smtp_code == code
        with pytest.raises(imaplib.IMAP4.error):
            await ends.imap(lambda client: client.noop())


async def test_encryption_that_is_not_to_be_had() -> None:
    """STARTTLS is refused for now, over SMTP and IMAP."""
    async with at_desk(tls="starttls") as ends:
        ends.sim.faults.add("tls_unavailable")
        with pytest.raises(smtplib.SMTPException):
            await ends.send(mail())
        with pytest.raises(imaplib.IMAP4.error):
            await ends.imap(lambda client: client.noop())


async def _step(ends: Ends, kind: str, operation: str = "read", **how: Any) -> None:
    await ends.send(mail())
    ends.sim.engineer.answer(KEY, "Step.")
    ends.sim.faults.add(kind, operation=operation, times=1, **how)


def _fetch(client: imaplib.IMAP4) -> Any:
    return client.uid("FETCH", "1:*", "(UID RFC822.SIZE BODY.PEEK[])")


@pytest.mark.parametrize(("kind", "says"), NO.items())
async def test_a_fetch_that_is_refused(kind: str, says: str) -> None:
    """A refused fetch says NO and why, and the next one brings the mail."""
    async with at_desk() as ends:
        await _step(ends, kind, seconds=3)
        (verdict, [words]), again = await ends.imap(lambda client: (_fetch(client), _fetch(client)))
        assert verdict == "NO"
        assert says in words.decode()
        assert again[0] == "OK"


@pytest.mark.parametrize(
    ("kind", "how"), [*((kind, how) for kind, how, *_ in LINES), ("bye", {}), ("http_503", {}), ("short_literal", {})]
)
async def test_a_fetch_that_is_cut(kind: str, how: dict[str, Any]) -> None:
    """A fetch that is cut, stalled, garbled or ended by the host is no answer, and the mail is still there."""
    async with at_desk(patience=0.4 if how else 5.0) as ends:
        await _step(ends, kind, **how)
        with pytest.raises((imaplib.IMAP4.error, OSError)):
            await ends.imap(_fetch)
        ends.sim.faults.clear()
        ends.patience = 5.0
        assert (await ends.imap(_fetch))[0] == "OK"


async def test_a_command_that_the_host_does_not_know() -> None:
    """BAD is no answer of the mailbox but the client's mistake."""
    async with at_desk() as ends:
        await _step(ends, "command_refused")
        with pytest.raises(imaplib.IMAP4.error, match="BAD"):
            await ends.imap(_fetch)


async def test_answers_in_odd_shapes() -> None:
    """A fetch without text, with a wrong size, backwards, or between other news still ends with OK."""
    async with at_desk() as ends:
        await ends.send(mail())
        ends.sim.engineer.answer(KEY, "Step.")
        for kind in ("body_missing", "size_wrong", "wrong_order", "chatter"):
            ends.sim.faults.add(kind, operation="read", times=1)
            verdict, data = await ends.imap(_fetch)
            assert verdict == "OK"
            heads = [part[0] if isinstance(part, tuple) else part for part in data if part != b")"]
            match kind:
                case "body_missing":
                    assert not any(isinstance(part, tuple) for part in data)
                case "size_wrong":
                    assert f"RFC822.SIZE {len(ends.answers[0])} ".encode() not in heads[0]
                case "wrong_order":
                    assert [mail[:1] for mail in heads] == [b"2", b"1"]
                case "chatter":
                    assert b"1 (FLAGS (\\Seen))" in heads
            ends.sim.faults.clear()


async def test_a_line_for_another_command() -> None:
    """A last line under another tag is noticed by the client."""
    async with at_desk() as ends:
        await _step(ends, "other_tag")
        with pytest.raises(imaplib.IMAP4.abort, match="unexpected"):
            await ends.imap(_fetch)


async def test_ids_that_change() -> None:
    """UIDVALIDITY changes, a requested mail is removed, and UIDNEXT is not reported."""
    async with at_desk() as ends:
        await _step(ends, "renumbered", "select")
        assert await ends.imap(lambda client: client.response("UIDVALIDITY")[1]) == [b"2"]
        ends.sim.faults.add("uidnext_missing", times=1)
        assert await ends.imap(lambda client: client.response("UIDNEXT")[1]) == [None]
        ends.sim.faults.add("expunged", operation="read", times=1)
        _, data = await ends.imap(_fetch)
        assert [part[0].split()[2] for part in data if isinstance(part, tuple)] == [b"2"]
        assert len(ends.answers) == 1


async def test_a_search_that_lags() -> None:
    """The newest mail is not found yet, and is found later."""
    async with at_desk() as ends:
        await _step(ends, "not_indexed", "query")
        results = await ends.imap(lambda client: [client.uid("SEARCH", "ALL")[1] for _ in range(2)])
        assert results == [[b"1"], [b"1 2"]]


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_status_that_nobody_knows(language: str) -> None:
    """Every status in fetched mail is an unknown word while the fault lasts, and the literal keeps its length."""
    async with at_desk(language=language) as ends:
        await _step(ends, "unknown_status", value="Zorblax")
        texts = [read(part[1]).text for part in (await ends.imap(_fetch))[1] if isinstance(part, tuple)]
        assert "Zorb" in texts[0]
        assert "Zorb" not in read(ends.answers[0]).text


async def test_the_clock_steps_back() -> None:
    """The host's clock steps back, and mail is older than mail before it."""
    async with at_desk() as ends:
        await ends.send(mail())
        ends.sim.faults.add("clock_back", operation="note", seconds=600)
        await ends.send(mail("Status: Closed\nmore\n", ident="<2@rjr.example>", subject=f"Re: [{KEY}]"))
        ends.sim.faults.clear()
        ends.sim.faults.add("clock_back", operation="login", seconds=600, times=1)
        await ends.send(mail("more\n", ident="<3@rjr.example>"))
        first, *_, last = (mail.at for mail in ends.sim.mailbox.inbox.mails)
        assert last < first - 500


async def test_mail_that_is_taken_and_does_not_arrive() -> None:
    """250 is no proof of arrival: mail bounces, is late, is reported as late, comes twice or vanishes."""
    async with at_desk(acknowledges=False) as ends:

        async def sent(kind: str, number: int) -> list[str]:
            ends.sim.faults.add(kind, operation="create", times=1, seconds=60)
            await ends.send(mail(ident=f"<{number}@rjr.example>", subject=f"[RJR-{number:06d}-7F3KQ] x"))
            return [entry.id for entry in ends.stored("case")]

        assert await sent("bounced", 1) == []
        assert b"Action: failed" in ends.answers[0]
        assert b"<1@rjr.example>" in ends.answers[0]
        assert ends.answers[0].startswith(b"Return-Path: <>\r\n")
        assert message_from_bytes(ends.answers[0]).get_content_type() == "multipart/report"
        assert await sent("vanished", 2) == []
        assert await sent("slow_delivery", 3) == []
        assert await sent("bounced_late", 4) == []
        assert b"Action: delayed" in ends.answers[1]
        ends.sim.clock.shift(61)
        await ends.imap(lambda client: client.noop())
        assert len(ends.stored("case")) == 2
        assert len(await sent("doubled", 5)) == 3
        assert [entry.values["again"] for entry in ends.stored("mail")][-2:] == [False, True]


async def test_mail_that_comes_oddly() -> None:
    """The desk's mail is late, doubled, overtaken, in Junk, lost, unproved, in a wrong charset, or without thread."""
    async with at_desk(acknowledges=False) as ends:
        await ends.send(mail())
        engineer, box = ends.sim.engineer, ends.sim.mailbox

        def struck(kind: str, text: str = "Answer é.") -> list[bytes]:
            before = len(ends.answers)
            ends.sim.faults.add(kind, times=1, seconds=60)
            engineer.answer(KEY, text)
            return ends.answers[before:]

        assert len(struck("twice")) == 2
        assert struck("late") == []
        ends.sim.clock.shift(61)
        box.settle()
        assert len(ends.answers) == 3
        assert struck("overtaken", "first") == []
        engineer.answer(KEY, "second")
        assert [read(mail).text.split("\n")[0] for mail in ends.answers[-2:]] == ["second", "first"]
        assert struck("swallowed") == []
        assert struck("in_junk") == []
        assert len(box.folders["Junk"].mails) == 1
        assert b"Authentication-Results" not in struck("unsigned")[0]
        assert b"x-unknown" in struck("wrong_charset")[0]
        assert read(struck("astray")[0]).subject == "Your request"
        assert read(struck("unthreaded")[0]).references == ()


async def test_faults_keep_to_what_they_can_strike() -> None:
    """A fault of deliveries or of IMAP without an operation ignores all other calls."""
    async with at_desk(acknowledges=False) as ends:
        for kind in ("twice", "renumbered"):
            ends.sim.faults.add(kind, times=1)
        await ends.send(mail())
        assert not ends.sim.faults.injected
        ends.sim.engineer.answer(KEY, "x")
        assert ends.sim.faults.injected == {"twice": 1}


async def test_ended_logins_end_connections() -> None:
    """When logins end, whoever is connected has to come again."""
    async with at_desk() as ends:
        await ends.send(mail())

        def work(client: imaplib.IMAP4) -> None:
            client.noop()
            loop.call_soon_threadsafe(ends.sim.expire_logins)
            for _ in range(1000):
                client.noop()

        loop = asyncio.get_running_loop()
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            await ends.imap(work)
        assert (await ends.imap(lambda client: client.noop()))[0] == "OK"


async def test_a_hand_between_client_and_host() -> None:
    """A wrapper can replace every answer of the host, and both clients get it in their own protocol."""
    stage = SimulatorStage(Email())
    async with serve(stage) as served:
        assert [url.partition(":")[0] for url in (served.url, *served.other_urls)] == ["smtp", "imap"]
        ends = Ends(stage, stage.account(served.url))
        await ends.send(mail())
        stage.rewrite = echo(403)
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            await ends.send(mail("Zanzibar\n", ident="<2@rjr.example>"))
        assert refused.value.smtp_code == 403

        def only_login(call: Call, reply: Reply) -> Reply:
            return echo(401)(call, reply) if call.operation == "login" else reply

        stage.rewrite = only_login
        with pytest.raises(smtplib.SMTPAuthenticationError) as error:
            await ends.send(mail())
        assert ends.account["password"] in error.value.smtp_error.decode()
        with pytest.raises(imaplib.IMAP4.error, match=ends.account["password"]):
            await ends.imap(lambda client: client.noop())
        stage.rewrite = redirect("http://203.0.113.7:9/x")
        with pytest.raises(imaplib.IMAP4.error, match="REFERRAL"):
            await ends.imap(lambda client: client.noop())
        stage.rewrite = None
        assert len(stage.ledger.of("case")) == 1
        assert stage.calls("login") >= 3


async def test_the_host_is_steered_over_http() -> None:
    """Faults, the engineer, the ledger and a reset are available over a control address, and nothing else is."""
    sim = Email()
    async with serve(sim) as served, httpx.AsyncClient(base_url=served.control) as door:
        ends = Ends(sim, sim.account(served.url))
        await door.post("/_sim/faults", json={"kind": "http_503", "operation": "create", "times": 1})
        with pytest.raises(smtplib.SMTPDataError):
            await ends.send(mail())
        await ends.send(mail())
        reply = await door.post("/_sim/engineer", json={"action": "answer", "number": KEY, "text": "Here."})
        assert reply.json()["result"] == read(ends.answers[-1]).message_id
        entries = (await door.get("/_sim/ledger")).json()["entries"]
        assert [entry["id"] for entry in entries if entry["kind"] == "case"] == ["CS-1042"]
        await door.post("/_sim/reset")
        assert (await door.get("/mail")).status_code == 404
        assert ends.account == sim.account(served.url)
        assert (await ends.imap(lambda client: client.select()))[1] == [b"0"]


async def test_filled_and_touched_cases_have_mail() -> None:
    """Filling brings a mail for each case, at its own time; touching brings one more."""
    async with at_desk() as ends:
        numbers = ends.sim.fill(5, run=2, first=KEY)
        assert numbers == [f"CS-{1042 + at}" for at in range(5)]
        times = [mail.at for mail in ends.sim.mailbox.inbox.mails]
        assert times == sorted(times)
        assert len(set(times)) == 3
        assert KEY in read(ends.answers[0]).subject
        assert ends.stored("case") == []
        ends.sim.touch(numbers[3])
        assert numbers[3] in read(ends.answers[-1]).subject
