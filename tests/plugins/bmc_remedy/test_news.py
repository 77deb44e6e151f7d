"""The streams, against the simulated vendor: cases and notes in turn, articles and patches."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from hub.errors import BadInput, FieldRefused
from hub.model import CaseChanges, CaseDraft, CaseNews, CaseStatus, Comment, Cursor, Severity
from hub.platforms.stream import Position
from plugins.bmc_remedy import plugin as bmc
from plugins.bmc_remedy.news import condition

from .conftest import Vendor, open_vendor


async def read_all(hook: Any, account: Any, cursor: Cursor, most: int = 500) -> tuple[Cursor, list[Any], list[Any]]:
    """A whole run: the cursor, kept as JSON between pages, the items and what was set aside."""
    items: list[Any] = []
    aside: list[Any] = []
    for _ in range(most):
        page = await hook(account, json.loads(json.dumps(cursor)))
        cursor = page.cursor
        items += page.items
        aside += page.quarantined
        if not page.more:
            return cursor, items, aside
    raise AssertionError("the stream does not end")


async def cases_of(account: Any, cursor: Cursor) -> tuple[Cursor, list[CaseNews], list[Any]]:
    """A whole run of case news."""
    return await read_all(bmc.hub_changed_cases, account, cursor)


async def opened(account: Any, number: int, **changes: Any) -> Any:
    """A case, opened through the plugin."""
    known = {"title": f"T{number}", "description": "D", "severity": Severity.S3, "ticket_number": f"R-{number}"}
    return await bmc.hub_open_case(account, CaseDraft(key=f"K-{number}", **(known | changes)))


async def test_news_is_told_once_and_reading_again_brings_nothing(vendor: Vendor, account: Any) -> None:
    """Cases and notes, then silence, then only what changed."""
    cases = [await opened(account, number) for number in range(3)]
    await vendor.engineer("answer", number=cases[1].reference.number, text="Hello")
    cursor, items, _ = await cases_of(account, {})
    assert sorted(news.case.key for news in items if news.case) == ["K-0", "K-1", "K-2"]
    assert [news.comments[0].body for news in items if news.comments] == ["Hello"]
    for _ in range(2):
        cursor, items, _ = await cases_of(account, cursor)
        assert items == []
    await vendor.engineer("set_status", number=cases[2].reference.number, status="Pending", reason="Client Hold")
    cursor, items, _ = await cases_of(account, cursor)
    (news,) = [news for news in items if news.case]
    assert (news.case.key, news.case.status) == ("K-2", CaseStatus.WAITING_ON_US)


async def test_a_note_is_told_though_the_incident_did_not_change(vendor: Vendor, account: Any) -> None:
    """It comes without the case, and names it."""
    case = await opened(account, 1)
    cursor, _, _ = await cases_of(account, {})
    await vendor.clock(shift=30)
    await vendor.engineer("answer", number=case.reference.number, text="Try this")
    _, items, _ = await cases_of(account, cursor)
    (news,) = items
    assert (news.case, news.reference.number) == (None, case.reference.number)
    assert news.comments[0].public


async def test_our_own_notes_come_back_with_their_key(account: Any) -> None:
    """So that an echo is recognised by more than its author."""
    case = await opened(account, 1)
    await bmc.hub_add_comment(account, case.reference, Comment(body="Ours", public=True, key="K-1/2"))
    _, items, _ = await cases_of(account, {})
    assert [comment.key for news in items for comment in news.comments] == ["K-1/2"]


async def test_files_of_the_vendor_are_news(vendor: Vendor, account: Any) -> None:
    """With the reference by which they are fetched."""
    case = await opened(account, 1)
    await vendor.engineer("attach", number=case.reference.number, name="fix.zip", data="aGVsbG8=")
    _, items, _ = await cases_of(account, {})
    (attachment,) = [one for news in items for one in news.attachments]
    assert attachment.name == "fix.zip"
    fetched = [chunk async for chunk in bmc.hub_fetch_attachment(account, case.reference, attachment)]
    assert b"".join(fetched) == b"hello"


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [("page_cap", {"size": 3})],
        [("missing_next", {})],
        [("shifting_items", {"size": 2})],
        [("repeated_page", {"operation": "query", "nth": 2})],
        [("empty_page_with_next", {"operation": "query", "nth": 2})],
        [("token_dropped", {"operation": "query", "nth": 3})],
        [("repeated_page", {"share": 0.3}), ("page_cap", {"size": 4}), ("shifting_items", {"size": 1})],
    ],
    ids=str,
)
async def test_no_fault_of_paging_loses_a_case(faults: list[tuple[str, dict[str, Any]]]) -> None:
    """Forty changes in the same second, ten a page at most: all are told within a few runs, none twice."""
    async with open_vendor() as vendor, vendor.account(page_size=10) as account:
        await vendor.clock(stop=1_790_000_000)
        for number in range(40):
            await opened(account, number)
        await vendor.clock(stop=1_790_000_100)
        for kind, rule in faults:
            await vendor.fault(kind, **rule)
        cursor: Cursor = {}
        told: list[str] = []
        for _ in range(12):
            cursor, items, _ = await cases_of(account, cursor)
            told += [news.case.key for news in items if news.case]
        assert sorted(told) == sorted(f"K-{number}" for number in range(40))


async def test_a_case_that_moves_between_two_pages_is_told_again_and_hides_none(vendor: Vendor) -> None:
    """Changed while the run is at the page before it."""
    async with vendor.account(page_size=2) as account:
        cases = [await opened(account, number) for number in range(6)]
        page = await bmc.hub_changed_cases(account, {})
        await vendor.clock(shift=5)
        await vendor.engineer("set_severity", number=cases[0].reference.number, severity=1)
        _, items, _ = await cases_of(account, page.cursor)
        told = [news.case.key for news in (*page.items, *items) if news.case]
        assert sorted(told) == ["K-0", "K-0", "K-1", "K-2", "K-3", "K-4", "K-5"]


@pytest.mark.parametrize("skew", [600, -600])
async def test_a_vendors_clock_that_is_wrong_hides_nothing(vendor: Vendor, account: Any, skew: int) -> None:
    """Ten minutes ahead of the Date header, or behind it."""
    await vendor.clock(shift=skew)
    case = await opened(account, 1)
    cursor, items, _ = await cases_of(account, {})
    assert len(items) == 1
    await vendor.engineer("answer", number=case.reference.number, text="Hello")
    _, items, _ = await cases_of(account, cursor)
    assert [news.comments[0].body for news in items if news.comments] == ["Hello"]


async def test_a_case_of_another_group_is_told_only_if_it_carries_a_key(vendor: Vendor, account: Any) -> None:
    """A case that was taken over stays in view; strangers' cases never come."""
    ours = await opened(account, 1)
    async with vendor.account(assigned_group="L2 Database", correlation="description") as other:
        await opened(other, 2)
    await vendor.engineer("reassign", number=ours.reference.number, group="L3 Engineering")
    _, items, _ = await cases_of(account, {})
    assert [news.case.key for news in items if news.case] == ["K-1"]
    async with vendor.account(assigned_group="") as everything:
        _, items, _ = await cases_of(everything, {})
        assert len([news for news in items if news.case]) == 2


