"""News coming back: cursors with their pages, takeovers, echoes, merges, conflicts, and files."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from desk_kit import Desk, break_commits, call_ended, open_desk

from hub.bonding.inbound.apply import apply_news
from hub.bonding.inbound.streams import FILE_TRIES, MOST_BYTES, read_stream
from hub.bonding.outbound import ticket_actions
from hub.bonding.repair.link import relink, unlink
from hub.errors import BadInput, LeaseLost, StorageUnavailable
from hub.model import (
    Bond,
    BondState,
    Case,
    CaseNews,
    CaseReference,
    CaseStatus,
    Comment,
    Severity,
    StreamKind,
    Ticket,
    Visibility,
    utc_now,
)


async def ticket_of(desk: Desk, bond: Bond) -> Ticket:
    async with desk.storage.unit() as unit:
        found = await unit.tickets.get(bond.ticket_number)
    assert found is not None
    return found


async def bodies(desk: Desk, bond: Bond, origin: str = "vendor") -> list[str]:
    async with desk.storage.unit() as unit:
        return [one.body for one in await unit.comments.of_ticket(bond.ticket_id) if one.origin == origin]


async def test_cursor_moves_only_with_its_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a page can't be stored its cursor stays, and the next reading brings the page."""
    bond = await desk.opened()
    assert bond.reference is not None
    await desk.pull([StreamKind.CASES])
    before = await desk.row("SELECT cursor FROM stream WHERE kind = 'cases'")
    desk.sim.clock.shift(300)
    desk.sim.engineer.answer(bond.reference.number, "an answer")
    with monkeypatch.context() as patch:
        break_commits(desk, patch, {2})  # the first claims the stream, the second stores the page
        with pytest.raises(StorageUnavailable):
            await desk.pull([StreamKind.CASES])
    assert await desk.row("SELECT cursor FROM stream WHERE kind = 'cases'") == before
    assert await bodies(desk, bond) == []
    await desk.execute("UPDATE stream SET lease_until = NULL")
    await desk.pull([StreamKind.CASES])
    assert await desk.row("SELECT cursor FROM stream WHERE kind = 'cases'") != before
    assert await bodies(desk, bond) == ["an answer"]


async def test_stream_that_was_taken_over_stores_nothing(desk: Desk) -> None:
    """A reader whose stream another one took over stores neither page nor cursor."""
    bond = await desk.opened()
    assert bond.reference is not None
    desk.sim.engineer.answer(bond.reference.number, "an answer")
    async with desk.storage.unit() as unit:
        late = await unit.streams.claim("bmc", "late", 30, at_once=True)
    assert late is not None
    await desk.execute(
        "UPDATE stream SET lease_until = now() - interval '1 second', due_at = now() - interval '1 day' "
        f"WHERE kind = '{late.kind}'"
    )
    async with desk.storage.unit() as unit:
        next_one = await unit.streams.claim("bmc", "next", 30)
    assert next_one is not None
    assert (next_one.kind, next_one.epoch > late.epoch) == (late.kind, True)
    with pytest.raises(LeaseLost):
        await read_stream(desk.context, desk.vendor_account, late.evolve(kind=StreamKind.CASES), lease_seconds=30)
    assert await bodies(desk, bond) == []
    async with desk.storage.unit() as unit:
        assert not await unit.streams.finish(late, 0.0)
        assert await unit.streams.finish(next_one, 0.0)


