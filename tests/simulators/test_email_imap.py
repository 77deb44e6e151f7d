"""The simulated IMAP server, as imaplib and imap-tools meet it, and byte by byte."""

from __future__ import annotations

import asyncio
import imaplib
import socket
from datetime import date
from email.utils import parsedate_to_datetime
from time import localtime

import pytest
from imap_tools import AND, OR, Header, MailBoxUnencrypted
from waiting import until

from .mailing import KEY, Ends, at_desk, mail


async def _filled(ends: Ends, count: int = 3) -> None:
    await ends.send(mail())
    for number in range(count):
        ends.sim.engineer.answer(KEY, f"Step {number}")


async def _spoken(ends: Ends, *lines: bytes) -> bytes:
    """What the host says to lines written at once on a connection, until it closes it."""
    reader, writer = await asyncio.open_connection(ends.account["imap_host"], ends.account["imap_port"])
    writer.write(b"".join(lines))
    said = await reader.read()
    writer.close()
    return said


def _login(ends: Ends) -> bytes:
    return f'a LOGIN {ends.account["username"]} "{ends.account["password"]}"\r\n'.encode()


@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
async def test_mail_is_read_with_and_without_encryption(tls: str) -> None:
    """A mail comes byte by byte in a literal, with its size, flags and time of arrival."""
    async with at_desk(tls=tls) as ends:
        await _filled(ends, 0)
        asked = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"
        _, [(head, body), _] = await ends.imap(lambda client: client.uid("FETCH", "1", asked))
        assert body == ends.answers[0]
        assert f"RFC822.SIZE {len(body)}".encode() in head
        assert b"FLAGS ()" in head
        at = ends.sim.mailbox.inbox.mails[0].at
        assert imaplib.Internaldate2tuple(head)[:5] == localtime(at)[:5]


async def test_a_folder_tells_its_ids() -> None:
    """Selecting reports UIDVALIDITY, UIDNEXT and the number of mails; an unknown folder is refused."""
    async with at_desk() as ends:
        await _filled(ends)

        def work(client: imaplib.IMAP4) -> tuple:
            said = client.select("inbox")
            ids = client.response("UIDVALIDITY")[1], client.response("UIDNEXT")[1]
            return said, ids, client.select("Nowhere")[0]

        said, ids, nowhere = await ends.imap(work)
        assert said == ("OK", [b"4"])
        assert ids == ([b"1"], [b"5"])
        assert nowhere == "NO"


SEARCHES = [
    (("ALL",), "1 2 3 4"),
    (("UID", "3:*"), "3 4"),
    (("UID", "9:*"), "4"),
    (("2:3",), "2 3"),
    (("UNSEEN",), "1 3 4"),
    (("SEEN",), "2"),
    (("NOT", "SEEN", "UID", "1:3"), "1 3"),
    (("OR", "UID", "1", "UID", "4"), "1 4"),
    (("(UID 1:2 SUBJECT", '"checkout FAILS")'), "1 2"),
    (("SUBJECT", f'"[{KEY}]"'), "1 2 3 4"),
    (("TEXT", '"Step 1"'), "3"),
    (("BODY", '"step 2"'), "4"),
    (("HEADER", "Auto-Submitted", '""'), "1"),
    (("HEADER", "In-Reply-To", '"<1@rjr.example>"'), "1 2 3 4"),
    (("FROM", '"support@vendor.example"'), "1 2 3 4"),
    (("TO", '"nobody"'), ""),
    (("SINCE", "1-Jan-2020", "BEFORE", "1-Jan-2100"), "1 2 3 4"),
    (("SINCE", '"31-Dec-2099"'), ""),
    (("SENTBEFORE", "1-Jan-2020"), ""),
    (("LARGER", "10"), "1 2 3 4"),
    (("CHARSET", "UTF-8", "TEXT", '"Step 0"'), "2"),
]


async def test_searches_find_what_they_name() -> None:
    """Each search key finds the mails that it should; a range that ends in * always has the last one (RFC 3501)."""
    async with at_desk() as ends:
        await _filled(ends)
        ends.sim.mailbox.inbox.mails[1].flags.add("\\Seen")
        result = await ends.imap(lambda client: [client.uid("SEARCH", *keys)[1][0].decode() for keys, _ in SEARCHES])
        assert dict(zip(SEARCHES, result, strict=True)) == {search: search[1] for search in SEARCHES}


