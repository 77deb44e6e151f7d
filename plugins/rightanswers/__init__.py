"""RightAnswers, today Upland: the knowledge of a tenant, and cases of Upland's help desk."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms.choice import Choice

from .desk import DESK
from .library import Library

SYSTEMS = Choice(knowledge=Library(), desk=DESK)


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(
        name="rightanswers",
        title="RightAnswers (Upland)",
        platform="RightAnswers and Zendesk",
        platforms=SYSTEMS.names,
        index_lag=15.0,
        notes=(
            "Verified against Upland's reference, open clients and simulators; not against Upland's systems.",
            "That cases go to Upland's Zendesk is assumed; with an end user's login all comments are public there.",
            "Changes are told by the day only: days are read again, and what was told is remembered.",
            "There are no patches: RightAnswers is a service, and none are published.",
            "A write that fails may come with 200: its text decides.",
            "Offers are never approved by us, and marked with the ticket's number as keyword.",
        ),
    )


@hookimpl
def hub_simulator(platform: str) -> Any:
    from . import simulator

    return simulator.desk() if platform == "desk" else simulator.tenant()


hub_settings = SYSTEMS.hub_settings
hub_connect = SYSTEMS.hub_connect
hub_capabilities = SYSTEMS.hub_capabilities
hub_check_account = SYSTEMS.hub_check_account
hub_intake = SYSTEMS.hub_intake
hub_open_case = SYSTEMS.hub_open_case
hub_find_case = SYSTEMS.hub_find_case
hub_read_case = SYSTEMS.hub_read_case
hub_change_case = SYSTEMS.hub_change_case
hub_add_comment = SYSTEMS.hub_add_comment
hub_add_attachment = SYSTEMS.hub_add_attachment
hub_fetch_attachment = SYSTEMS.hub_fetch_attachment
hub_changed_cases = SYSTEMS.hub_changed_cases
hub_changed_articles = SYSTEMS.hub_changed_articles
hub_search_articles = SYSTEMS.hub_search_articles
hub_read_article = SYSTEMS.hub_read_article
hub_rate_article = SYSTEMS.hub_rate_article
hub_submit_article = SYSTEMS.hub_submit_article
hub_changed_patches = SYSTEMS.hub_changed_patches
hub_read_webhook = SYSTEMS.hub_read_webhook
