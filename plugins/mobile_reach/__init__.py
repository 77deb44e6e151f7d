"""Mobile Reach (mobile apps for service desks): cases, knowledge and releases of its help desk."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms import zendesk
from hub.platforms.choice import Choice
from hub.platforms.form import IntakeForm

from .settings import ZendeskSettings

SYSTEMS = Choice(zendesk=zendesk.Desk(form=IntakeForm(__package__), settings=ZendeskSettings))


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(
        name="mobile_reach",
        title="Mobile Reach",
        platform="Zendesk",
        platforms=SYSTEMS.names,
        index_lag=60.0,
        notes=(
            "Which help desk Mobile Reach uses is not known: Zendesk is assumed until Mobile Reach says so.",
            "Verified against the platform's manual, recorded traffic and a simulator; not against Mobile Reach.",
            "With profile agent an administrator's token is needed: only administrators may export changes.",
            "With profile enduser all comments are public and the severity stays as it was when the case was opened.",
            "Answers to the intake form go into the description until field_ids names the fields that take them.",
            "A closed case is final; closing from here solves it, and the vendor's automation closes it later.",
            "Releases are the articles with the label release-notes, a convention of ours (patch_labels).",
        ),
    )


@hookimpl
def hub_simulator(platform: str) -> Any:
    from .simulator import simulator

    return simulator()


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
hub_changed_patches = SYSTEMS.hub_changed_patches
hub_read_webhook = SYSTEMS.hub_read_webhook