async def test_odd_searches_are_refused() -> None:
    """An unknown key and a bad date are no commands (BAD); an unknown charset is refused with those that are known."""
    async with at_desk() as ends:
        said = await _spoken(
            ends,
            _login(ends),
            b"b SELECT INBOX\r\n",
            b"c UID SEARCH FUZZY x\r\n",
            b"d SEARCH SINCE yesterday\r\n",
            b"e UID SEARCH CHARSET KOI8-R ALL\r\n",
            b"f UID SEARCH\r\n",
            b"g LOGOUT\r\n",
        )
        assert b"c BAD" in said
        assert b"d BAD" in said
        assert b"e NO [BADCHARSET (US-ASCII UTF-8)]" in said
        assert b"f BAD" in said
        assert b"* BYE" in said
        assert said.endswith(b"g OK done\r\n")


async def test_parts_of_mail_are_fetched() -> None:
    """Headers, chosen headers, text, numbered parts and slices come as asked for; only reading marks as seen."""
    async with at_desk(acknowledges=False) as ends:
        await ends.send(mail())
        ends.sim.engineer.attach(KEY, "a.log", b"one line", "See file.")
        raw = ends.answers[0]
        asked = (
            "BODY.PEEK[HEADER]",
            "BODY.PEEK[TEXT]",
            "BODY.PEEK[HEADER.FIELDS (SUBJECT DATE)]",
            "BODY.PEEK[]<10.7>",
            "BODY.PEEK[2.MIME]",
            "RFC822.HEADER",
            "BODY.PEEK[7]",
        )

        def work(client: imaplib.IMAP4) -> tuple:
            parts = [client.uid("FETCH", "1", f"({part})")[1][0][1] for part in asked]
            before = client.uid("FETCH", "1", "FLAGS")[1][0]
            client.uid("FETCH", "1", "BODY[TEXT]")
            return (parts, before, client.uid("FETCH", "1", "FLAGS")[1][0], client.uid("FETCH", "1", "ENVELOPE")[1][0])

        parts, before, after, envelope = await ends.imap(work)
        head, _, text = raw.partition(b"\r\n\r\n")
        assert parts[:2] == [head + b"\r\n\r\n", text]
        assert parts[2].splitlines()[0].startswith(b"Subject: [CS-1042] Re: [RJR")
        assert parts[3] == raw[10:17]
        assert b"a.log" in parts[4]
        assert parts[5] == parts[0]
        assert parts[6] == b""
        assert (b"\\Seen" in before, b"\\Seen" in after) == (False, True)
        assert b'"support" "vendor.example"' in envelope


async def test_flags_copies_moves_and_expunges() -> None:
    """Flags are set and taken, mail is copied and moved with new ids, and what is deleted goes when it is expunged."""
    async with at_desk() as ends:
        await _filled(ends)

        def work(client: imaplib.IMAP4) -> list:
            return [
                client.uid("STORE", "2", "+FLAGS", "(\\Seen \\Flagged)"),
                client.uid("STORE", "2", "-FLAGS.SILENT", "\\Flagged"),
                client.uid("COPY", "2:3", "Sent"),
                client.uid("MOVE", "1", "Trash"),
                client.uid("STORE", "3", "FLAGS", "(\\Deleted)"),
                client.expunge(),
                client.uid("SEARCH", "ALL"),
                client.uid("COPY", "2", "Nowhere"),
                client.uid("STORE", "99", "+FLAGS", "(\\Seen)"),
            ]

        said = await ends.imap(work)
        assert said[0] == ("OK", [b"2 (UID 2 FLAGS (\\Flagged \\Seen))"])
        assert said[1] == ("OK", [None])
        assert said[5] == ("OK", [b"1", b"2"])  # the first is of the move
        assert said[6] == ("OK", [b"2 4"])
        assert said[7][0] == "NO"
        assert said[8] == ("OK", [None])
        folders = ends.sim.mailbox.folders
        assert [len(folders[name].mails) for name in ("INBOX", "Sent", "Trash")] == [2, 2, 1]


