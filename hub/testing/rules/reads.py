"""Reads: what a stream tells of many cases, once each, whatever happens on the way."""

from __future__ import annotations

import copy
import json
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.testing.bench import StreamRead, TestBed
from hub.testing.rule import NotApplicable, require, rule, same

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hub.model import AnyAccount, Cursor

MANY = 130
SMALL = 20  # rows on a page, where the account may choose
LARGEST = 256 * 1024  # bytes of a cursor


@asynccontextmanager
async def small_pages(bench: TestBed) -> AsyncIterator[AnyAccount]:
    """The account with small pages, where its settings allow a choice."""
    if "page_size" not in type(bench.settings).model_fields:
        yield bench.account
        return
    given = {name: getattr(bench.settings, name) for name in bench.settings.model_fields_set}
    async with bench.another(type(bench.settings)(**given | {"page_size": SMALL})) as account:
        yield account


def once_each(wanted: list[str], news: StreamRead) -> None:
    """Require that each of these cases was told of, and none twice."""
    told = Counter(news.numbers)
    missing = [number for number in wanted if not told[number]]
    twice = [number for number in wanted if told[number] > 1]
    require(not missing, f"{len(missing)} of {len(wanted)} cases were not told of, such as {missing[:2]}")
    require(not twice, f"{len(twice)} of {len(wanted)} cases were told of twice, such as {twice[:2]}")


async def _part(bench: TestBed, account: AnyAccount) -> tuple[StreamRead, bool]:
    """The beginning of a run: pages until some case was told of, and whether there is more."""
    at: Cursor = {}
    for _ in range(20):
        page = await bench.vendor.changed_cases(account, at)
        at = page.cursor
        if any(item.case for item in page.items) or not page.more:
            return StreamRead(page.items, page.quarantined, at), page.more
    raise NotApplicable("no page told of any case")


@rule("reads", "changed_cases")
async def every_case_is_told_once(bench: TestBed) -> None:
    """Many changed cases come out once each, and the run ends."""
    numbers = bench.simulator.fill(MANY)
    async with small_pages(bench) as account:
        once_each(numbers, await bench.news(account=account))


