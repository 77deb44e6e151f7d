"""The mail client against a scripted server that fails at any step, and against a simulated mailbox."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from pydantic import SecretStr

from hub.errors import CaseRefused, FieldRefused, LeaseLost, LoginRefused, NotPermitted, TryLater, VendorUnavailable
from hub.http import capture_writes, guard_writes, watch_writes
from hub.mail import MailClient, MailConnection, compose
from hub.simulators.email import Email
from hub.simulators.kit import serve

GOOD = {
    "greeting": "220 hi",
    "EHLO": "250-hi\r\n250 AUTH PLAIN",
    "AUTH": "235 ok",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go",
    ".": "250 ok",
    "QUIT": "221 bye",
}


class Scripted:
    """Answers each command from a script; an empty answer closes the connection, None never answers."""

    def __init__(self, **changes):
        self.answers = GOOD | changes
        self.mails: list[bytes] = []
        self.heard: list[str] = []
        self.arrived = asyncio.Event()

    async def talk(self, reader, writer):
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                if await self.say(writer, "greeting"):
                    await self.listen(reader, writer)
        finally:
            writer.close()

    async def say(self, writer, step):
        answer = self.answers.get(step, "500 what")
        if answer is None:
            await asyncio.Event().wait()
        if answer:
            writer.write(answer.encode() + b"\r\n")
            await writer.drain()
        return bool(answer)

    async def listen(self, reader, writer):
        while line := await reader.readline():
            verb = line.split()[0].decode().upper()
            self.heard.append(verb)
            if not await self.say(writer, verb):
                return
            if verb == "DATA" and self.answers["DATA"].startswith("354"):
                body = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(body)
                self.arrived.set()
                if not await self.say(writer, "."):
                    return


@asynccontextmanager
async def client_at(script, deadline=5.0):
    tasks = set()

    async def talk(reader, writer):
        tasks.add(asyncio.current_task())
        await script.talk(reader, writer)

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=1 << 24)
    try:
        port = server.sockets[0].getsockname()[1]
        yield MailClient(_connection(port, port, deadline=deadline), account="a", vendor="v")
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def _connection(smtp_port, imap_port, **changes):
    given = {
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_port,
        "imap_host": "127.0.0.1",
        "imap_port": imap_port,
        "username": "u",
        "password": SecretStr("hunter2"),
        "sender": "l1@rjr.example",
        "smtp_tls": "none",
        "imap_tls": "none",
    }
    return MailConnection(**(given | changes))


def mail(body="hello\n.\n..x\n"):
    return compose(sender="l1@rjr.example", to="v@v.example", subject="s", message_id="<a@rjr.example>", body=body)


async def test_a_mail_arrives_whole():
    """Lines that begin with a dot arrive unchanged, and the mail gets its date when it is sent."""
    script = Scripted()
    async with client_at(script) as client:
        with watch_writes() as writes:
            await client.send(mail(), "v@v.example", copy=True)
    assert writes.in_doubt
    assert script.heard.count("RCPT") == 2
    assert b"\r\n..\r\n...x\r\n" in script.mails[0]
    assert b"\r\nDate: " in script.mails[0]
    assert "hunter2" not in repr(client)


@pytest.mark.parametrize("step", ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
async def test_a_connection_lost_before_the_dot_leaves_no_doubt(step):
    """The error is not in doubt, as nothing was accepted."""
    async with client_at(Scripted(**{step: ""})) as client:
        with watch_writes() as writes, pytest.raises(VendorUnavailable) as caught:
            await client.send(mail(), "v@v.example")
    assert not caught.value.in_doubt
    assert not writes.in_doubt
    assert caught.value.account == "a"
    assert caught.value.vendor == "v"


@pytest.mark.parametrize("answer", ["", "garbage"])
async def test_a_lost_answer_to_the_dot_is_in_doubt(answer):
    """After a lost or garbled answer to the dot the mail may have been accepted."""
    async with client_at(Scripted(**{".": answer})) as client:
        with watch_writes() as writes, pytest.raises(Exception) as caught:
            await client.send(mail(), "v@v.example")
    assert caught.value.in_doubt
    assert writes.in_doubt


async def test_silence_after_the_dot_is_in_doubt():
    """A deadline that passes while waiting for the answer to the dot leaves doubt; before the dot it does not."""
    async with client_at(Scripted(**{".": None}), deadline=0.2) as client:
        with watch_writes() as writes, pytest.raises(VendorUnavailable) as caught:
            await client.send(mail(), "v@v.example")
    assert caught.value.in_doubt
    assert writes.in_doubt
    async with client_at(Scripted(MAIL=None), deadline=0.2) as client:
        with pytest.raises(VendorUnavailable) as caught:
            await client.send(mail(), "v@v.example")
    assert not caught.value.in_doubt


async def test_being_cancelled_after_the_dot_is_in_doubt():
    """The write counts as maybe stored when the caller is cancelled while waiting for the answer."""
    script = Scripted(**{".": None})
    async with client_at(script) as client:
        with watch_writes() as writes:
            task = asyncio.create_task(client.send(mail(), "v@v.example"))
            async with asyncio.timeout(5):
                await script.arrived.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert writes.in_doubt


@pytest.mark.parametrize(
    ("step", "answer", "kind"),
    [
        ("AUTH", "535 5.7.8 hunter2", LoginRefused),
        ("EHLO", "250 hi", LoginRefused),
        ("MAIL", "550 5.7.1 no", NotPermitted),
        ("RCPT", "550 5.1.1 no", CaseRefused),
        ("RCPT", "451 later", TryLater),
        ("DATA", "451 later", TryLater),
        (".", "452 4.2.2 full", TryLater),
        (".", "554 5.7.1 spam", CaseRefused),
        (".", "552 5.3.4 big", FieldRefused),
    ],
)
async def test_a_refusal_leaves_no_doubt(step, answer, kind):
    """What the server refuses was not accepted, also after the dot."""
    async with client_at(Scripted(**{step: answer})) as client:
        with watch_writes() as writes, pytest.raises(kind) as caught:
            await client.send(mail(), "v@v.example")
    assert not caught.value.in_doubt
    assert not writes.in_doubt
    assert "hunter2" not in str(caught.value)


async def test_a_mail_beyond_the_servers_size_is_not_started():
    """The server's size limit is respected."""
    script = Scripted(EHLO="250-hi\r\n250-SIZE 300\r\n250 AUTH PLAIN")
    async with client_at(script) as client:
        with pytest.raises(FieldRefused, match="300"):
            await client.send(mail("x" * 500), "v@v.example")
    assert "MAIL" not in script.heard