async def test_a_move_tells_the_new_ids_first() -> None:
    """A move reports old and new ids before the removal (RFC 6851), and no position moves twice."""
    async with at_desk() as ends:
        await _filled(ends)
        said = await _spoken(
            ends,
            _login(ends),
            b"b SELECT INBOX\r\n",
            b"c UID MOVE 2:3 Trash\r\n",
            b"d UID COPY 4 Sent\r\n",
            b"e LOGOUT\r\n",
        )
        moved = b"* OK [COPYUID 1 2,3 1,2] done\r\n* 3 EXPUNGE\r\n* 2 EXPUNGE\r\nc OK done\r\n"
        assert moved in said
        assert b"d OK [COPYUID 1 4 1] done" in said


async def test_what_is_read_only_stays() -> None:
    """In a folder that is opened for reading nothing changes."""
    async with at_desk() as ends:
        await _filled(ends)
        said = await _spoken(
            ends,
            _login(ends),
            b"b EXAMINE INBOX\r\n",
            b"c UID STORE 1 +FLAGS (\\Deleted)\r\n",
            b"d EXPUNGE\r\n",
            b"e UID MOVE 1 Trash\r\n",
            b"f LOGOUT\r\n",
        )
        for tag in (b"c", b"d", b"e"):
            assert tag + b" NO [READ-ONLY]" in said
        assert b"b OK [READ-ONLY]" in said
        assert len(ends.answers) == 4


async def test_a_mail_is_appended() -> None:
    """APPEND stores a mail with flags and time, and reports its id; for an unknown folder it is refused."""
    async with at_desk() as ends:

        def work(client: imaplib.IMAP4) -> tuple:
            at = parsedate_to_datetime("Thu, 01 Jan 2026 04:30:00 -0500")
            done = client.append("Sent", "(\\Seen)", at, b"Subject: x\r\n\r\nhello\r\n")
            return done, client.append("Nowhere", None, None, b"x\r\n")

        done, refused = await ends.imap(work)
        assert done == ("OK", [b"[APPENDUID 1 1] stored"])
        assert refused[0] == "NO"
        [mails] = ends.sim.mailbox.folders["Sent"].mails
        assert (mails.raw, mails.flags, mails.at) == (b"Subject: x\r\n\r\nhello\r\n", {"\\Seen"}, 1767259800.0)


async def test_idle_hears_of_new_mail() -> None:
    """A waiting client is notified of a new mail, even of one that was already under way."""
    async with at_desk(delivery_seconds=30) as ends:
        await ends.send(mail())
        reader, writer = await asyncio.open_connection(ends.account["imap_host"], ends.account["imap_port"])
        writer.write(_login(ends) + b"b SELECT INBOX\r\nc IDLE\r\n")
        await reader.readuntil(b"+ idling\r\n")
        ends.sim.clock.shift(31)
        assert await reader.readline() == b"* 1 EXISTS\r\n"
        ends.sim.engineer.answer(KEY, "Here.")
        ends.sim.clock.shift(31)
        assert await reader.readline() == b"* 2 EXISTS\r\n"
        ends.sim.engineer.expunge(1)
        assert await reader.readline() == b"* 1 EXPUNGE\r\n"
        writer.write(b"DONE\r\nd NOOP\r\n")
        assert await reader.readline() == b"c OK done\r\n"
        writer.close()


async def test_another_validity_ends_the_session() -> None:
    """When the folder gets other ids, open sessions are ended, and the next one sees another UIDVALIDITY."""
    async with at_desk() as ends:
        await _filled(ends)

        def work(client: imaplib.IMAP4) -> bytes:
            ends.sim.engineer.renumber()
            with pytest.raises(imaplib.IMAP4.abort):
                client.uid("SEARCH", "ALL")
            return b""

        await ends.imap(work)
        assert await ends.imap(lambda client: client.response("UIDVALIDITY")[1]) == [b"2"]


