"""One case costs only itself: a call or a value of one case that can't be read keeps no other case from being read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hub.simulators.kit import Call, Reply
from hub.testing import bed as beds
from hub.vendors import load

VENDORS = load(strict=True).vendors
WITH_CALLS = [("entrust", "digital_card"), ("mobile_reach", "zendesk"), ("gemalto", "portal")]
"""Freshdesk, Zendesk and ServiceNow read the comments of each case by a call of its own."""
PAGE = b"<html><body>Scheduled maintenance</body></html>"
LATE, EARLY = "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00"


async def two_cases(bed: beds.TestBed) -> tuple[Any, Any]:
    """Two cases, each with an answer of the vendor."""
    first, second = await bed.open(), await bed.open()
    for case in (first, second):
        bed.act("answer", case.reference.number, text=f"About {case.reference.number}")
    return first, second


def answer_one(reference: Any, status: int, body: bytes) -> Callable[[Call, Reply], Reply]:
    """Answers the call for the comments of one case with this status and body."""

    def rewrite(call: Call, reply: Reply) -> Reply:
        is_meant = call.operation == "notes" and (reference.id or reference.number) in call.parts
        return Reply(status, body, {"Content-Type": "text/html"}) if is_meant else reply

    return rewrite


@pytest.mark.parametrize(
    ("status", "body", "passing"), [(403, b"", False), (422, b"", False), (500, b"", True), (200, PAGE, True)]
)
@pytest.mark.parametrize(("vendor", "platform"), WITH_CALLS)
async def test_a_refused_call_of_one_case_is_that_cases(
    vendor: str, platform: str, status: int, body: bytes, passing: bool
) -> None:
    """The other case's comments arrive in the same page, and the refused case is quarantined under its number."""
    async with beds.open_bed(VENDORS[vendor], None, platform) as bed:
        first, second = await two_cases(bed)
        bed.simulator.rewrite = answer_one(first.reference, status, body)
        news = await bed.news()
        again = await bed.news(news.cursor)
    said = {item.reference.number: [comment.body for comment in item.comments] for item in news.items}
    assert said == {second.reference.number: [f"About {second.reference.number}"]}
    (bad,) = {(item.reference, item.passing) for item in news.quarantined}
    assert bad == (first.reference.number, passing)
    assert not {item.reference for item in again.quarantined} - {first.reference.number}


@pytest.mark.parametrize(("vendor", "platform"), WITH_CALLS)
async def test_a_case_that_is_gone_is_left_out(vendor: str, platform: str) -> None:
    """A case whose comments are gone since the page was read is no news and no fault."""
    async with beds.open_bed(VENDORS[vendor], None, platform) as bed:
        first, second = await two_cases(bed)
        bed.simulator.rewrite = answer_one(first.reference, 410, b"")
        news = await bed.news()
    assert news.numbers == [second.reference.number]
    assert news.quarantined == ()


ROWS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("entrust", "digital_card"): ("", "updated_at", "id"),
    ("mobile_reach", "zendesk"): ("tickets", "created_at", "id"),
    ("gemalto", "portal"): ("result", "sys_updated_on", "sys_id"),
    ("entrust", "trustedcare"): ("records", "SystemModstamp", "Id"),
    ("bmc_remedy", ""): ("entries", "Last Modified Date", "Incident Number"),
}
"""Where a reply has its rows, and the fields with the time of change and the id."""


def _values(row: Any) -> Any:
    return row.get("values", row)


ODD: dict[str, Callable[[Any, str, str], Any]] = {
    "null": lambda row, time, ident: None,
    "a list": lambda row, time, ident: [row],
    "a time that overflows at the end": lambda row, time, ident: _values(row).update({time: LATE}) or row,
    "a time that overflows at the start": lambda row, time, ident: _values(row).update({time: EARLY}) or row,
    "a time before 1970": lambda row, time, ident: _values(row).update({time: "1066-10-14T09:00:00+00:00"}) or row,
    "a list for a time": lambda row, time, ident: _values(row).update({time: [1]}) or row,
    "a list for an id": lambda row, time, ident: _values(row).update({ident: [1]}) or row,
    "an id of 3,000 characters": lambda row, time, ident: _values(row).update({ident: "9" * 3000}) or row,
    "an id of 10^30": lambda row, time, ident: _values(row).update({ident: 10**30}) or row,
}


@pytest.mark.parametrize(("vendor", "platform"), ROWS)
async def test_an_odd_row_is_quarantined_alone(vendor: str, platform: str) -> None:
    """Whatever one row holds, the other case is reported, and the row is quarantined with a short reason."""
    name, time, ident = ROWS[vendor, platform]
    async with beds.open_bed(VENDORS[vendor], None, platform) as bed:
        first, second = await two_cases(bed)
        for what, change in ODD.items():

            def rewrite(call: Call, reply: Reply, change: Callable[..., Any] = change) -> Reply:
                if call.operation != "query" or reply.status != 200:
                    return reply
                answer = json.loads(reply.body)
                rows = answer[name] if name else answer
                for at, row in enumerate(rows):
                    if first.reference.number in {str(value) for value in _values(row).values()}:
                        rows[at] = change(row, time, ident)
                return Reply(reply.status, json.dumps(answer).encode(), reply.headers)

            bed.simulator.rewrite = rewrite
            news = await bed.news()
            assert set(news.numbers) == {second.reference.number}, what
            assert news.quarantined, what
            assert all(0 < len(bad.reference) <= 40 and 0 < len(bad.reason) < 300 for bad in news.quarantined), what
            assert not any(bad.passing for bad in news.quarantined), what
