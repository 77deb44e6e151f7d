"""What vendors publish, mirrored and searched; and what goes back to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from vendor_kit import House, open_house

from hub.bonding.inbound.streams import read_stream
from hub.errors import CaseRefused, LeaseLost, NotFound
from hub.knowledge.mirror import columns, read_publications
from hub.knowledge.search import listed, read, search
from hub.model import Article, Patch, StreamKind

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A hub with two vendors that publish."""
    accounts = {"bmc": ("bmc_remedy", ""), "trust": ("entrust", "trustedcare")}
    async with open_house(database_url, accounts) as opened:
        yield opened


async def test_articles_and_patches_are_mirrored_once(house: House) -> None:
    """Each is stored with language, source and time; a second reading stores nothing new; a revision replaces."""
    run = await house.pull("bmc", StreamKind.ARTICLES)
    assert run.items > 5
    stored = await listed(house.context, kind="article", vendor="bmc_remedy")
    assert all(one.title and one.bare and one.changed_at.tzinfo for one in stored if not one.withdrawn)
    assert {"English", "French"} <= {one.language for one in stored}
    assert (await house.pull("bmc", StreamKind.ARTICLES)).items == 0
    assert len(await listed(house.context, kind="article", vendor="bmc_remedy")) == len(stored)
    assert "mirrored" in await house.events("account:bmc")


async def test_a_revision_replaces_and_a_withdrawal_stays_readable(house: House) -> None:
    """The newest text is found; what the vendor took back is not found any more, but can still be read."""
    reference = house.sims["trust"].act("publish", {"title": "Zebra printers", "body": "<p>Use tray 2.</p>"})
    await house.pull("trust", StreamKind.ARTICLES)
    assert [hit.title for hit in (await search(house.context, "zebra")).hits] == ["Zebra printers"]
    house.sims["trust"].clock.shift(300)
    house.sims["trust"].act("revise", {"reference": reference, "body": "<p>Use the quagga driver.</p>"})
    await house.pull("trust", StreamKind.ARTICLES)
    assert [hit.title for hit in (await search(house.context, "quagga")).hits] == ["Zebra printers"]
    assert (await search(house.context, '"tray 2"')).hits == ()
    house.sims["trust"].clock.shift(300)
    house.sims["trust"].act("withdraw", {"reference": reference})
    await house.pull("trust", StreamKind.ARTICLES)
    assert (await search(house.context, "quagga")).hits == ()
    (gone,) = [one for one in await listed(house.context, kind="article") if one.title == "Zebra printers"]
    assert gone.withdrawn
    assert (await read(house.context, str(gone.id), "article")).bare == "Use the quagga driver."


async def test_patches_are_found_by_product_and_version(house: House) -> None:
    """A patch is told with product, version and severity."""
    await house.pull("trust", StreamKind.PATCHES)
    (patch, *_) = await listed(house.context, kind="patch")
    assert (patch.product, patch.severity) == ("Identity Enterprise", "High")
    assert (await search(house.context, "notification root")).hits[0].kind == "patch"
    with pytest.raises(NotFound):
        await read(house.context, "no such patch", "patch")


async def test_words_are_found_in_their_own_language(house: House) -> None:
    """French words by their French stem, English ones by theirs."""
    await house.pull("bmc", StreamKind.ARTICLES)
    assert "Connexion" in (await search(house.context, "serveur réglé", language="fr")).hits[0].title
    assert (await search(house.context, "serveur", language="en")).hits == ()
    assert (await search(house.context, "rotating keys")).hits[0].title.startswith("Rotate the API signing key")


async def test_one_vendor_down_spoils_no_answer(house: House) -> None:
    """Live answers come from who can give them; for the other its mirrored copy stands, and the answer says so."""
    await house.pull("bmc", StreamKind.ARTICLES)
    await house.pull("trust", StreamKind.ARTICLES)
    house.sims["trust"].faults.add("http_503")
    house.sims["bmc"].act("publish", {"title": "Fresh root hints", "body": "<p>root</p>"})
    found = await search(house.context, "root", live=True)
    states = {source.account: source.state for source in found.sources}
    assert states == {"bmc": "live", "trust": "failed"}
    assert found.partial
    told = {(hit.account, hit.live) for hit in found.hits}
    assert ("bmc", True) in told
    assert ("trust", False) in told
    (failed,) = [source for source in found.sources if source.state == "failed"]
    assert failed.as_of is not None
    assert "VendorUnavailable" in failed.why


async def test_a_page_of_articles_and_its_cursor_go_together(house: House) -> None:
    """A reader whose stream was taken over stores neither."""
    async with house.context.storage.unit() as unit:
        late = await unit.streams.claim("trust", "late", 30, at_once=True)
        assert late is not None
    async with house.context.storage.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE stream SET lease_epoch = nextval('lease_epoch')")
    with pytest.raises(LeaseLost):
        await read_publications(
            house.context, house.vendor_account("trust"), late.evolve(kind=StreamKind.ARTICLES), lease_seconds=30
        )
    with pytest.raises(LeaseLost):
        await read_stream(house.context, house.vendor_account("trust"), late.evolve(kind="cases"), lease_seconds=30)
    assert await listed(house.context, kind="article") == []


async def test_an_older_version_never_replaces_a_newer(house: House) -> None:
    """Whatever the order in which pages come."""
    newer = columns(Article(reference="A1", title="New", body="<p>b</p>", changed_at=NOW))
    older = columns(Article(reference="A1", title="Old", body="<p>b</p>", changed_at=NOW - timedelta(days=1)))
    for item in (newer, older):
        async with house.context.storage.unit() as unit:
            await unit.publications.store("trust", "entrust", "article", [item])
    assert (await read(house.context, "A1", "article")).title == "New"


def test_what_is_stored_of_a_stranger_is_harmless() -> None:
    """Scripts, events, odd addresses and NULs go; text, plain markup and addresses of links stay."""
    kept = columns(
        Patch(
            reference="P1",
            title="Fix\0 one\ntwo",
            body='<p onclick="x()">Install <b>4.2</b><script>steal()</script><a href="javascript:x()">here</a>'
            '<a href="https://v.example/p">there</a><img src="data:x"></p><iframe src="https://e.example"></iframe>',
            changed_at=NOW,
            address="javascript:alert(1)",
        )
    )
    assert kept["title"] == "Fix one two"
    assert kept["address"] == ""
    for bad in ("script", "onclick", "javascript", "data:", "iframe", "steal"):
        assert bad not in kept["body"]
    assert 'href="https://v.example/p"' in kept["body"]
    assert kept["bare"] == "Install 4.2herethere <https://v.example/p>[image]"


async def test_what_an_account_cannot_take_is_refused(house: House) -> None:
    """Rating and offering articles need a vendor that takes them."""
    from hub.knowledge import contribute

    with pytest.raises(CaseRefused, match="can't rate article"):
        await contribute.rate(house.context, "bmc", "A1", solved=True, who="agent")
    with pytest.raises(CaseRefused, match="can't submit article"):
        await contribute.preview(house.context, "RJR-000001", "bmc", solution="restart")
