"""The whole life of a case at the simulated portal, in both profiles, over HTTP."""

from __future__ import annotations

from collections import Counter

import pytest

from hub.errors import CaseRefused, FieldRefused, NotPermitted
from hub.model import Attachment, CaseChanges, CaseDraft, CaseStatus, Comment, Severity
from hub.simulators.kit import serve
from hub.simulators.servicenow import Options
from plugins.gemalto import plugin as gemalto
from plugins.gemalto.simulator import simulator

from .conftest import open_account

DRAFT = CaseDraft(key="RJR-000042-7F3KQ", title="T", description="D", severity=Severity.S2, ticket_number="RJR-000042")


async def _bytes(data):
    yield data


async def _drain(hook, account, cursor=None, between=None):
    items, cursor, pages = [], cursor or {}, 0
    while True:
        page = await hook(account, cursor)
        assert page.quarantined == ()
        items += page.items
        cursor, pages = page.cursor, pages + 1
        if between is not None:
            between(pages)
        if not page.more:
            return items, cursor


@pytest.mark.parametrize("profile", ["integration", "external"])
async def test_a_case_lives_its_life(profile):
    """Opened, found, asked and answered, with files both ways, closed for good, and all comes back once with its key."""
    async with serve(simulator(Options(profile=profile))) as served, open_account(served) as account:
        sim = served.simulator
        case = await gemalto.hub_open_case(account, DRAFT)
        number = case.reference.number
        assert (case.key, case.title, case.severity) == (DRAFT.key, "T", Severity.S2)
        assert await gemalto.hub_find_case(account, DRAFT.key) is not None
        assert await gemalto.hub_find_case(account, "RJR-000043-AAAAA") is None
        sim.engineer.ask(number, "Which build?")
        asked = await gemalto.hub_read_case(account, case.reference)
        assert asked.status is CaseStatus.WAITING_ON_US
        key = f"{DRAFT.key}/2-X2QF"
        await gemalto.hub_add_comment(account, case.reference, Comment(body="2.17", public=True, key=key))
        file = Attachment(name="a.log", size=3, key=f"{DRAFT.key}/3-X2QF")
        await gemalto.hub_add_attachment(account, case.reference, file, _bytes(b"abc"))
        sim.engineer.attach(number, "fix.zip", b"PK")
        [news], _ = await _drain(gemalto.hub_changed_cases, account)
        assert news.case.status is CaseStatus.IN_PROGRESS
        assert [(one.body, one.key) for one in news.comments] == [("Which build?", ""), ("2.17", key)]
        assert [(one.name, one.key) for one in news.attachments] == [("a.log", file.key), ("fix.zip", "")]
        stream = gemalto.hub_fetch_attachment(account, case.reference, news.attachments[1])
        assert b"".join([chunk async for chunk in stream]) == b"PK"
        await gemalto.hub_change_case(account, case.reference, CaseChanges(status=CaseStatus.CLOSED))
        with pytest.raises(CaseRefused):
            await gemalto.hub_change_case(account, case.reference, CaseChanges(status=CaseStatus.OPEN))


async def test_a_contact_can_not_write_in_private():
    """A contact's private comment and change of severity are refused before anything is sent."""
    async with serve(simulator(Options(profile="external"))) as served, open_account(served) as account:
        case = await gemalto.hub_open_case(account, DRAFT)
        with pytest.raises(CaseRefused, match="private"):
            await gemalto.hub_add_comment(account, case.reference, Comment(body="x"))
        with pytest.raises(FieldRefused):
            await gemalto.hub_change_case(account, case.reference, CaseChanges(severity=Severity.S1))
        assert served.simulator.ledger.of("note") == []


async def test_an_ignored_filter_is_never_an_absent_case():
    """Where the key can't be searched, unrelated rows stop the account instead of counting as none."""
    options = Options(correlation_readable=False)
    async with serve(simulator(options)) as served, open_account(served) as account:
        served.simulator.fill(2)
        with pytest.raises(NotPermitted):
            await gemalto.hub_find_case(account, DRAFT.key)


@pytest.mark.parametrize("profile", ["integration", "external"])
async def test_knowledge_and_downloads(profile):
    """Articles come in both profiles; patches are downloads where the table may be read, else articles that say so."""
    async with serve(simulator(Options(profile=profile))) as served, open_account(served) as account:
        articles, _ = await _drain(gemalto.hub_changed_articles, account)
        live = {one.number for one in articles if not one.withdrawn}
        assert {"KB0021016", "KB0019789"} <= live
        patches, _ = await _drain(gemalto.hub_changed_patches, account)
        assert [one.number for one in patches] == (["DOW0000123"] if profile == "integration" else ["KB0019789"])


@pytest.mark.parametrize("profile", ["integration", "external"])
async def test_10_000_changed_cases_come_once_each(profile):
    """Runs of one stamp longer than pages, moves and ended tokens lose nothing, and double only what moved."""
    settings = {"page_size": 500, "comments_of": "keyed"}
    async with serve(simulator(Options(profile=profile))) as served, open_account(served, **settings) as account:
        sim = served.simulator
        numbers = sim.fill(10_000, run=1700)
        moved = [*numbers[:3], *numbers[4000:4003]]

        def meanwhile(page):
            if page == 5:
                for number in moved:
                    sim.touch(number)
            if page % 7 == 3:
                sim.expire_logins()

        items, cursor = await _drain(gemalto.hub_changed_cases, account, between=meanwhile)
        seen = Counter(item.reference.number for item in items)
        assert set(seen) == set(numbers)
        assert {number for number, times in seen.items() if times > 1} <= set(moved)
        assert sim.ledger.requests["POST login"] > 2
        assert (await _drain(gemalto.hub_changed_cases, account, cursor))[0] == []
