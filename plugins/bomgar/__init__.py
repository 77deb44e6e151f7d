"""Bomgar, today BeyondTrust: remote sessions of a Remote Support site, and cases at BeyondTrust's customer portal."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms import servicenow
from hub.platforms.choice import Choice
from hub.platforms.form import IntakeForm

from .appliance import Appliance
from .settings import PortalSettings

SYSTEMS = Choice(appliance=Appliance(), portal=servicenow.Desk(form=IntakeForm(__package__), settings=PortalSettings))


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(
        name="bomgar",
        title="Bomgar (BeyondTrust Remote Support)",
        platform="BeyondTrust Remote Support and ServiceNow",
        platforms=SYSTEMS.names,
        notes=(
            "Verified against the makers' manuals, open clients and simulators; not against a live site or the portal.",
            "A site has sessions, and neither cases nor articles nor patches: these are at the portal (platform).",
            "BeyondTrust offers no API for its portal: it has to agree to a login; a contact's is the default.",
            "At the portal a contact can't write private comments, nor change title or severity; closed is final.",
            "BeyondTrust lists no patches: articles that tell of releases count when patch_source says so.",
            "For severity 1 BeyondTrust wants a telephone call as well.",
            "A session key whose reply was lost expires unused: the site has nothing to find it by.",
            "Outbound events are not signed: an unguessable address is their only proof, and they only wake.",
            "Addresses of recordings are signed and expire; the recording stays at the site.",
        ),
    )


@hookimpl
def hub_simulator(platform: str) -> Any:
    from . import simulator

    return simulator.portal() if platform == "portal" else simulator.appliance()


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
hub_start_session = SYSTEMS.hub_start_session
hub_changed_sessions = SYSTEMS.hub_changed_sessions
hub_read_webhook = SYSTEMS.hub_read_webhook
