"""One article, folder or file costs only itself, and none is called withdrawn because a list can't be read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hub.simulators.kit import Call, Reply
from hub.testing import bed as beds
from hub.vendors import load

VENDORS = load(strict=True).vendors
Bed = beds.TestBed


@contextmanager
def refused(bed: Bed, is_meant: Callable[[Call], object], status: int = 403) -> Iterator[None]:
    """Refuses the calls that are meant."""
    body = b'[{"errorCode": "MALFORMED_QUERY", "message": "x"}]' if status == 400 else b""
    bed.simulator.rewrite = lambda call, reply: Reply(status, body) if is_meant(call) else reply
    yield
    bed.simulator.rewrite = None


def references(items: Any) -> list[str]:
    """The references of articles."""
    return sorted(item.reference for item in items)


@pytest.mark.parametrize(
    ("path", "expected"),
    [(r"/solutions/folders/\d+/articles", "folder "), (r"/solutions/categories/\d+/folders", "category ")],
)
async def test_a_folder_that_is_refused_withdraws_nothing(path: str, expected: str) -> None:
    """It is quarantined, its articles stay, and the next run is complete again."""
    async with beds.open_bed(VENDORS["winmagic"], None, "freshdesk") as bed:
        before = await bed.news(stream="articles")
        with refused(bed, lambda call: re.search(path, call.path)):
            during = await bed.news(before.cursor, stream="articles")
        gone = before.items[0].reference
        bed.act("withdraw", reference=gone)
        with refused(bed, lambda call: re.search(path, call.path)):
            meanwhile = await bed.news(during.cursor, stream="articles")
        after = await bed.news(meanwhile.cursor, stream="articles")
    for read in (during, meanwhile):
        assert read.items == ()
        assert all(bad.reference.startswith(expected) for bad in read.quarantined)
        assert read.quarantined
    assert [(item.reference, item.withdrawn) for item in after.items] == [(gone, True)]


async def test_a_folder_that_is_gone_is_no_fault() -> None:
    """One that was deleted since the folders were listed is skipped; its articles are looked up."""
    async with beds.open_bed(VENDORS["winmagic"], None, "freshdesk") as bed:
        before = await bed.news(stream="articles")
        with refused(bed, lambda call: re.search(r"/folders/\d+/articles", call.path), 410):
            during = await bed.news(before.cursor, stream="articles")
    assert (during.items, during.quarantined) == ((), ())


@pytest.mark.parametrize(("vendor", "platform"), [("winmagic", "freshdesk"), ("mobile_reach", "zendesk")])
async def test_an_article_that_cannot_be_looked_up_is_not_withdrawn(vendor: str, platform: str) -> None:
    """It disappeared from the list, and nobody knows why: it is quarantined, and reported once it can be asked for."""
    async with beds.open_bed(VENDORS[vendor], None, platform) as bed:
        before = await bed.news(stream="articles")
        gone = before.items[0].reference
        bed.act("withdraw", reference=gone)
        bed.simulator.clock.shift(8 * 86_400)
        with refused(bed, lambda call: call.parts[-1] == gone):
            during = await bed.news(before.cursor, stream="articles")
        bed.simulator.clock.shift(8 * 86_400)
        after = await bed.news(during.cursor, stream="articles")
    assert during.items == ()
    assert [bad.reference for bad in during.quarantined] == [gone]
    assert [(item.reference, item.withdrawn) for item in after.items] == [(gone, True)]


async def test_an_article_that_is_refused_comes_later() -> None:
    """Document360 gives each text by a call of its own: the others arrive, and this one is tried at each run."""
    async with beds.open_bed(VENDORS["winmagic"], None, "documentation") as bed:
        everything = await bed.news(stream="articles")
        first = everything.items[0].reference
        with refused(bed, lambda call: call.operation == "article" and first.partition(":")[0] in call.parts):
            during = await bed.news(stream="articles")
        after = await bed.news(during.cursor, stream="articles")
    assert references(during.items) == references(everything.items[1:])
    assert [bad.reference for bad in during.quarantined] == [first]
    assert references(after.items) == [first]


@pytest.mark.parametrize("status", [403, 500])
async def test_an_article_of_a_contact_is_read_alone(status: int) -> None:
    """ServiceNow's search shows no text, so each is read by itself: one that is refused is quarantined."""
    async with beds.open_bed(VENDORS["bomgar"], None, "portal") as bed:
        everything = await bed.news(stream="articles")
        first = everything.items[0].reference
        with refused(bed, lambda call: call.parts[-1] == first, status):
            during = await bed.news(stream="articles")
    assert references(during.items) == references(everything.items[1:])
    assert {(bad.reference, bad.passing) for bad in during.quarantined} == {(first, status == 500)}


