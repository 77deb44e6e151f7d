"""WinMagic (SecureDoc): cases of its help desk, and knowledge and releases of its documentation."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms import document360, email, freshdesk
from hub.platforms.choice import Choice
from hub.platforms.form import IntakeForm

from .settings import DocumentationSettings, EmailSettings, FreshdeskSettings

SYSTEMS = Choice(
    freshdesk=freshdesk.Desk(form=IntakeForm(__package__), settings=FreshdeskSettings),
    documentation=document360.Library(DocumentationSettings),
    email=email.Desk(form=IntakeForm(__package__), settings=EmailSettings),
)


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(
        name="winmagic",
        title="WinMagic (SecureDoc)",
        platform="Freshdesk, or e-mail, and Document360",
        platforms=SYSTEMS.names,
        index_lag=60.0,
        notes=(
            "Which help desk WinMagic uses is not known: Freshdesk is assumed until WinMagic says so.",
            "Platform email works whatever desk WinMagic uses; how it marks status and numbers in mails is not known.",
            "Verified against the platforms' manuals, open clients and a simulator; not against WinMagic's systems.",
            "WinMagic has to add the key's field to its tickets, or external_id_field is left empty.",
            "The custom fields of the intake form are a convention of ours.",
            "Recovery keys, challenges and responses are masked before anything leaves (redact); key files must stay.",
            "Installers are behind a customer's login: an update tells its address only.",
        ),
    )


@hookimpl
def hub_simulator(platform: str) -> Any:
    from . import simulator

    if platform == "email":
        return simulator.mailbox()
    return simulator.documentation() if platform == "documentation" else simulator.helpdesk()


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