@rule("reads", "changed_cases")
async def equal_times_lose_nothing(bench: TestBed) -> None:
    """Cases changed in the same instant, more than fill several pages, come out once each."""
    numbers = bench.simulator.fill(MANY, run=MANY // 2)
    async with small_pages(bench) as account:
        once_each(numbers, await bench.news(account=account))


@rule("reads", "changed_cases")
async def an_empty_system_has_no_news(bench: TestBed) -> None:
    """With no case at the vendor there is no case news, and the run ends."""
    same("cases told of", [], (await bench.news()).numbers)


@rule("reads", "changed_cases")
async def reading_again_brings_nothing(bench: TestBed) -> None:
    """When nothing has changed, a second and a third run tell of nothing."""
    bench.simulator.fill(30, run=5)
    first = await bench.news()
    second = await bench.news(first.cursor)
    third = await bench.news(second.cursor)
    same("what later runs told", ((), ()), (second.items, third.items))


@rule("reads", "changed_cases")
async def a_change_is_told(bench: TestBed) -> None:
    """A case that changes after a run is told by the next, and no other with it."""
    numbers = bench.simulator.fill(30)
    first = await bench.news()
    bench.simulator.clock.shift(5)
    bench.simulator.touch(numbers[3])
    same("what the next run told", [numbers[3]], (await bench.news(first.cursor)).numbers)


@rule("reads", "changed_cases")
async def a_new_case_is_told(bench: TestBed) -> None:
    """A case opened after a run is told by the next, with its key."""
    if "open_case" not in bench.can:
        raise NotApplicable("the account opens no cases")
    bench.simulator.fill(5)
    first = await bench.news()
    case = await bench.open()
    bench.simulator.clock.shift(bench.vendor.info.index_lag + 1)
    told = [one.case for one in (await bench.news(first.cursor)).items if one.case]
    same("what was told", [(case.reference.number, case.key)], [(c.reference.number, c.key) for c in told])


@rule("reads", "changed_cases")
async def moved_cases_are_not_lost(bench: TestBed) -> None:
    """Cases that change while a run is under way move to its end, and nothing is lost by it."""
    numbers = bench.simulator.fill(MANY)
    async with small_pages(bench) as account:
        begun, more = await _part(bench, account)
        if not more:
            raise NotApplicable("all fits on one page")
        bench.simulator.clock.shift(5)
        for number in (numbers[0], numbers[1], numbers[-1]):
            bench.simulator.touch(number)
        rest = await bench.news(begun.cursor, account=account)
    told = set(begun.numbers) | set(rest.numbers)
    same("cases lost", set(), set(numbers) - told)
    require(numbers[0] in rest.numbers, "a case that changed after it was read is not told again")


@rule("reads", "changed_cases")
async def a_login_may_end_on_the_way(bench: TestBed) -> None:
    """A login that expires in the middle of a run is renewed, and nothing is lost or told twice."""
    numbers = bench.simulator.fill(MANY, run=7)
    async with small_pages(bench) as account:
        begun, _ = await _part(bench, account)
        bench.simulator.expire_logins()
        rest = await bench.news(begun.cursor, account=account)
    once_each(numbers, StreamRead(begun.items + rest.items, (), rest.cursor))


@rule("reads", "changed_cases")
async def a_failed_page_is_read_again(bench: TestBed) -> None:
    """A page that could not be read is asked for again from the cursor before it, and nothing is lost."""
    numbers = bench.simulator.fill(MANY)
    async with small_pages(bench) as account, AsyncExitStack() as stack:
        begun, _ = await _part(bench, account)
        broken = await stack.enter_async_context(bench.another(account.settings))
        bench.fault("malformed_json", operation="query")
        try:
            lost = await bench.vendor.changed_cases(broken, begun.cursor)
        except Exception:  # noqa: BLE001 - which error it is, other rules ask
            lost = None
        bench.simulator.faults.clear()
        require(not lost or not lost.items, "a damaged page was taken for a good one")
        rest = await bench.news(begun.cursor, account=account)
    same("cases lost", set(), set(numbers) - set(begun.numbers) - set(rest.numbers))


@rule("reads", "changed_cases")
async def the_cursor_is_plain_and_small(bench: TestBed) -> None:
    """A cursor can be kept as JSON, leads on from there, and does not grow with what was read."""
    numbers = bench.simulator.fill(MANY)
    first = await bench.news()
    kept = json.dumps(first.cursor)
    require(len(kept) < LARGEST, f"the cursor takes {len(kept)} bytes")
    same("the cursor after JSON", first.cursor, json.loads(kept))
    bench.simulator.clock.shift(5)
    bench.simulator.touch(numbers[0])
    same("what the kept cursor leads to", [numbers[0]], (await bench.news(json.loads(kept))).numbers)


@rule("reads", "changed_cases")
async def the_cursor_given_stays_as_it_is(bench: TestBed) -> None:
    """Reading does not change the cursor that was handed in: a page may have to be read again."""
    bench.simulator.fill(30)
    async with small_pages(bench) as account:
        begun, _ = await _part(bench, account)
        before = copy.deepcopy(begun.cursor)
        await bench.vendor.changed_cases(account, begun.cursor)
    same("the cursor handed in", before, begun.cursor)


@rule("reads", "changed_cases")
async def references_tell_cases_apart(bench: TestBed) -> None:
    """Each case has a number of its own, and the number is the one that people see."""
    numbers = bench.simulator.fill(30)
    cases = [one.case for one in (await bench.news()).items if one.case]
    same("numbers", sorted(numbers), sorted(case.reference.number for case in cases))
    ids = [case.reference.id for case in cases if case.reference.id]
    same("distinct ids", len(ids), len(set(ids)))


@rule("reads", "changed_cases")
async def times_are_in_utc(bench: TestBed) -> None:
    """Every time that is told is aware and in UTC, and near the vendor's own clock."""
    bench.simulator.fill(10)
    now = bench.simulator.clock.now()
    for one in (await bench.news()).items:
        if one.case is None:
            continue
        times = [one.case.changed_at, one.case.created_at, *(c.created_at for c in one.case.comments)]
        for at in times:
            require(at is None or at.utcoffset() == timedelta(0), f"{at} is not in UTC")
        off = abs(one.case.changed_at.timestamp() - now)
        require(off < 40 * 86_400, f"{one.case.changed_at} is {off / 3600:.0f} h from the vendor's clock")


@rule("reads", "changed_cases", "read_case")
async def news_and_case_agree(bench: TestBed) -> None:
    """What the stream tells of a case is what reading that case tells."""
    bench.simulator.fill(3)
    if "open_case" in bench.can:
        await bench.open()
    for one in (await bench.news()).items:
        if one.case is None:
            continue
        case = await bench.read(one.reference)
        for part in ("reference", "status", "severity", "title", "key", "changed_at"):
            same(f"{part} of {one.reference.number}", getattr(case, part), getattr(one.case, part))


@rule("reads", "changed_cases")
async def unknown_words_are_quarantined(bench: TestBed) -> None:
    """A case with a status that nobody knows is set aside with a reason, and the others are told."""
    bench.simulator.fill(5)
    bench.fault("unknown_status")
    news = await bench.news()
    require(news.quarantined, "nothing was set aside")
    same("cases told with a guessed status", [], news.numbers)
    require(all(one.reference and one.reason for one in news.quarantined), "a reason or reference lacks")


@rule("reads", "changed_cases")
async def a_filled_key_is_told(bench: TestBed) -> None:
    """A case that carries a key of ours is told with it."""
    key = "RJR-004711-7F3KQ"
    numbers = bench.simulator.fill(3, first=key)
    keys = {one.reference.number: one.case.key for one in (await bench.news()).items if one.case}
    same("cases told with the key", [numbers[0]], [number for number, held in keys.items() if held == key])