async def test_a_list_that_is_refused_withdraws_nothing() -> None:
    """Of several lists one is refused: its articles stay; if all are, the reading fails as a whole."""
    async with beds.open_bed(VENDORS["winmagic"], None, "documentation") as bed:
        settings = bed.settings.model_copy(update={"languages": ("en", "fr")})
        async with bed.other_account(settings) as account:
            before = await bed.news(stream="articles", account=account)
            with refused(bed, lambda call: call.query.get("langCode") == "en"):
                during = await bed.news(before.cursor, stream="articles", account=account)
    assert before.items
    assert (during.items, len(during.quarantined)) == ((), 1)
    assert during.cursor["seen"] == before.cursor["seen"]


def query_of(call: Call) -> str:
    """The SOQL of a call."""
    return call.query.get("q", "")


async def test_a_file_whose_link_is_refused_is_that_files() -> None:
    """Salesforce is asked for the links of many files at once; if it refuses, for one after the other."""
    async with beds.open_bed(VENDORS["entrust"], None, "trustedcare") as bed:
        cases = [await bed.open() for _ in range(3)]
        for case in cases:
            await bed.add_file(case, b"x", name=f"{case.reference.number}.log")
        everything = await bed.news()
        documents: list[str] = []

        def is_meant(call: Call) -> bool:
            if "FROM ContentDocumentLink" not in query_of(call):
                return False
            ids = re.findall(r"'(069\w+)'", query_of(call))
            documents[:] = documents or ids
            return len(ids) > 1 or ids == documents[:1]

        with refused(bed, is_meant, 400):
            during = await bed.news()
    named = sorted(file.name for item in everything.items for file in item.attachments)
    found = sorted(file.name for item in during.items for file in item.attachments)
    assert len(named) == 3
    assert len(found) == 2
    assert set(found) < set(named)
    assert [bad.reference for bad in during.quarantined] == documents[:1]


async def test_bodies_that_are_refused_are_those_articles_own() -> None:
    """BMC gives bodies by template: what one template holds is quarantined with the call's reason, the rest arrives."""
    async with beds.open_bed(VENDORS["bmc_remedy"], None, "") as bed:
        everything = await bed.news(stream="articles")
        with refused(bed, lambda call: "RKM:HowToTemplate" in call.parts, 500):
            during = await bed.news(stream="articles")
    missing = set(references(everything.items)) - set(references(during.items))
    assert missing
    assert {(bad.reference, bad.passing) for bad in during.quarantined} == {(one, True) for one in missing}
    assert during.items


async def test_an_odd_solution_is_quarantined_alone() -> None:
    """RightAnswers reads each hit whole: one of them is refused, one has a time beyond all times."""
    async with beds.open_bed(VENDORS["rightanswers"], None, "knowledge") as bed:
        everything = await bed.news(stream="articles")
        first, second, *rest = references(everything.items)

        def rewrite(call: Call, reply: Reply) -> Reply:
            if call.parts[-2:] == ["solution", first]:
                return Reply(422)
            if call.parts[-2:] != ["solution", second]:
                return reply
            answer = json.loads(reply.body) | {"lastModifiedDate": 10**30}
            return Reply(200, json.dumps(answer).encode(), reply.headers)

        bed.simulator.rewrite = rewrite
        during = await bed.news(stream="articles")
    assert references(during.items) == rest
    assert sorted(bad.reference for bad in during.quarantined) == [first, second]
