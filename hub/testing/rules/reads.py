"""Reads: a stream reports many cases, once each, whatever happens meanwhile."""

from __future__ import annotations

import copy
import json
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.testing.bed import StreamRead, TestBed
from hub.testing.checks import NotApplicable, require, require_equal
from hub.testing.rule import rule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hub.model import AnyAccount, Cursor

MANY = 130
SMALL = 20  # rows on a page, where the account may choose
LARGEST = 256 * 1024  # bytes of a cursor


@asynccontextmanager
async def small_pages(bed: TestBed) -> AsyncIterator[AnyAccount]:
    """The account with small pages, where its settings allow that."""
    if "page_size" not in type(bed.settings).model_fields:
        yield bed.account
        return
    values = {name: getattr(bed.settings, name) for name in bed.settings.model_fields_set}
    async with bed.other_account(type(bed.settings)(**values | {"page_size": SMALL})) as account:
        yield account


def once_each(wanted: list[str], news: StreamRead) -> None:
    """Require that each of these cases was reported exactly once."""
    times = Counter(news.numbers)
    missing = [number for number in wanted if not times[number]]
    repeated = [number for number in wanted if times[number] > 1]
    require(not missing, f"{len(missing)} of {len(wanted)} cases were not reported, such as {missing[:2]}")
    require(not repeated, f"{len(repeated)} of {len(wanted)} cases were reported twice, such as {repeated[:2]}")


async def _first_pages(bed: TestBed, account: AnyAccount) -> tuple[StreamRead, bool]:
    """The beginning of a run: pages up to the first that reports a case, and whether more follow."""
    at: Cursor = {}
    for _ in range(20):
        page = await bed.vendor.changed_cases(account, at)
        at = page.cursor
        if any(item.case for item in page.items) or not page.more:
            return StreamRead(page.items, page.quarantined, at), page.more
    raise NotApplicable("no page reports a case")


@rule("reads", "changed_cases")
async def every_case_is_reported_once(bed: TestBed) -> None:
    """Many changed cases are reported once each, and the run ends."""
    numbers = bed.simulator.fill(MANY)
    async with small_pages(bed) as account:
        once_each(numbers, await bed.news(account=account))


