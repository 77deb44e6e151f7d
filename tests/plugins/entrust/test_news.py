"""News of TrustedCare: changed cases, comments, files, articles and patches."""

from __future__ import annotations

from collections import Counter

from hub.model import CaseDraft, CaseStatus, Comment, Severity
from hub.simulators.kit import serve
from plugins.entrust import plugin as entrust

from .conftest import make, open_account

DRAFT = CaseDraft(key="RJR-000042-7F3KQ", title="T", description="D", severity=Severity.S2, ticket_number="RJR-000042")


async def _drain(hook, account, cursor=None, between=None):
    items, bad, cursor, pages = [], [], cursor or {}, 0
    while True:
        page = await hook(account, cursor)
        items += page.items
        bad += page.quarantined
        cursor, pages = page.cursor, pages + 1
        if between is not None:
            between(pages)
        if not page.more:
            return items, bad, cursor


async def test_all_that_happens_is_told_once(account, sim):
    """A change, a comment and a file of the engineer's each come once, with the case's number; later nothing."""
    case = await entrust.hub_open_case(account, DRAFT)
    number = case.reference.number
    _, _, cursor = await _drain(entrust.hub_changed_cases, account)
    sim.clock.shift(5)
    sim.engineer.take(number)
    sim.engineer.answer(number, "We look into it.")
    sim.engineer.internal_note(number, "For colleagues.")
    sim.engineer.auto_reply(number)
    sim.engineer.attach(number, "fix.zip", b"PK")
    items, bad, cursor = await _drain(entrust.hub_changed_cases, account, cursor)
    assert bad == []
    assert {item.reference for item in items} == {case.reference}
    assert [item.case.status for item in items if item.case] == [CaseStatus.IN_PROGRESS]
    told = [comment for item in items for comment in item.comments]
    assert [(one.public, one.automatic) for one in told] == [(True, False), (False, False), (True, True)]
    assert [one.name for item in items for one in item.attachments] == ["fix.zip"]
    again, _, _ = await _drain(entrust.hub_changed_cases, account, cursor)
    assert again == []


async def test_our_own_comment_is_known_by_its_key(account):
    """A comment that we wrote comes back in the news with the key that it was sent with."""
    case = await entrust.hub_open_case(account, DRAFT)
    await entrust.hub_add_comment(account, case.reference, Comment(body="Hello", key=f"{DRAFT.key}/2-X2QF"))
    items, _, _ = await _drain(entrust.hub_changed_cases, account)
    assert [one.key for item in items for one in item.comments] == [f"{DRAFT.key}/2-X2QF"]


async def test_unknown_words_are_set_aside(account, sim):
    """A status that nobody knows quarantines its case by name, and the others go on."""
    sim.fill(3)
    sim.engineer.take("00001002")
    row = sim.state.case("00001002")
    sim.state.change(sim.state.objects["case"], row, {"Status": "Baffled"}, "x")
    items, bad, _ = await _drain(entrust.hub_changed_cases, account)
    assert sorted(item.reference.number for item in items) == ["00001001", "00001003"]
    assert [(one.reference, "Baffled" in one.reason) for one in bad] == [("00001002", True)]


async def test_deleted_and_merged_cases_are_set_aside(account, sim):
    """A case in the bin and one that was merged are told to people, each with its own reason."""
    first, second, third = sim.fill(3)
    sim.engineer.delete(first)
    sim.engineer.merge(second, third)
    _, bad, _ = await _drain(entrust.hub_changed_cases, account)
    assert {one.reference: one.reason.split(" at ")[0] for one in bad} == {
        first: "the case was deleted",
        second: "the case was merged into another case",
    }


async def test_a_row_that_shows_late_is_told():
    """A case that shows after its stamp has been passed is found within the overlap."""
    async with serve(make()) as served, open_account(served) as account:
        sim = served.simulator
        early, late = sim.fill(2)
        sim.state.case(late).hidden_until = sim.clock.now() + 60
        items, _, cursor = await _drain(entrust.hub_changed_cases, account)
        assert [item.reference.number for item in items] == [early]
        sim.clock.shift(61)
        items, _, _ = await _drain(entrust.hub_changed_cases, account, cursor)
        assert [item.reference.number for item in items] == [late]