async def test_a_lost_lease_stops_the_mail_before_the_dot():
    """The guard is called last, when the server has not accepted anything yet."""
    script = Scripted()

    def lost():
        raise LeaseLost

    async with client_at(script) as client:
        with guard_writes(lost), watch_writes() as writes, pytest.raises(LeaseLost):
            await client.send(mail(), "v@v.example")
    assert "DATA" in script.heard
    assert script.mails == []
    assert not writes.in_doubt


async def test_a_preview_sends_nothing():
    """The preview is the same each time, and no connection is opened."""
    script = Scripted()
    async with client_at(script) as client:
        shown = []
        for _ in range(2):
            with capture_writes() as captured:
                await client.send(mail(), "v@v.example")
            shown.append(captured.outgoing)
    assert shown[0].sha256 == shown[1].sha256
    assert shown[0].path == "v@v.example"
    assert script.heard == []


async def test_a_recipient_that_hides_a_command_is_refused():
    """No connection is opened for it."""
    script = Scripted()
    async with client_at(script) as client:
        with pytest.raises(CaseRefused):
            await client.send(mail(), "v@v.example>\r\nRCPT TO:<x@y.example")
    assert script.heard == []


@pytest.mark.parametrize(("answers", "kind"), [([b"* BYE later\r\n"], VendorUnavailable), ([b""], VendorUnavailable)])
async def test_a_mailbox_that_closes_the_connection_is_tried_later(answers, kind):
    """A mailbox that answers BYE or nothing is unavailable."""

    async def talk(_, writer):
        writer.write(answers[0])
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = MailClient(_connection(port, port), account="a", vendor="v", sleep=lambda _: asyncio.sleep(0))
    with pytest.raises(kind) as caught:
        await client.read_folder(lambda box: box.validity)
    assert not caught.value.in_doubt
    server.close()


async def test_a_silent_mailbox_runs_out_of_time():
    """The deadline ends the session, and its thread with it."""
    gone = asyncio.Event()

    async def talk(reader, writer):
        writer.write(b"* OK [CAPABILITY IMAP4rev1] hi\r\n")
        while await reader.read(1024):
            pass
        gone.set()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = MailClient(_connection(port, port, deadline=0.3), account="a", vendor="v")
    with pytest.raises(VendorUnavailable, match="in time"):
        await client.read_folder(lambda box: box.validity)
    await asyncio.wait_for(gone.wait(), 5)
    server.close()


@asynccontextmanager
async def mailbox(**changes):
    simulator = Email()
    async with serve(simulator) as served:
        account = simulator.account(served.url)
        connection = _connection(
            account["smtp_port"],
            account["imap_port"],
            username=account["username"],
            sender=account["address"],
            password=SecretStr(account["password"]),
            smtp_tls=account["tls"],
            imap_tls=account["tls"],
        )
        from dataclasses import replace

        yield simulator, MailClient(replace(connection, **changes), account="a", vendor="v"), account


async def test_a_mailbox_is_read_without_changing_it():
    """Mails are read by UID with size and time, and the last mail is not read twice."""
    async with mailbox() as (simulator, client, _):
        simulator.fill(3)
        validity, uids = await client.read_folder(lambda box: (box.validity, box.after(0)))
        assert validity > 0
        assert len(uids) == 3
        assert await client.read_folder(lambda box: box.after(uids[-1])) == []
        mails = await client.read_folder(lambda box: list(box.fetch([*uids, uids[-1] + 7])))
        assert [mail.uid for mail in mails] == uids
        assert all(len(mail.content) == mail.size and b"Message-ID" in mail.content for mail in mails)
        day = mails[0].received.date()
        assert await client.read_folder(lambda box: box.since(day)) == uids


async def test_a_mail_beyond_the_limit_has_no_content():
    """Its size is known, but its bytes are not read."""
    async with mailbox(max_reply=10) as (simulator, client, _):
        simulator.fill(1)
        mails = await client.read_folder(lambda box: list(box.fetch(box.after(0))))
        assert mails[0].size > 10
        assert mails[0].content == b""


async def test_wrong_passwords_and_folders_are_the_operators():
    """A refused login at either server, and a missing folder, are errors for the operator."""
    async with mailbox(password=SecretStr("wrong")) as (_, client, account):
        for call in (client.read_folder(lambda box: box.validity), client.check_sending()):
            with pytest.raises(LoginRefused):
                await call
    async with mailbox(folder="Nowhere") as (_, client, account):
        with pytest.raises(NotPermitted):
            await client.read_folder(lambda box: box.validity)
        await client.check_sending()
        assert account["address"]
