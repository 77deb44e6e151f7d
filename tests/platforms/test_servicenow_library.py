"""A ServiceNow account's knowledge and settings, and a contact's login against the simulator."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from servicenow_kit import DESK, KEY, instance, settings

from hub.errors import BadInput, CaseRefused, FieldRefused, NotPermitted, VendorMisbehaved, VendorUnavailable
from hub.model import CaseChanges, CaseDraft, CaseStatus, Comment, Severity
from hub.platforms.servicenow import articles
from hub.simulators.servicenow import Article, Options, knowledge

DRAFT = CaseDraft(key=KEY, title="T", description="D", severity=Severity.S2, ticket_number="RJR-000042")
LONG = "wort " * 2000
ARTICLE = {
    "number": "KB0000001",
    "sys_updated_on": "2026-02-03 11:40:02",
    "workflow_state": "published",
    "short_description": "Patch 24.3.2",
    "text": "<p>x</p>",
}


def test_rows_of_knowledge():
    """Drafts, old versions and other languages are skipped; retired articles are withdrawn, without a text."""
    chosen = settings(article_address="https://a.example/{number}")
    item = articles.article_from(ARTICLE, chosen)
    assert (item.title, item.address) == ("Patch 24.3.2", "https://a.example/KB0000001")
    gone = articles.article_from(ARTICLE | {"workflow_state": "retired"}, chosen)
    assert (gone.withdrawn, gone.body) == (True, "")
    for other in ({"workflow_state": "draft"}, {"workflow_state": "outdated"}, {"language": "de"}):
        assert articles.article_from(ARTICLE | other, chosen) is None
    for odd in ({"number": ""}, {"sys_updated_on": ""}):
        with pytest.raises(VendorMisbehaved):
            articles.article_from(ARTICLE | odd, chosen)
    with pytest.raises(VendorMisbehaved):
        articles.article_from_api({"number": "KB0000001"}, chosen)
    patch = articles.announced_patch(item, chosen)
    assert (patch.version, articles.has_word(patch.title, chosen.patch_titles)) == ("24.3.2", True)
    assert articles.announced_patch(item.evolve(title="Patch"), chosen).version == ""


def test_rows_of_downloads():
    """A download becomes a patch by the fields in the settings; an invalid date is an error."""
    chosen = settings(patch_fields={"title": "short_description", "published_at": "published", "severity": ""})
    patch = articles.patch_from(ARTICLE | {"published": "2026-02-01"}, chosen)
    assert (patch.title, patch.published_at) == ("Patch 24.3.2", datetime(2026, 2, 1, tzinfo=UTC))
    assert articles.patch_from(ARTICLE | {"workflow_state": "retired"}, chosen).withdrawn
    for odd in ({"published": "soon"}, {"sys_updated_on": ""}):
        with pytest.raises(VendorMisbehaved):
            articles.patch_from(ARTICLE | odd, chosen)


@pytest.mark.parametrize(
    "changes",
    [
        {"auth_mode": "oauth_cc"},
        {"auth_mode": "apikey"},
        {"password": None},
        {"base_url": "https://a.example/csm"},
        {"base_url": "https://u:hunter2@a.example"},
        {"account_sys_id": "x"},
        {"history_from": "2026-01-01T00:00:00"},
        {"version_pattern": "("},
        {"download_table": "a/b"},
        {"patch_source": "mail"},
    ],
)
def test_settings_that_can_not_work_are_refused(changes):
    """Each wrong setting is refused before start, and no secret is quoted."""
    with pytest.raises(ValidationError) as caught:
        settings(**changes)
    assert "hunter2" not in str(caught.value)


def test_sources_follow_the_login():
    """A technical user reads tables, a contact the Knowledge API, unless the settings say otherwise."""
    for profile, table, source in (("integration", True, "table"), ("external", False, "articles")):
        chosen = settings(access_profile=profile, patch_source="")
        assert (chosen.reads_table, chosen.patches_from) == (table, source)
    assert settings(kb_source="table", patch_source="none").reads_table
    assert settings(patch_source="none").patches_from == "none"


# --- over HTTP, as a contact ---


async def _read(hook, account, cursor=None):
    items, cursor = [], cursor or {}
    for _ in range(50):
        page = await hook(account, cursor)
        assert page.quarantined == ()
        items += page.items
        cursor = page.cursor
        if not page.more:
            return items, cursor
    raise AssertionError("there is no end")


async def test_a_long_comment_is_sent_in_parts_and_joined_again():
    """Each part fits into the field, so nothing is cut; a failed try is continued, not restarted."""
    async with instance() as (sim, account):
        case = await DESK.hub_open_case(account, DRAFT)
        comment = Comment(body=LONG, public=True, key=f"{KEY}/2-X2QF")
        sim.faults.add("http_500", operation="update", nth=2)
        with pytest.raises(VendorUnavailable):
            await DESK.hub_add_comment(account, case.reference, comment)
        sim.faults.clear()
        assert (await DESK.hub_read_case(account, case.reference)).comments == ()
        added = await DESK.hub_add_comment(account, case.reference, comment)
        again = await DESK.hub_add_comment(account, case.reference, comment)
        [comment] = (await DESK.hub_read_case(account, case.reference)).comments
    assert (comment.key, comment.body.rstrip()) == (f"{KEY}/2-X2QF", LONG.rstrip())
    assert comment.reference == added.reference == again.reference
    assert [len(item.text or "") <= 4000 for item in sim.ledger.of("note")] == [True] * 3


async def test_a_lost_comment_is_seen_when_the_case_is_read():
    """A comment whose reply was lost is in doubt, and the case shows its key."""
    async with instance() as (sim, account):
        case = await DESK.hub_open_case(account, DRAFT)
        sim.faults.add("lost_reply", operation="update", times=1)
        with pytest.raises(VendorUnavailable) as caught:
            await DESK.hub_add_comment(account, case.reference, Comment(body="x", public=True, key=f"{KEY}/2-X2QF"))
        [comment] = (await DESK.hub_read_case(account, case.reference)).comments
    assert caught.value.in_doubt
    assert comment.key == f"{KEY}/2-X2QF"


async def test_a_contacts_resolution_is_sent_once():
    """A resolution of any length is sent once as a comment, the last part together with the state."""
    async with instance() as (sim, account):
        case = await DESK.hub_open_case(account, DRAFT)
        for status in (CaseStatus.IN_PROGRESS, CaseStatus.CLOSED):
            changes = CaseChanges(status=status, resolution=LONG, key=f"{KEY}/2-X2QF")
            await DESK.hub_change_case(account, case.reference, changes)
        read = await DESK.hub_read_case(account, case.reference)
    assert (read.status, [item.body.rstrip() for item in read.comments]) == (CaseStatus.CLOSED, [LONG.rstrip()])
    assert len(sim.ledger.of("note")) == 3


async def test_a_contacts_limits_are_enforced():
    """Private comments and changes of severity are refused before anything is sent; a technical user may do both."""
    async with instance() as (sim, account):
        case = await DESK.hub_open_case(account, DRAFT)
        with pytest.raises(CaseRefused, match="private"):
            await DESK.hub_add_comment(account, case.reference, Comment(body="x"))
        with pytest.raises(FieldRefused):
            await DESK.hub_change_case(account, case.reference, CaseChanges(severity=Severity.S1))
        assert sim.ledger.requests["PUT update"] == 0
    async with instance(Options()) as (sim, account):
        case = await DESK.hub_open_case(account, DRAFT)
        await DESK.hub_add_comment(account, case.reference, Comment(body="x"))
        await DESK.hub_change_case(account, case.reference, CaseChanges(severity=Severity.S1))
        assert [item.public for item in sim.ledger.of("note")] == [False]


async def test_articles_are_reported_once():
    """300 articles come once each over several pages; later runs report only new ones, although seconds overlap."""
    async with instance() as (sim, account):
        for at in range(300):
            knowledge.store(sim.state, Article(number=f"KB{at:07}", title=f"A {at}", age_seconds=at // 100 * 3600))
        first, cursor = await _read(DESK.hub_changed_articles, account)
        assert sorted(item.number for item in first) == [f"KB{at:07}" for at in range(300)]
        assert await _read(DESK.hub_changed_articles, account, cursor) == ([], cursor)
        number = sim.engineer.publish("New", "<p>b</p>")
        sim.engineer.revise(first[0].number, title="Again")
        second, cursor = await _read(DESK.hub_changed_articles, account, cursor)
        assert {item.title for item in second} == {"New", "Again"}
        assert (await DESK.hub_read_article(account, number)).body == "<p>b</p>"
        assert (await _read(DESK.hub_changed_articles, account, cursor))[0] == []
    with pytest.raises(BadInput):
        await DESK.hub_changed_articles(account, {"offset": "x"})


async def test_an_article_withdrawn_during_a_run_hides_no_other():
    """If the search shrinks between pages, the run starts again, and nothing is skipped."""
    async with instance() as (sim, account):
        for at in range(120):
            knowledge.store(sim.state, Article(number=f"KB{at:07}", title=f"A {at}"))
        page = await DESK.hub_changed_articles(account, {})
        met = {item.number for item in page.items}
        for number in sorted(met)[:20]:
            sim.engineer.withdraw(number)
        rest, _ = await _read(DESK.hub_changed_articles, account, page.cursor)
    assert met | {item.number for item in rest} == {f"KB{at:07}" for at in range(120)}
    assert len(rest) == 70


async def test_the_next_sweep_reports_a_withdrawn_article():
    """Every `sweep_days` all articles are listed: withdrawn ones are reported once, moved ones are not."""
    async with instance(sweep_days=2) as (sim, account):
        for at in range(120):
            knowledge.store(sim.state, Article(number=f"KB{at:07}", title=f"A {at}"))
        _, cursor = await _read(DESK.hub_changed_articles, account)
        sim.engineer.withdraw("KB0000007")
        assert (await _read(DESK.hub_changed_articles, account, cursor))[0] == []
        sim.clock.shift(2 * 86_400)
        page = await DESK.hub_changed_articles(account, cursor)
        while not page.cursor.get("met"):
            page = await DESK.hub_changed_articles(account, page.cursor)
        met = page.cursor["met"]
        sim.engineer.withdraw(met[0])  # all behind it move up, one of them past the page's end
        sweep, cursor = await _read(DESK.hub_changed_articles, account, page.cursor)
        assert [(item.number, item.withdrawn, item.body) for item in sweep] == [("KB0000007", True, "")]
        assert await _read(DESK.hub_changed_articles, account, cursor) == ([], cursor)
        sim.clock.shift(2 * 86_400)
        gone, cursor = await _read(DESK.hub_changed_articles, account, cursor)
        assert [(item.number, item.withdrawn) for item in gone] == [(met[0], True)]
        assert len(cursor["seen"]) == 118


async def test_patches_are_articles_whose_titles_say_so():
    """Only articles that announce a patch are read completely; the version is in the title."""
    async with instance(patch_source="") as (sim, account):
        sim.engineer.publish("Luna tool", "<p>b</p>")
        number = sim.engineer.publish_patch("Hotfix 7.8.1 for Luna", "<p>b</p>")
        [patch], cursor = await _read(DESK.hub_changed_patches, account)
        assert sim.ledger.requests["GET article"] == 1
        assert (await _read(DESK.hub_changed_patches, account, cursor))[0] == []
    assert (patch.number, patch.version, patch.body) == (number, "7.8.1", "<p>b</p>")


async def test_a_refused_table_of_downloads_has_no_patches():
    """A contact without access to the table, and an instance without it, have no patches; the check reports it."""
    for options, profile in ((Options(profile="external"), "external"), (Options(), "integration")):
        values = {"patch_source": "table", "access_profile": profile, "download_table": "u_downloads"}
        async with instance(options, **values) as (_, account):
            assert (await _read(DESK.hub_changed_patches, account)) == ([], {})
            findings = {item.name: item for item in await DESK.hub_check_account(account)}
            assert not findings["patches"].ok
            assert findings["patches"].next_step
    async with instance(Options(), patch_source="table", access_profile="integration") as (sim, account):
        sim.faults.add("no_access", operation="articles")
        with pytest.raises(NotPermitted):
            await DESK.hub_changed_patches(account, {})
    assert "changed_patches" not in DESK.hub_capabilities(settings(patch_source="none"))


async def test_the_check_covers_all_that_a_contact_needs():
    """A good login passes; a search that does not work, unknown states and refused files are reported."""
    async with instance() as (sim, account):
        findings = {item.name: item for item in await DESK.hub_check_account(account)}
        assert set(findings) == {"cases", "key", "states", "files", "knowledge", "access"}
        assert all(item.ok for item in findings.values())
        sim.fill(1)
        sim.faults.add("broken_filter", operation="find")
        sim.faults.add("no_access", operation="files")
        sim.faults.add("no_access", operation="articles")
        findings = {item.name: item for item in await DESK.hub_check_account(account)}
        assert {name for name, item in findings.items() if not item.ok} == {"key", "files", "knowledge"}
    states = (("1", "New"), ("42", "With engineering"))
    async with instance(Options(profile="external", states=states)) as (_, account):
        [odd] = [item for item in await DESK.hub_check_account(account) if not item.ok]
    assert (odd.name, "42 With engineering" in odd.message) == ("states", True)
