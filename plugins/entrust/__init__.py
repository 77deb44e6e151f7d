"""Entrust: cases and knowledge of TrustedCare, a Salesforce org, and of the Digital Card desk, a Freshdesk account."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms import salesforce
from hub.platforms.choice import Choice
from hub.platforms.form import IntakeForm

from .digital_card import DigitalCardDesk
from .mapping import WORDS
from .settings import TrustedCareSettings

SYSTEMS = Choice(
    trustedcare=salesforce.Desk(form=IntakeForm(__package__), words=WORDS, settings=TrustedCareSettings),
    digital_card=DigitalCardDesk(form=IntakeForm(__package__, "digital_card.toml")),
)


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(
        name="entrust",
        title="Entrust",
        platform="Salesforce and Freshdesk",
        platforms=SYSTEMS.names,
        index_lag=60.0,
        notes=(
            "Verified against the platforms' manuals, open clients and simulators; not against Entrust's systems.",
            "Two desks: name the products of digital_card's account in its setting products.",
            "TrustedCare needs an app and an integration user: its portal's logins are SSO with a second factor.",
            "Entrust has to add the key's field to its cases and tickets (external_id_field).",
            "Names of patch objects are not published: see patch_source. Picklists: see statuses, priorities.",
            "Deleted and merged cases are set aside with a reason; a person decides.",
            "A file that was uploaded elsewhere and linked to a case later is seen when the case is read whole.",
            "TrustedCare's outbound messages are not used: nothing in them proves the sender.",
            "The Digital Card desk is alarmed (Urgent) only when the intake says that production is down.",
            "Its Major and Critical are taken for Urgent, and its statuses known by label: not verified.",
        ),
    )


@hookimpl
def hub_simulator(platform: str) -> Any:
    from . import simulator

    return simulator.digital_card() if platform == "digital_card" else simulator.simulator()


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