async def test_echo_causes_no_further_call(desk: Desk) -> None:
    """Our own comments, files and changes that come back are recognised: nothing is stored twice, nothing leaves."""
    bond = await desk.opened()
    await desk.say(bond, "ours")
    await attach(desk, bond, "a.txt", b"ours")
    await ticket_actions.change(desk.context, bond.ticket_number, severity=Severity.S1, title="Worse now", who="agent")
    await desk.send()
    stored = len(desk.sim.ledger.entries)
    for _ in range(3):
        desk.sim.clock.shift(30)
        await desk.pull()
        await desk.send()
    assert len(desk.sim.ledger.entries) == stored
    assert await bodies(desk, bond) == []
    assert await bodies(desk, bond, "rjr") == ["ours"]
    async with desk.storage.unit() as unit:
        assert len(await unit.attachments.of_ticket(bond.ticket_id)) == 1
    ticket = await ticket_of(desk, bond)
    assert (ticket.severity, ticket.title) == (Severity.S1, "Worse now")


async def test_echo_of_a_change_under_way_is_no_conflict(desk: Desk) -> None:
    """A change of ours that comes back before its answer does not clash with the next one that waits."""
    bond = await desk.opened()
    await desk.pull([StreamKind.CASES])
    desk.sim.clock.shift(60)
    await ticket_actions.change(desk.context, bond.ticket_number, severity=Severity.S1, who="agent")
    hand = desk.dispatcher()
    await call_ended(hand, bond)  # stored at the vendor, not yet acknowledged here
    await ticket_actions.change(desk.context, bond.ticket_number, severity=Severity.S3, who="agent")
    await desk.pull([StreamKind.CASES])
    assert await desk.row("SELECT count(*) FROM conflict") == (0,)
    await desk.send(hand)
    await desk.pull([StreamKind.CASES])
    assert (await ticket_of(desk, bond)).severity is Severity.S3
    assert (await desk.bond(bond)).picture["severity"] == 3


async def test_answer_is_taken_in_once_however_often_it_is_read(desk: Desk) -> None:
    """Pages overlap; a comment that is read again is not new, and an edited one replaces its text."""
    bond = await desk.opened()
    assert bond.reference is not None
    desk.sim.engineer.answer(bond.reference.number, "same words")
    desk.sim.engineer.answer(bond.reference.number, "same words")
    for _ in range(3):
        await desk.pull()
        await desk.execute("UPDATE stream SET cursor = '{}'")
    assert await bodies(desk, bond) == ["same words", "same words"]


async def test_older_version_never_wins(desk: Desk) -> None:
    """A case as it was before what the hub knows changes neither picture nor ticket."""
    bond = await desk.opened()
    assert bond.reference is not None
    old = await desk.vendor_account.vendor.read_case(desk.vendor_account.account, bond.reference)
    desk.sim.clock.shift(60)
    desk.sim.engineer.set_severity(bond.reference.number, 1)
    await desk.pull()
    before = (await desk.bond(bond)).picture
    async with desk.storage.unit() as unit:
        await apply_news(unit, desk.vendor_account, [CaseNews(reference=bond.reference, case=old)], read_at=unit.now)
    assert (await desk.bond(bond)).picture == before
    assert (await ticket_of(desk, bond)).severity is Severity.S1


async def test_change_at_the_vendor_reaches_the_ticket(desk: Desk) -> None:
    """A severity that only the vendor changed is taken, and nothing is sent back."""
    bond = await desk.opened()
    assert bond.reference is not None
    await desk.pull()
    desk.sim.clock.shift(60)
    desk.sim.engineer.set_severity(bond.reference.number, 4)
    await desk.pull()
    await desk.send()
    assert (await ticket_of(desk, bond)).severity is Severity.S4
    assert desk.sim.ledger.requests["PUT update"] == 0


