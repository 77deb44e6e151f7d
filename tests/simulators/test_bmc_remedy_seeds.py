"""The data that the Remedy plugin's simulator starts with."""

from __future__ import annotations

from hub.simulators.arsystem import Options
from plugins.bmc_remedy.simulator import CUSTOMER, GROUP, PATCH_KEYWORD, simulator


def test_the_simulator_starts_with_people_groups_and_knowledge() -> None:
    """There is a contact to open incidents with, a group to take them and a dozen articles, patches among them."""
    sim = simulator(Options(page_cap=50))
    tables = sim.state.tables
    (contact,) = tables["people"].where("Remedy Login ID", "rjr_hub")
    assert contact.values["Company"] == CUSTOMER
    assert tables["groups"].where("Support Group Name", GROUP)
    articles = [row.values for row in tables["articles"]]
    assert len(articles) >= 12
    assert sum(a["ArticleKeywords"] == PATCH_KEYWORD for a in articles) >= 2
    assert {a["InternalArticleIndication"] for a in articles} == {0, 1}
    for article in articles:
        (body,) = tables["templates"].where("InstanceId", article["FK_GUID"])
        assert body.values["Template"] == article["ArticleForm"]


def test_seeds_are_not_on_the_ledger() -> None:
    """The ledger starts empty: only what a run stores is on it."""
    assert simulator().ledger.entries == []
