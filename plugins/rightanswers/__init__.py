"""RightAnswers, today Upland: the knowledge of a tenant."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms.choice import Choice

from .library import Library

SYSTEMS = Choice(knowledge=Library())


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(
        name="rightanswers",
        title="RightAnswers (Upland)",
        platform="RightAnswers",
        platforms=SYSTEMS.names,
        index_lag=15.0,
        notes=(
            "Verified against Upland's reference, open clients and a simulator; not against a live tenant.",
            "Changes are told by the day only: days are read again, and what was told is remembered.",
            "There are no patches: RightAnswers is a service, and none are published.",
            "A write that fails may come with 200: its text decides.",
            "Offers are never approved by us, and marked with the ticket's number as keyword.",
        ),
    )


@hookimpl
def hub_simulator(platform: str) -> Any:  # noqa: ARG001 - one system so far
    from .simulator import tenant

    return tenant()


hub_settings = SYSTEMS.hub_settings
hub_connect = SYSTEMS.hub_connect
hub_capabilities = SYSTEMS.hub_capabilities
hub_check_account = SYSTEMS.hub_check_account
hub_changed_articles = SYSTEMS.hub_changed_articles
hub_search_articles = SYSTEMS.hub_search_articles
hub_read_article = SYSTEMS.hub_read_article
hub_rate_article = SYSTEMS.hub_rate_article
hub_submit_article = SYSTEMS.hub_submit_article
