"""The customer portal as this vendor's second system: a contact's login, its words, articles and releases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hub.http import Client
from hub.model import Account, CaseChanges, CaseDraft, CaseStatus, Comment, Severity
from hub.simulators.kit import serve
from plugins.bomgar import plugin as bomgar
from plugins.bomgar.settings import PortalSettings
from plugins.bomgar.simulator import Portal, portal

DRAFT = CaseDraft(
    key="RJR-000042-7F3KQ",
    title="T",
    description="D",
    severity=Severity.S2,
    ticket_number="RJR-000042",
    answers={"product": "4c2f77e1db90c110c5e3a1f2ca9619d3"},
)
ASSET = "4c84a024c3211200bb779f2974d3aef6"


@asynccontextmanager
async def account(**changes: Any) -> AsyncIterator[tuple[Portal, Account[PortalSettings]]]:
    """A portal on loopback and an account at it; its waits between repeats take no time."""

    async def at_once(_: float) -> None:
        return

    sim = portal()
    async with serve(sim) as served:
        settings = PortalSettings(**{"vendor": "bomgar", **sim.account(served.url), **changes})
        client = Client(bomgar.hub_connect(settings), account="bt", vendor="bomgar", sleep=at_once)
        async with client:
            yield sim, Account("bt", settings, client)


async def test_a_case_lives_its_life_at_the_portal() -> None:
    """Opened with the key in its title and the answers in fields, asked, answered, closed for good."""
    async with account(asset=ASSET) as (sim, one):
        case = await bomgar.hub_open_case(one, DRAFT)
        row = sim.state.case(case.reference.number)
        assert (row["short_description"], row["priority"]) == (f"[{DRAFT.key}] T", "2")
        assert (row["product"], row["asset"]) == (DRAFT.answers["product"], ASSET)
        sim.engineer.ask(case.reference.number, "Which version?")
        assert (await bomgar.hub_read_case(one, case.reference)).status is CaseStatus.WAITING_ON_US
        comment = Comment(body="24.3.1", public=True, key=f"{DRAFT.key}/2-X2QF")
        await bomgar.hub_add_comment(one, case.reference, comment)
        done = CaseChanges(status=CaseStatus.CLOSED, resolution="Solved", key=f"{DRAFT.key}/3-X2QF")
        await bomgar.hub_change_case(one, case.reference, done)
        [news] = (await bomgar.hub_changed_cases(one, {})).items
    assert news.case.status is CaseStatus.CLOSED
    assert [said.body for said in news.comments] == ["Which version?", "24.3.1", "Solved"]


async def test_releases_are_articles_where_the_settings_say_so() -> None:
    """An article of a release is a patch with its version and address; without the setting there are none."""
    async with account() as (_, one):
        [patch] = (await bomgar.hub_changed_patches(one, {})).items
        assert "changed_patches" in bomgar.hub_capabilities(one.settings)
    assert (patch.number, patch.version) == ("KB0021107", "24.3.2")
    assert patch.address.endswith("sysparm_article=KB0021107")
    silent = one.settings.model_copy(update={"patch_source": "none"})
    assert "changed_patches" not in bomgar.hub_capabilities(silent)


async def test_each_system_has_its_own_abilities() -> None:
    """Sessions are the site's, cases the portal's; an account without a choice is the site's."""
    async with account() as (_, one):
        at_portal = bomgar.hub_capabilities(one.settings)
        assert all(found.ok for found in await bomgar.hub_check_account(one))
    given = bomgar.hub_simulator("appliance").account("http://127.0.0.1:9")
    at_site = bomgar.hub_capabilities(bomgar.hub_settings("")(vendor="bomgar", **given))
    assert {"start_session", "changed_sessions", "read_webhook"} <= at_site - at_portal
    assert {"open_case", "find_case", "changed_articles"} <= at_portal - at_site