async def test_an_unknown_status_is_set_aside_once_and_the_rest_kept(vendor: Vendor, account: Any) -> None:
    """The reason names the label."""
    for number in range(3):
        await opened(account, number)
    await vendor.fault("unknown_status", operation="query", value="Frozen", times=1)
    cursor, items, aside = await cases_of(account, {})
    assert aside
    assert all("Frozen" in one.reason for one in aside)
    assert len([news for news in items if news.case]) + len(aside) == 3
    _, _, aside = await cases_of(account, cursor)
    assert aside == []


async def test_an_accounts_own_words_are_read(vendor: Vendor) -> None:
    """A relabelled vendor needs settings, not code."""
    own = {"Status": {"Assigned": "Zugewiesen"}}
    async with open_vendor(relabel=own) as relabelled:
        words = {"statuses": {"Zugewiesen": "open"}, "open_status": "Zugewiesen"}
        async with relabelled.account(**words) as account:
            assert (await opened(account, 1)).status == CaseStatus.OPEN


async def test_history_before_its_start_is_not_read(vendor: Vendor) -> None:
    """An old case comes only once it changes."""
    await vendor.clock(stop=1_700_000_000)
    async with vendor.account(history_from="2026-01-01T00:00:00Z") as account:
        old = await opened(account, 1)
        await vendor.clock(stop=1_790_000_000)
        await opened(account, 2)
        cursor, items, _ = await cases_of(account, {})
        assert [news.case.key for news in items if news.case] == ["K-2"]
        await bmc.hub_change_case(account, old.reference, CaseChanges(severity=Severity.S1))
        _, items, _ = await cases_of(account, cursor)
        assert [news.case.key for news in items if news.case] == ["K-1"]