@rule("reads", "changed_cases")
async def equal_times_lose_nothing(bed: TestBed) -> None:
    """Cases changed in the same instant, enough to fill several pages, are reported once each."""
    numbers = bed.simulator.fill(MANY, run=MANY // 2)
    async with small_pages(bed) as account:
        once_each(numbers, await bed.news(account=account))


@rule("reads", "changed_cases")
async def an_empty_system_has_no_news(bed: TestBed) -> None:
    """If the vendor has no cases, none is reported, and the run ends."""
    require_equal("cases reported", [], (await bed.news()).numbers)


@rule("reads", "changed_cases")
async def rereading_reports_nothing(bed: TestBed) -> None:
    """When nothing has changed, a second and a third run report nothing."""
    bed.simulator.fill(30, run=5)
    first = await bed.news()
    second = await bed.news(first.cursor)
    third = await bed.news(second.cursor)
    require_equal("what later runs reported", ((), ()), (second.items, third.items))


@rule("reads", "changed_cases")
async def a_change_is_reported(bed: TestBed) -> None:
    """A case that changes after a run is reported by the next run, and no other case is."""
    numbers = bed.simulator.fill(30)
    first = await bed.news()
    bed.simulator.clock.shift(5)
    bed.simulator.touch(numbers[3])
    require_equal("what the next run reported", [numbers[3]], (await bed.news(first.cursor)).numbers)


@rule("reads", "changed_cases")
async def a_new_case_is_reported(bed: TestBed) -> None:
    """A case opened after a run is reported by the next run, with its key."""
    if "open_case" not in bed.can:
        raise NotApplicable("the account can't open cases")
    bed.simulator.fill(5)
    first = await bed.news()
    case = await bed.open()
    bed.simulator.clock.shift(bed.vendor.info.index_lag + 1)
    cases = [item.case for item in (await bed.news(first.cursor)).items if item.case]
    require_equal("cases reported", [(case.reference.number, case.key)], [(c.reference.number, c.key) for c in cases])


@rule("reads", "changed_cases")
async def moved_cases_are_not_lost(bed: TestBed) -> None:
    """Cases that change during a run are reported again at its end, and no case is lost."""
    numbers = bed.simulator.fill(MANY)
    async with small_pages(bed) as account:
        start, more = await _first_pages(bed, account)
        if not more:
            raise NotApplicable("all cases fit on one page")
        bed.simulator.clock.shift(5)
        for number in (numbers[0], numbers[1], numbers[-1]):
            bed.simulator.touch(number)
        rest = await bed.news(start.cursor, account=account)
    require_equal("cases lost", set(), set(numbers) - set(start.numbers) - set(rest.numbers))
    require(numbers[0] in rest.numbers, "a case that changed after it was read is not reported again")


@rule("reads", "changed_cases")
async def a_login_may_expire_midway(bed: TestBed) -> None:
    """A login that expires during a run is renewed, and no case is lost or reported twice."""
    numbers = bed.simulator.fill(MANY, run=7)
    async with small_pages(bed) as account:
        start, _ = await _first_pages(bed, account)
        bed.simulator.expire_logins()
        rest = await bed.news(start.cursor, account=account)
    once_each(numbers, StreamRead(start.items + rest.items, (), rest.cursor))


@rule("reads", "changed_cases")
async def a_failed_page_is_read_again(bed: TestBed) -> None:
    """After a page that could not be read, the run continues from the cursor before it, and no case is lost."""
    numbers = bed.simulator.fill(MANY)
    async with small_pages(bed) as account, AsyncExitStack() as stack:
        start, _ = await _first_pages(bed, account)
        broken = await stack.enter_async_context(bed.other_account(account.settings))
        bed.fault("malformed_json", operation="query")
        try:
            page = await bed.vendor.changed_cases(broken, start.cursor)
        except Exception:  # noqa: BLE001 - which error it is, other rules ask
            page = None
        bed.simulator.faults.clear()
        require(not page or not page.items, "a damaged page was accepted")
        rest = await bed.news(start.cursor, account=account)
    require_equal("cases lost", set(), set(numbers) - set(start.numbers) - set(rest.numbers))


@rule("reads", "changed_cases")
async def the_cursor_is_plain_and_small(bed: TestBed) -> None:
    """A cursor can be stored as JSON, continues from there, and does not grow with the number of cases."""
    numbers = bed.simulator.fill(MANY)
    first = await bed.news()
    stored = json.dumps(first.cursor)
    require(len(stored) < LARGEST, f"the cursor takes {len(stored)} bytes")
    require_equal("the cursor after JSON", first.cursor, json.loads(stored))
    bed.simulator.clock.shift(5)
    bed.simulator.touch(numbers[0])
    require_equal("what follows the stored cursor", [numbers[0]], (await bed.news(json.loads(stored))).numbers)


@rule("reads", "changed_cases")
async def the_given_cursor_is_not_modified(bed: TestBed) -> None:
    """Reading does not modify the given cursor, since a page may have to be read again."""
    bed.simulator.fill(30)
    async with small_pages(bed) as account:
        start, _ = await _first_pages(bed, account)
        before = copy.deepcopy(start.cursor)
        await bed.vendor.changed_cases(account, start.cursor)
    require_equal("the given cursor", before, start.cursor)


@rule("reads", "changed_cases")
async def case_numbers_are_distinct(bed: TestBed) -> None:
    """Each case has a number of its own, which is the number that people see."""
    numbers = bed.simulator.fill(30)
    cases = [item.case for item in (await bed.news()).items if item.case]
    require_equal("numbers", sorted(numbers), sorted(case.reference.number for case in cases))
    ids = [case.reference.id for case in cases if case.reference.id]
    require_equal("distinct ids", len(ids), len(set(ids)))


@rule("reads", "changed_cases")
async def times_are_in_utc(bed: TestBed) -> None:
    """Every reported time is timezone-aware, in UTC, and near the vendor's own clock."""
    bed.simulator.fill(10)
    now = bed.simulator.clock.now()
    for case in (item.case for item in (await bed.news()).items if item.case):
        times = [case.changed_at, case.created_at, *(comment.created_at for comment in case.comments)]
        for at in times:
            require(at is None or at.utcoffset() == timedelta(0), f"{at} is not in UTC")
        off = abs(case.changed_at.timestamp() - now)
        require(off < 40 * 86_400, f"{case.changed_at} is {off / 3600:.0f} h from the vendor's clock")


@rule("reads", "changed_cases", "read_case")
async def news_and_case_agree(bed: TestBed) -> None:
    """The stream and a read of the case report the same."""
    bed.simulator.fill(3)
    if "open_case" in bed.can:
        await bed.open()
    for item in (await bed.news()).items:
        if item.case is None:
            continue
        case = await bed.read(item.reference)
        for field in ("reference", "status", "severity", "title", "key", "changed_at"):
            require_equal(f"{field} of {item.reference.number}", getattr(case, field), getattr(item.case, field))


@rule("reads", "changed_cases")
async def unknown_words_are_quarantined(bed: TestBed) -> None:
    """A case with an unknown status is quarantined with a reason, and not reported with a guessed status."""
    bed.simulator.fill(5)
    bed.fault("unknown_status")
    news = await bed.news()
    require(news.quarantined, "nothing was quarantined")
    require_equal("cases reported with a guessed status", [], news.numbers)
    require(all(item.reference and item.reason for item in news.quarantined), "a reason or reference is missing")


@rule("reads", "changed_cases")
async def a_stored_key_is_reported(bed: TestBed) -> None:
    """A case that carries one of our keys is reported with that key."""
    key = "RJR-004711-7F3KQ"
    numbers = bed.simulator.fill(3, first=key)
    keys = {item.reference.number: item.case.key for item in (await bed.news()).items if item.case}
    require_equal("cases with the key", [numbers[0]], [number for number, stored in keys.items() if stored == key])
