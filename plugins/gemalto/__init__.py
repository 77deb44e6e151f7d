"""Thales (SafeNet, Gemalto): cases, knowledge and downloads of the support portal, which is a ServiceNow instance."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms import servicenow
from hub.platforms.choice import Choice
from hub.platforms.form import IntakeForm

from .settings import PortalSettings

SYSTEMS = Choice(portal=servicenow.Desk(form=IntakeForm(__package__), settings=PortalSettings))


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(
        name="gemalto",
        title="Thales (SafeNet, Gemalto)",
        platform="ServiceNow",
        platforms=SYSTEMS.names,
        notes=(
            "Verified against ServiceNow's manuals and a simulator; not against the Thales portal.",
            "Thales publishes no API programme: ask for an integration user (access_profile).",
            "A contact's login can't write private comments, nor change title or severity.",
            "A closed case is final: a reopening is refused, and a new case has to be opened.",
            "Where and how downloads are listed is not published: see patch_source, download_table, patch_fields.",
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