async def test_a_foreign_cursor_is_refused(account: Any) -> None:
    """It is not taken for the beginning."""
    with pytest.raises(BadInput):
        await bmc.hub_changed_cases(account, {"cases": {"offset": 100}})


# --- knowledge ---


async def test_published_articles_come_with_their_bodies_and_nothing_internal(account: Any) -> None:
    """Technician notes are never asked for; drafts and internal articles come without title and text."""
    cursor, items, aside = await read_all(bmc.hub_changed_articles, account, {})
    shown = [article for article in items if not article.withdrawn]
    hidden = [article for article in items if article.withdrawn]
    assert aside == []
    assert len(shown) >= 10
    assert hidden
    assert all(article.title and "<h2>" in article.body and article.number for article in shown)
    assert all(not article.title and not article.body for article in hidden)
    assert not any("staff" in article.body for article in shown)
    assert not any(article.public for article in items)
    assert (await read_all(bmc.hub_changed_articles, account, cursor))[1] == []


async def test_an_article_that_is_taken_back_is_told_as_withdrawn(vendor: Vendor, account: Any) -> None:
    """A mirror must forget it."""
    cursor, items, _ = await read_all(bmc.hub_changed_articles, account, {})
    chosen = next(article for article in items if not article.withdrawn)
    await vendor.engineer("revise", doc_id=chosen.number, status="Retired")
    _, items, _ = await read_all(bmc.hub_changed_articles, account, cursor)
    assert [(article.reference, article.withdrawn) for article in items] == [(chosen.reference, True)]


async def test_a_vendor_may_allow_articles_to_be_passed_on(vendor: Vendor) -> None:
    """Only then are they public."""
    async with vendor.account(articles_public=True, page_size=3) as account:
        _, items, _ = await read_all(bmc.hub_changed_articles, account, {})
    assert all(article.public for article in items if not article.withdrawn)


async def test_a_search_finds_titles_that_hold_all_words(account: Any) -> None:
    """In any order; quotes and wildcards in the words are no syntax."""
    (found,) = await bmc.hub_search_articles(account, "checkout bundle")
    assert found.title == "Collect a log bundle from the checkout service"
    assert "nwctl" in found.body
    assert await bmc.hub_search_articles(account, '" OR 1=1 --') == ()
    assert await bmc.hub_search_articles(account, "xx%yy_zz[") == ()
    assert await bmc.hub_search_articles(account, "  ") == ()
    with pytest.raises(FieldRefused):
        await bmc.hub_search_articles(account, "a\0b")


async def test_a_search_never_shows_what_is_internal(account: Any) -> None:
    """Drafts and internal articles are not found by a word that all titles hold."""
    _, items, _ = await read_all(bmc.hub_changed_articles, account, {})
    hidden = {article.reference for article in items if article.withdrawn}
    found = await bmc.hub_search_articles(account, "e")
    assert found
    assert not hidden & {article.reference for article in found}


async def test_patches_are_the_articles_that_the_account_picks(vendor: Vendor, account: Any) -> None:
    """Without a filter there are none, and nothing is asked of the vendor."""
    assert (await read_all(bmc.hub_changed_patches, account, {"kept": 1}))[:2] == ({"kept": 1}, [])
    async with vendor.account(patch_field="ArticleTitle", patch_text="patch") as picking:
        _, items, _ = await read_all(bmc.hub_changed_patches, picking, {})
    assert items
    assert all("patch" in patch.title.lower() and patch.body for patch in items if not patch.withdrawn)


async def test_two_streams_at_once_do_not_meet(vendor: Vendor, account: Any) -> None:
    """One user, one request in flight, whatever the hub asks for."""
    await asyncio.gather(*(cases_of(account, {}) for _ in range(3)), read_all(bmc.hub_changed_articles, account, {}))
    assert (await vendor.ledger())["most_in_flight"]["rjr_hub"] == 1


def test_the_condition_is_an_indexed_range_and_a_place_in_it() -> None:
    """The time bound stands alone, so that a server can use its index."""
    assert condition(Position(5), "Changed", "Id") == "'Changed' >= \"5\""
    assert condition(Position(5, "b"), "Changed", "Id") == (
        "'Changed' >= \"5\" AND ('Changed' > \"5\" OR 'Id' > \"b\")"
    )
