"""What is special about RightAnswers: days in place of times, refusals that look like success, offers made once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from proofs import sizes

from hub.errors import BadInput, CaseRefused, LoginRefused, NotPermitted, VendorMisbehaved
from hub.http import Client
from hub.model import Account, ArticleDraft, Feedback
from hub.simulators.kit import serve
from hub.simulators.rightanswers import Options, RightAnswers, Seeds, Solution
from plugins.rightanswers import mapping
from plugins.rightanswers import plugin as rightanswers
from plugins.rightanswers.settings import KnowledgeSettings
from plugins.rightanswers.simulator import SEEDS, tenant

DRAFT = ArticleDraft(key="RJR-000042", title="Stalled queue", problem="It stalls.", solution="Drain it.")
DAY = 86_400


@asynccontextmanager
async def opened(
    sim: RightAnswers | None = None, **changes: Any
) -> AsyncIterator[tuple[Account[KnowledgeSettings], RightAnswers]]:
    """An account at a simulated tenant; its waits take no time."""

    async def at_once(_: float) -> None:
        return

    sim = sim or tenant()
    async with serve(sim) as served:
        settings = KnowledgeSettings(vendor="rightanswers", **sim.account(served.url) | changes)
        connection = rightanswers.hub_connect(settings)
        async with Client(connection, account="ra", vendor="rightanswers", sleep=at_once) as client:
            yield Account("ra", settings, client), sim


async def told(account: Any, cursor: Any = None) -> tuple[list[Any], Any]:
    """A run to its end, the cursor kept as JSON between pages."""
    items: list[Any] = []
    cursor = cursor or {}
    for _ in range(3000):
        page = await rightanswers.hub_changed_articles(account, json.loads(json.dumps(cursor)))
        items += page.items
        cursor = page.cursor
        if not page.more:
            return items, cursor
    raise AssertionError("the run does not end")


async def test_all_languages_are_read_and_keys_of_pictures_are_not_kept() -> None:
    """Published solutions only; alerts are labelled; a body has its fields in order and no linkToken."""
    async with opened() as (account, _):
        items, _ = await told(account)
    assert {one.title for one in items} == {
        "VPN drops after 5 minutes",
        "Reset a password by self-service",
        "Réinitialiser un mot de passe",
        "Scheduled maintenance of the search service",
    }
    assert [one.title for one in items if one.labels == ("alert",)] == ["Scheduled maintenance of the search service"]
    assert all("linkToken" not in one.body for one in items)
    vpn = next(one for one in items if one.title.startswith("VPN"))
    assert vpn.body.index("Idle timeout") < vpn.body.index("Cause") < vpn.body.index("Resolution")


@pytest.mark.parametrize("count", sizes("ten-thousand", 500, 10_000))
async def test_many_solutions_come_once_each_and_a_day_is_read_again_for_nothing(count: int) -> None:
    """Ten to a page, a token that ends on the way, one change within the day: each is told once, then the change."""
    many = tuple(
        Solution(title=f"Solution {number}", fields=(("Fix", "x"),), age_seconds=40 * DAY + number // 50)
        for number in range(count)
    )
    sim = RightAnswers(seeds=Seeds(solutions=many))
    async with opened(sim, whole_hits=True) as (account, _):
        page = await rightanswers.hub_changed_articles(account, {})
        sim.expire_logins()
        items, cursor = await told(account, page.cursor)
        assert len({one.reference for one in (*page.items, *items)}) == count
        assert len(page.items) + len(items) == count
        assert (await told(account, cursor))[0] == []
        sim.editor.revise(items[17].reference, title="Changed today")
        changed, cursor = await told(account, cursor)
        assert [one.title for one in changed] == ["Changed today"]
        assert (await told(account, cursor))[0] == []


async def test_what_is_gone_is_withdrawn_when_all_is_read_again() -> None:
    """A deleted solution is told as withdrawn after full_days, once."""
    async with opened() as (account, sim):
        items, cursor = await told(account)
        sim.editor.remove(items[0].reference)
        assert (await told(account, cursor))[0] == []
        sim.clock.shift(8 * DAY)
        (gone,), cursor = await told(account, cursor)
        assert (gone.reference, gone.withdrawn) == (items[0].reference, True)
        assert (await told(account, cursor))[0] == []


async def test_an_offer_is_made_once() -> None:
    """The same ticket offered twice gives the same solution; it is never approved, and found by its keyword."""
    async with opened() as (account, sim):
        first = await rightanswers.hub_submit_article(account, DRAFT)
        again = await rightanswers.hub_submit_article(account, DRAFT)
        assert first.reference == again.reference
        (entry,) = sim.ledger.of("article")
        assert (entry.key, "Drain it." in entry.text) == ("RJR-000042", True)
        assert sim.state.solutions[first.reference].status == "Not Approved"


async def test_refusals_that_look_like_success_are_told() -> None:
    """200 with a text that says no: the right is missing, or the value is; a success without an id is in doubt."""
    async with opened(RightAnswers(seeds=SEEDS, options=Options(may_write=False))) as (account, _):
        with pytest.raises(NotPermitted):
            await rightanswers.hub_submit_article(account, DRAFT)
    async with opened(new_template="Nowhere") as (account, _):
        with pytest.raises(CaseRefused, match="refused what was written"):
            await rightanswers.hub_submit_article(account, DRAFT)
        findings = await rightanswers.hub_check_account(account)
        assert [one.name for one in findings if not one.ok] == ["template"]
    async with opened() as (account, sim):
        sim.faults.add("no_id", operation="create")
        with pytest.raises(VendorMisbehaved) as caught:
            await rightanswers.hub_submit_article(account, DRAFT)
        assert caught.value.in_doubt


async def test_feedback_counts_and_comments() -> None:
    """Solved is counted; a comment stays hidden from self-service unless it is public."""
    async with opened() as (account, sim):
        reference = (await told(account))[0][0].reference
        await rightanswers.hub_rate_article(account, reference, Feedback(solved=True, comment="Thanks"))
        await rightanswers.hub_rate_article(account, reference, Feedback(solved=False, comment="No", public=True))
        assert [(one.text, one.public) for one in sim.ledger.of("feedback")] == [
            ("SOLVED", False),
            ("Thanks", False),
            ("No", True),
        ]


@pytest.mark.parametrize("options", [Options(bare_token=True), Options(token_seconds=60), Options()])
async def test_logins_of_all_builds_work(options: Options) -> None:
    """A token alone, a short one, one in JSON; and user and password on each call."""
    for login in ("jwt", "basic"):
        async with opened(RightAnswers(seeds=SEEDS, options=options), login=login) as (account, _):
            assert (await told(account))[0]


async def test_a_wrong_password_and_a_missing_licence_are_told_apart() -> None:
    """Both pause the account; the one asks for credentials, the other for a licence."""
    async with opened(password="wrong") as (account, _):
        with pytest.raises(LoginRefused):
            await told(account)
    async with opened(RightAnswers(seeds=SEEDS, options=Options(licensed=False))) as (account, _):
        with pytest.raises(LoginRefused, match="licence"):
            await told(account)
    async with opened(login="basic") as (account, sim):
        sim.faults.add("unlicensed")
        with pytest.raises(NotPermitted, match="licence"):
            await told(account)


async def test_a_solution_that_is_not_there_yet_is_told_later() -> None:
    """A new one answers 404 for some seconds: it is passed over, and told by the next run."""
    async with opened() as (account, sim):
        _, cursor = await told(account)
        reference = sim.editor.publish("Fresh", "<p>x</p>")
        sim.faults.add("http_500", operation="article", path=f"*/{reference}", times=0)
        fresh, cursor = await told(account, cursor)
        assert [one.title for one in fresh] == ["Fresh"]
        with pytest.raises(BadInput):
            await rightanswers.hub_changed_articles(account, {"known": 1})


@pytest.mark.parametrize("value", [None, "", "soon", True, "9" * 20, {"a": 1}])
def test_a_time_that_cannot_be_read_is_an_error(value: object) -> None:
    """Milliseconds, as a number or as text; nothing else."""
    assert mapping.moment({"lastModifiedDate": "1770115200000"}) == mapping.moment({"lastModifiedDate": 1770115200000})
    with pytest.raises(VendorMisbehaved):
        mapping.moment({"lastModifiedDate": value})


@pytest.mark.parametrize("value", ["text", {"lastModifiedDate": 1, "id": ""}])
def test_a_solution_that_is_none_is_an_error(value: object) -> None:
    """Without an id, or no object at all."""
    settings = KnowledgeSettings(
        vendor="rightanswers",
        base_url="https://t.example/portal/api/rest",
        company_code="t",
        username="u",
        password="p",
    )
    assert settings.base_url == "https://t.example/portal"
    with pytest.raises(VendorMisbehaved):
        mapping.article(value, settings)