async def test_articles_come_withdrawn_and_revised(account, sim):
    """Published articles come with their bodies, drafts and other languages never; a revision keeps its reference."""
    items, bad, cursor = await _drain(entrust.hub_changed_articles, account)
    shown = {one.title: one for one in items if not one.withdrawn}
    assert bad == []
    assert len(shown) == 3
    assert "<p>" in shown["Collect logs of Identity Enterprise"].body
    assert [one.body for one in items if one.withdrawn] == [""]
    sim.clock.shift(200)
    reference = sim.engineer.publish("New", "<p>a</p>")
    sim.engineer.revise(reference, title="Newer")
    items, _, cursor = await _drain(entrust.hub_changed_articles, account, cursor)
    assert [(one.reference, one.title) for one in items] == [(reference, "Newer")]
    assert (await entrust.hub_read_article(account, reference)).title == "Newer"
    sim.clock.shift(200)
    sim.engineer.withdraw(reference)
    items, _, _ = await _drain(entrust.hub_changed_articles, account, cursor)
    assert [(one.reference, one.withdrawn) for one in items] == [(reference, True)]


async def test_a_search_asks_the_vendor(account):
    """A search finds published articles by their words; marks of the search's own grammar are plain text."""
    found = await entrust.hub_search_articles(account, "root certificate")
    assert [one.title for one in found] == ["Import the new root certificate of the notification service"]
    assert await entrust.hub_search_articles(account, "a} RETURNING Case(Id) {") == ()
    assert await entrust.hub_search_articles(account, "  ") == ()


async def test_patches_come_from_the_object(account, sim):
    """A patch has the fields that patch_fields names; a new one is told, an old one not again."""
    items, bad, cursor = await _drain(entrust.hub_changed_patches, account)
    assert bad == []
    [patch] = items
    assert (patch.product, patch.version, patch.severity) == ("Identity Enterprise", "Self-Service Module 13.0", "High")
    assert patch.published_at.isoformat() == "2026-08-17T00:00:00+00:00"
    reference = sim.engineer.publish_patch("Hotfix", "Install it.", product="KeyControl", version="10.4")
    items, _, _ = await _drain(entrust.hub_changed_patches, account, cursor)
    assert [(one.reference, one.title) for one in items] == [(reference, "Hotfix")]


async def test_patches_may_be_articles_or_none(org):
    """patch_source takes them from articles that a filter picks, or from nowhere."""
    picked = {"patch_source": "articles", "patch_filter": "RecordTypeName__c = 'Security_Notice'"}
    async with open_account(org, **picked) as account:
        items, _, _ = await _drain(entrust.hub_changed_patches, account)
        assert [one.title for one in items] == ["Security notice: replay of one-time codes"]
    async with open_account(org, patch_source="none") as account:
        assert (await _drain(entrust.hub_changed_patches, account))[0] == []


async def test_10_000_changed_cases_come_once_each():
    """Runs of one stamp longer than several pages, moved cases, small batches and ended sessions lose and double nothing."""
    async with serve(make()) as served, open_account(served, page_size=500) as account:
        sim = served.simulator
        numbers = sim.fill(10_000, run=1700)
        moved = [*numbers[:3], *numbers[4000:4003], *numbers[-3:]]

        def meanwhile(page):
            if page == 5:
                for number in moved:
                    sim.touch(number)
            if page % 7 == 3:
                sim.expire_logins()
            if page == 9:
                sim.faults.add("small_batch", operation="query", times=2, size=130)

        items, bad, cursor = await _drain(entrust.hub_changed_cases, account, between=meanwhile)
        seen = Counter(item.reference.number for item in items)
        assert bad == []
        assert set(seen) == set(numbers)
        assert {number for number, times in seen.items() if times > 1} <= set(moved)
        last = {item.reference.number: item.case.title for item in items}
        assert all(last[number].endswith(".") for number in moved)
        assert sim.ledger.requests["POST login"] > 3
        again, _, _ = await _drain(entrust.hub_changed_cases, account, cursor)
        assert again == []
