"""The knowledge base: each article once, changes, withdrawals, releases, drafts and long lists."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from proofs import sizes

from hub import hookimpl
from hub.errors import BadInput, CaseMissing, LoginRefused, RateLimited, VendorMisbehaved
from hub.http import Client
from hub.model import Account, VendorInfo
from hub.platforms import document360
from hub.simulators.document360 import Article, Document360, Options, Seeds, Workspace
from hub.simulators.kit import serve
from hub.testing import conformance

LIBRARY = document360.Library(document360.Settings)
SEEDS = Seeds(
    workspaces=(
        Workspace(name="v9", languages=("en", "fr")),
        Workspace(name="old", deprecated=True),
        Workspace(name="api", kind=1),
        Workspace(name="inner", public=False),
    ),
    articles=(
        Article(title="Boot logon loops", html="<p>Update the firmware.</p>"),
        Article(title="9.2 SR1 SES Release Notes", html="<p>Fixes.</p>", slug="ses-release-notes-9-2-sr1"),
        Article(title="Not ready", html="<p>draft</p>", status=0),
        Article(title="Hidden", html="<p>no</p>", hidden=True),
        Article(title="Boucle au démarrage", html="<p>Mettre à jour.</p>", language="fr"),
        Article(title="Of long ago", html="<p>old</p>", workspace=1),
    ),
)


class _Plugin(document360.Library[document360.Settings]):
    """A vendor with only a knowledge base."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        """Who it is."""
        return VendorInfo(name="plugin", title="Docs", platform="Document360", notes=("A test's.",))

    @hookimpl
    def hub_simulator(self, platform: str) -> Any:
        """Its project."""
        return Document360(seeds=SEEDS)


test_conformance = pytest.mark.xdist_group("document360")(conformance(_Plugin(document360.Settings)))


@asynccontextmanager
async def opened(
    sim: Document360 | None = None, **changes: Any
) -> AsyncIterator[tuple[Account[document360.Settings], Document360]]:
    """An account at a simulated project."""

    async def at_once(_: float) -> None:
        return

    sim = sim or Document360(seeds=SEEDS)
    async with serve(sim) as served:
        settings = document360.Settings(vendor="plugin", **sim.account(served.url) | changes)
        connection = LIBRARY.hub_connect(settings)
        async with Client(connection, account="docs", vendor="plugin", sleep=at_once) as client:
            yield Account("docs", settings, client), sim


async def read_run(account: Any, cursor: Any = None, hook: Any = LIBRARY.hub_changed_articles) -> tuple[list[Any], Any]:
    """A run to its end."""
    items: list[Any] = []
    cursor = cursor or {}
    for _ in range(1000):
        page = await hook(account, cursor)
        items += page.items
        cursor = page.cursor
        if not page.more:
            return items, cursor
    raise AssertionError("the run does not end")


async def test_only_published_articles_are_reported() -> None:
    """Drafts, hidden articles and other kinds of workspaces are left out; each language is separate."""
    async with opened() as (account, _):
        items, _ = await read_run(account)
        assert sorted((item.title, item.language) for item in items) == [
            ("9.2 SR1 SES Release Notes", "en"),
            ("Boot logon loops", "en"),
            ("Boucle au démarrage", "fr"),
        ]
    async with opened(workspaces=("old",), languages=("en",)) as (account, _):
        assert [item.title for item in (await read_run(account))[0]] == ["Of long ago"]


async def test_a_draft_is_not_reported_and_a_new_version_is() -> None:
    """A draft also moves the time of change; only the published version counts. A withdrawal is reported once."""
    async with opened() as (account, sim):
        items, cursor = await read_run(account)
        first = next(item for item in items if item.title == "Boot logon loops")
        ident = first.reference.partition(":")[0]
        sim.clock.shift(60)
        sim.editor.draft(ident, "<p>secret plans</p>")
        again, cursor = await read_run(account, cursor)
        assert again == []
        sim.editor.revise(ident, body="<p>Update, then restart.</p>")
        (changed,), cursor = await read_run(account, cursor)
        assert (changed.reference, "restart" in changed.body) == (first.reference, True)
        sim.clock.shift(60)
        sim.editor.remove(ident)
        (gone,), cursor = await read_run(account, cursor)
        assert (gone.reference, gone.withdrawn) == (first.reference, True)
        assert gone.changed_at > changed.changed_at
        assert (await read_run(account, cursor))[0] == []


@pytest.mark.parametrize("count", sizes("ten-thousand", 1_000, 10_000))
async def test_many_articles_come_once_each(count: int) -> None:
    """All articles of a run of many pages come once, although some change meanwhile."""
    sim = Document360(seeds=Seeds())
    for number in range(count):
        sim.editor.publish(f"Article {number}", "<p>x</p>")
    async with opened(sim, page_size=100) as (account, _):
        page = await LIBRARY.hub_changed_articles(account, {})
        sim.editor.revise(page.items[0].reference.partition(":")[0], title="Changed meanwhile")
        items, cursor = await read_run(account, page.cursor)
        assert len({item.reference for item in (*page.items, *items)}) == count
        assert len(page.items) + len(items) == count
        assert [item.title for item in (await read_run(account, cursor))[0]] == ["Changed meanwhile"]


async def test_releases_are_reported_as_patches() -> None:
    """Title and slug select them; product and version come from the title."""
    async with opened() as (account, sim):
        (patch,), cursor = await read_run(account, hook=LIBRARY.hub_changed_patches)
        assert (patch.title, patch.version, patch.product) == ("9.2 SR1 SES Release Notes", "9.2 SR1", "SES")
        sim.editor.publish("How to read logs", "<p>x</p>")
        assert (await read_run(account, cursor, LIBRARY.hub_changed_patches))[0] == []


async def test_unreadable_articles_are_quarantined_and_the_others_reported() -> None:
    """An article without a version affects no other; a token without workspaces does not look like an empty project."""
    async with opened() as (account, sim):
        sim.faults.add("changed_type", operation="articles", path="*/articles", field="public_version", times=1)
        page = await LIBRARY.hub_changed_articles(account, {})
        assert len(page.quarantined) == 4
        assert [item.language for item in page.items] == ["fr"]
        with pytest.raises(BadInput):
            await LIBRARY.hub_changed_articles(account, {"seen": "much"})
    async with opened(workspaces=("nowhere",)) as (account, _):
        with pytest.raises(VendorMisbehaved, match="any workspace"):
            await LIBRARY.hub_changed_articles(account, {"seen": {"a:en": 1}})
        (finding, *_) = [item for item in await LIBRARY.hub_check_account(account) if not item.ok]
        assert "workspaces" in finding.next_step


async def test_refusals_have_their_own_errors() -> None:
    """A wrong token, a limit, a refusal with a code, and a missing article have their own errors."""
    async with opened(api_token="wrong") as (account, _):
        with pytest.raises(LoginRefused):
            await LIBRARY.hub_changed_articles(account, {})
    async with opened(Document360(seeds=SEEDS, options=Options(calls_per_minute=1))) as (account, sim):
        sim.clock.stop(1_800_000_000)
        with pytest.raises(RateLimited) as limited:
            await LIBRARY.hub_changed_articles(account, {})
        assert limited.value.wait == 20
    async with opened() as (account, sim):
        sim.faults.add("bad_request", times=1)
        with pytest.raises(VendorMisbehaved, match="BAD_REQUEST"):
            await LIBRARY.hub_changed_articles(account, {})
        for reference in ("nothing", "nothing:en", ":", ":en"):
            with pytest.raises(CaseMissing):
                await LIBRARY.hub_read_article(account, reference)