@pytest.mark.parametrize(
    ("policy", "ours", "theirs"), [("manual", Severity.S3, 1), ("rjr", Severity.S3, 3), ("vendor", Severity.S1, 1)]
)
async def test_both_sides_changed(database_url: str, policy: str, ours: Severity, theirs: int) -> None:
    """Who wins when both sides changed a field is the account's policy; without one a person decides."""
    merge = f'{{ severity = "{policy}" }}'
    async with open_desk(database_url, merge=Table(merge)) as desk:
        bond = await desk.opened()
        assert bond.reference is not None
        await desk.pull()
        desk.sim.clock.shift(60)
        desk.sim.engineer.set_severity(bond.reference.number, 1)
        await ticket_actions.change(desk.context, bond.ticket_number, severity=Severity.S3, who="agent")
        await desk.execute("DELETE FROM outbox")  # ours waits, so that both sides differ from what was agreed on
        await desk.execute("DELETE FROM operation WHERE kind = 'change_fields'")
        await desk.pull()
        await desk.send()
        assert (await ticket_of(desk, bond)).severity is ours
        case = await desk.vendor_account.vendor.read_case(desk.vendor_account.account, bond.reference)
        assert case.severity == theirs
        open_ones = (await desk.row("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))[0]
        assert open_ones == (1 if policy == "manual" else 0)


class Table(dict[str, str]):
    """A value that is written into the settings as it stands."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self._told = told

    def __str__(self) -> str:
        return self._told


async def test_vendor_asks_and_resolves(desk: Desk) -> None:
    """A question moves the bond to us; a resolution shows on it."""
    bond = await desk.opened()
    assert bond.reference is not None
    states = []
    for action in (
        lambda number: desk.sim.engineer.ask(number, "Which version?"),
        lambda number: desk.sim.engineer.resolve(number, "Restarted"),
        desk.sim.engineer.close,
    ):
        desk.sim.clock.shift(30)
        action(bond.reference.number)
        await desk.pull()
        states.append((await desk.bond(bond)).state.value)
    assert states == ["information_requested", "resolved", "closed"]
    assert "Which version?" in await bodies(desk, bond)


async def attach(desk: Desk, bond: Bond, name: str, data: bytes, chunk: int = 1 << 16) -> ticket_actions.Addressed:
    async def content() -> AsyncIterator[bytes]:
        for start in range(0, len(data), chunk):
            yield data[start : start + chunk]

    return await ticket_actions.attach(
        desk.context, bond.ticket_number, name, "application/octet-stream", content(), Visibility.VENDOR, who="agent"
    )


@pytest.mark.parametrize(
    ("name", "leaves"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/absolute/path.txt", "path.txt"),
        ("..", "attachment"),
        ("con", "_con"),
        ("caf\u00e9 \U0001f4a5.txt", "caf\u00e9 \U0001f4a5.txt"),
    ],
)
async def test_file_names_leave_without_folders(desk: Desk, name: str, leaves: str) -> None:
    """Whatever a file is called, what leaves is a plain name; its bytes are exact."""
    bond = await desk.opened()
    data = bytes(range(256)) * 3
    await attach(desk, bond, name, data)
    await desk.send()
    assert bond.reference is not None
    assert desk.files(bond.reference.number) == [leaves]
    assert [(one.values or {})["size"] for one in desk.sim.ledger.of("attachment")] == [len(data)]


async def test_empty_and_doubled_files(desk: Desk) -> None:
    """An empty file arrives as one; the same bytes twice are kept once and arrive under both names."""
    bond = await desk.opened()
    await attach(desk, bond, "empty.bin", b"")
    await attach(desk, bond, "one.bin", b"\x00\x01same")
    await attach(desk, bond, "two.bin", b"\x00\x01same")
    await desk.send()
    assert bond.reference is not None
    assert desk.files(bond.reference.number) == ["empty.bin", "one.bin", "two.bin"]
    assert await desk.row("SELECT count(*) FROM blob") == (2,)


async def test_vendors_file_with_a_bad_name_is_kept_under_a_plain_one(desk: Desk) -> None:
    """A file of the vendor's is stored with exact bytes and a name without folders."""
    bond = await desk.opened()
    assert bond.reference is not None
    desk.sim.engineer.attach(bond.reference.number, "../../evil.sh", b"\x00\xffbytes")
    await desk.pull()
    async with desk.storage.unit() as unit:
        [stored] = await unit.attachments.of_ticket(bond.ticket_id)
        data = b"".join([piece async for piece in unit.attachments.content(stored.sha256)])
    assert (stored.name, data) == ("evil.sh", b"\x00\xffbytes")


async def test_file_that_never_comes_holds_up_none_behind_it(desk: Desk) -> None:
    """The file behind it comes, the bad one is tried as often as others come beside it, and then left."""
    desk.hurry()
    bond = await desk.opened()
    assert bond.reference is not None
    number = bond.reference.number
    bad = desk.sim.engineer.attach(number, "bad.bin", b"never")
    desk.sim.faults.add("http_503", operation="download", path=f"*{bad}*")
    for tried in range(1, FILE_TRIES + 1):
        desk.sim.engineer.attach(number, f"good{tried}.bin", b"%d" % tried)
        assert (await desk.pull())[StreamKind.FILES].items == 1
        assert await desk.row("SELECT failures FROM attachment WHERE name = 'bad.bin'") == (tried,)
    asked = desk.sim.faults.injected["http_503"]
    assert (await desk.pull())[StreamKind.FILES].items == 0
    assert desk.sim.faults.injected["http_503"] == asked


async def test_files_wait_for_a_vendor_that_is_away(desk: Desk) -> None:
    """While no file comes at all none loses a try; the stream tells why, and all come once the vendor is back."""
    desk.hurry()
    bond = await desk.opened()
    assert bond.reference is not None
    for name in ("one.bin", "two.bin"):
        desk.sim.engineer.attach(bond.reference.number, name, name.encode())
    desk.sim.faults.add("http_503", operation="download")
    for _ in range(FILE_TRIES + 1):
        assert (await desk.pull())[StreamKind.FILES].items == 0
    assert await desk.row("SELECT sum(failures), count(*) FROM attachment") == (0, 2)
    assert "VendorUnavailable" in (await desk.row("SELECT error FROM stream WHERE kind = 'files'"))[0]
    desk.sim.faults.clear()
    assert (await desk.pull())[StreamKind.FILES].items == 2


async def test_file_that_is_too_large_leaves_no_trace(desk: Desk) -> None:
    """A file beyond the limit is refused as soon as it is, and nothing of it is kept."""
    bond = await desk.opened()
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1 << 22
            yield bytes(1 << 22)

    with pytest.raises(BadInput, match="larger"):
        await ticket_actions.attach(
            desk.context, bond.ticket_number, "a.bin", "text/plain", endless(), Visibility.VENDOR, who="agent"
        )
    assert given <= MOST_BYTES + (1 << 23)
    assert await desk.row("SELECT (SELECT count(*) FROM blob), (SELECT count(*) FROM blob_chunk)") == (0, 0)
    assert (await desk.bond(bond)).waiting == 0


async def test_large_file_takes_little_memory(desk: Desk) -> None:
    """Storing twenty-four megabytes never holds more than a few of them."""
    bond = await desk.opened()

    async def content() -> AsyncIterator[bytes]:
        for number in range(96):
            yield bytes([number]) * (1 << 18)

    tracemalloc.start()
    try:
        await ticket_actions.attach(
            desk.context, bond.ticket_number, "a.bin", "application/zip", content(), Visibility.PRIVATE, who="agent"
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * (1 << 20)


async def test_file_that_cannot_be_had_lets_the_next_one_through(desk: Desk) -> None:
    """A file that the vendor lost is tried some times and then left; the others are fetched."""
    bond = await desk.opened()
    assert bond.reference is not None
    desk.sim.engineer.attach(bond.reference.number, "lost.txt", b"lost")
    desk.sim.engineer.attach(bond.reference.number, "there.txt", b"there")
    await desk.pull([StreamKind.CASES])
    desk.sim.faults.add("missing_entry", operation="download", times=1)
    await desk.pull([StreamKind.FILES])
    async with desk.storage.unit() as unit:
        files = {one.name: one for one in await unit.attachments.of_ticket(bond.ticket_id)}
    assert (files["lost.txt"].sha256, files["lost.txt"].failures) == ("", 1)
    assert files["there.txt"].sha256
    await desk.pull([StreamKind.FILES])
    async with desk.storage.unit() as unit:
        assert all(one.sha256 for one in await unit.attachments.of_ticket(bond.ticket_id))


async def test_stream_is_called_once_by_many_nodes(desk: Desk) -> None:
    """Of several nodes that call for a stream at the same time one makes it due."""
    await desk.pull([StreamKind.CASES])
    await desk.execute("UPDATE stream SET due_at = now() + interval '1 hour', started_at = now() - interval '1 hour'")

    async def call() -> bool:
        async with desk.storage.unit() as unit:
            return await unit.streams.request("bmc", StreamKind.CASES, 60)

    assert sorted(await asyncio.gather(*(call() for _ in range(4)))) == [False, False, False, True]


async def test_answer_that_came_before_its_case_was_known_is_heard(desk: Desk) -> None:
    """News that was read while the opening was still in doubt is not lost: the case is read once it is known."""
    bond = await desk.escalated()
    desk.sim.faults.add("lost_reply", operation="create", times=1)
    hand = desk.dispatcher()
    await call_ended(hand, bond)
    desk.sim.engineer.answer(desk.cases(bond.key)[0], "quick as a flash")
    await desk.pull([StreamKind.CASES])
    assert await bodies(desk, bond) == []
    await desk.send(hand)
    desk.sim.clock.shift(3600)
    await desk.escalated("news that moves the cursor on")
    await desk.send(hand)
    await desk.pull([StreamKind.CASES, StreamKind.RECONCILE])
    assert await bodies(desk, bond) == ["quick as a flash"]


async def test_comments_of_a_connected_case_are_heard(desk: Desk) -> None:
    """A ticket that is tied to an existing case, or tied again, hears what was said there before."""
    bond = await desk.opened()
    assert bond.reference is not None
    await unlink(desk.context, bond.key, who="agent")
    desk.sim.engineer.answer(bond.reference.number, "while untied")
    await desk.pull([StreamKind.CASES])
    await relink(desk.context, bond.key, who="agent")
    await desk.pull([StreamKind.CASES, StreamKind.RECONCILE])
    assert await bodies(desk, bond) == ["while untied"]


async def test_stream_that_is_called_for_amid_its_run_is_read_again(desk: Desk) -> None:
    """A call that comes while a stream is being read is not lost with the end of that run."""
    async with desk.storage.unit() as unit:
        running = await unit.streams.claim("bmc", "reader", 30)
    assert running is not None
    async with desk.storage.unit() as unit:
        await unit.streams.wake("bmc", running.kind)
    async with desk.storage.unit() as unit:
        assert await unit.streams.finish(running, 3600.0)
    told = f"SELECT due_at <= now() FROM stream WHERE kind = '{running.kind}'"
    assert await desk.row(told) == (True,)
    async with desk.storage.unit() as unit:
        again = await unit.streams.claim("bmc", "reader", 30)
        assert again is not None
    await desk.execute(f"UPDATE stream SET due_at = started_at WHERE kind = '{again.kind}'")
    async with desk.storage.unit() as unit:
        assert await unit.streams.finish(again, 3600.0)
    assert await desk.row(f"SELECT due_at > now() FROM stream WHERE kind = '{again.kind}'") == (True,)


async def test_an_answer_before_the_opening_is_known_to_have_arrived_is_kept(desk: Desk) -> None:
    """A vendor that keeps cases by our keys answers at once: nothing of it is lost, and nothing is stored twice.

    What it says of the case waits until the hub knows the case.
    """
    bond = await desk.escalated()
    answer = Comment(body="We look into it.", public=True, author="eve", reference="<1@acme>")
    case = Case(reference=CaseReference(number=bond.key), status=CaseStatus.RESOLVED, changed_at=utc_now())
    news = [CaseNews(reference=CaseReference(number=bond.key), case=case, comments=(answer,))]
    for _ in range(2):
        async with desk.storage.unit() as unit:
            tally = await apply_news(unit, desk.vendor_account, news, read_at=unit.now)
        assert tally.unknown == 0
    assert await bodies(desk, bond) == ["We look into it."]
    assert (await desk.bond(bond)).state is BondState.REQUESTED
    other = CaseNews(reference=CaseReference(number=f"{bond.key}X"), comments=(answer,))
    async with desk.storage.unit() as unit:
        assert (await apply_news(unit, desk.vendor_account, [other], read_at=unit.now)).unknown == 1


async def test_a_file_that_reconciling_finds_is_fetched_at_once(desk: Desk) -> None:
    """Whichever stream tells of a file first, the one that fetches it becomes due."""
    bond = await desk.opened()
    assert bond.reference is not None
    await desk.pull([StreamKind.CASES, StreamKind.FILES])
    desk.sim.engineer.attach(bond.reference.number, "fix.def", b"patched")
    await desk.execute("UPDATE bond SET reconciled_at = now() - interval '2 days'")
    await desk.pull([StreamKind.RECONCILE])
    due = await desk.row("SELECT due_at <= now() AS now FROM stream WHERE kind = 'files'")
    assert due.now


@pytest.mark.parametrize(
    ("kind", "operation", "pauses"),
    [
        (StreamKind.CASES, "query", True),
        (StreamKind.FILES, "download", False),
        (StreamKind.RECONCILE, "read", False),
        (StreamKind.ARTICLES, "articles", False),
    ],
)
async def test_only_what_cases_need_pauses_the_account(desk: Desk, kind: str, operation: str, pauses: bool) -> None:
    """An account that may not read its cases is paused; one that may not read the rest goes on, and the stream says so."""
    bond = await desk.opened()
    assert bond.reference is not None
    desk.sim.engineer.attach(bond.reference.number, "fix.def", b"patched")
    await desk.pull([StreamKind.CASES])
    await desk.execute("INSERT INTO stream (account, kind) VALUES ('bmc', 'articles') ON CONFLICT DO NOTHING")
    await desk.execute("UPDATE bond SET reconciled_at = now() - interval '2 days'")
    desk.sim.faults.add("http_403", operation=operation)
    await desk.pull([kind])
    assert desk.sim.faults.injected["http_403"] >= 1
    error, failures = await desk.row(f"SELECT error, failures FROM stream WHERE kind = '{kind}'")
    assert (error.partition(":")[0], failures) == ("NotPermitted", 1)
    assert (await desk.row("SELECT paused_at IS NOT NULL FROM lane WHERE account = 'bmc'"))[0] is pauses


async def test_a_case_that_may_not_be_seen_holds_up_none_behind_it(desk: Desk) -> None:
    """The others are compared, and the ticket's journal tells of the one that is hidden."""
    hidden, seen = await desk.opened("hidden"), await desk.opened("seen")
    assert hidden.reference is not None
    assert seen.reference is not None
    desk.sim.engineer.answer(seen.reference.number, "We look into it.")
    await desk.execute("UPDATE bond SET reconciled_at = now() - interval '2 days'")
    desk.sim.faults.add("http_403", operation="read", path=f"*{hidden.reference.id}*")
    run = (await desk.pull([StreamKind.RECONCILE]))[StreamKind.RECONCILE]
    assert (run.items, run.differences, run.tally.comments) == (2, 1, 1)
    assert desk.sim.faults.injected["http_403"] >= 1
    assert await bodies(desk, seen) == ["We look into it."]
    assert "case_hidden" in await desk.events(hidden.ticket_number)
    assert (await desk.row("SELECT error FROM stream WHERE kind = 'reconcile'"))[0] == ""