async def test_wrong_logins_and_early_commands_are_refused() -> None:
    """A wrong password is refused with its code; nothing works before a login, and no second login after one."""
    async with at_desk() as ends:
        said = await _spoken(
            ends,
            b"a SELECT INBOX\r\n",
            b'b LOGIN l1@rjr.example "wrong"\r\n',
            b"c AUTHENTICATE CRAM-MD5\r\n",
            _login(ends),
            b"d LOGIN x y\r\n",
            b"e UID SEARCH ALL\r\n",
            b"f DANCE\r\n",
            b"nothing\r\n",
            b'g SELECT "x\r\n',
            b"h LOGOUT\r\n",
        )
        assert b"a BAD" in said
        assert b"b NO [AUTHENTICATIONFAILED]" in said
        assert b"c NO" in said
        assert b"a OK Logged in" in said
        for tag in (b"d", b"e", b"f", b"*", b"g"):
            assert tag + b" BAD" in said, tag
        assert ends.sim.ledger.requests["LOGIN login"] == 2


async def test_a_login_by_authenticate() -> None:
    """AUTHENTICATE PLAIN logs in, in one line or in two."""
    async with at_desk() as ends:
        proof = f"\0{ends.account['username']}\0{ends.account['password']}".encode()
        said = await ends.imap(lambda client: client.authenticate("PLAIN", lambda _: proof), login=False)
        assert said[0] == "OK"


async def test_literals_carry_any_argument() -> None:
    """A password or a folder may come as a literal, asked for or at once; one over the limit ends the session."""
    async with at_desk(max_size=1000) as ends:
        password = ends.account["password"].encode()
        said = await _spoken(
            ends,
            b"a LOGIN l1@rjr.example {%d+}\r\n%s\r\n" % (len(password), password),
            b"b SELECT {5}\r\nINBOX\r\n",
            b"c APPEND Sent {2000}\r\n",
        )
        assert b"a OK" in said
        assert b"b OK [READ-WRITE]" in said
        assert said.endswith(b"* BYE [TOOBIG] Literal is larger than this host takes\r\n")


async def test_imap_tools_reads_moves_and_deletes() -> None:
    """The hub's own kind of client lists folders, finds, reads in bulk, moves and deletes."""
    async with at_desk() as ends:
        await _filled(ends)

        def work(box: MailBoxUnencrypted) -> tuple:
            read = [mail.uid for mail in box.fetch(AND(all=True), mark_seen=False, bulk=True)]
            result = box.uids(AND(subject=KEY, date_gte=date(2020, 1, 1), header=Header("From", "vendor")))
            either = box.uids(OR(text="Step 0", uid="4"))
            box.move("1", "Trash")
            box.delete("2")
            return (
                read,
                result,
                either,
                box.uids(),
                [folder.name for folder in box.folder.list()],
                box.folder.status("Trash"),
            )

        read, result, either, left, folders, trash = await ends.box(work)
        assert read == result == ["1", "2", "3", "4"]
        assert either == ["2", "4"]
        assert left == ["3", "4"]
        assert folders == ["INBOX", "Sent", "Junk", "Trash"]
        assert (trash["MESSAGES"], trash["UIDVALIDITY"]) == (1, 1)


async def test_a_host_without_extensions_says_so() -> None:
    """A capability that the host lacks is neither listed nor supported."""
    async with at_desk(lacks=("IDLE", "MOVE", "LITERAL+", "UIDPLUS")) as ends:
        await _filled(ends)
        said = await _spoken(
            ends,
            _login(ends),
            b"b SELECT INBOX\r\n",
            b"c IDLE\r\n",
            b"d UID MOVE 1 Trash\r\n",
            b"e NOOP\r\n",
            b"f CAPABILITY\r\n",
            b"g LOGOUT\r\n",
        )
        assert b"c BAD" in said
        assert b"d BAD" in said
        assert b"* CAPABILITY IMAP4rev1 SASL-IR\r\n" in said


async def test_a_client_that_goes_leaves_nothing_behind() -> None:
    """A client that hangs up in the middle of a line or of waiting is forgotten."""
    async with at_desk() as ends:
        for lines in (b"a LOG", _login(ends) + b"b SELECT INBOX\r\nc IDLE\r\n", b"a LOGIN x {10}\r\nabc"):
            plain = socket.create_connection((ends.account["imap_host"], ends.account["imap_port"]))
            plain.sendall(lines)
            plain.close()
        await until(lambda: ends.sim.ledger.requests["CONNECT connect"] == 3 and not ends.sim.lines)
        assert not ends.sim.mailbox.listeners
