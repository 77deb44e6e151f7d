"""WinMagic (SecureDoc): cases of its help desk, and knowledge and releases of its documentation."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms import document360, email, freshdesk
from hub.platforms.choice import Choice
from hub.platforms.form import IntakeForm

from .settings import DocumentationSettings, EmailSettings, FreshdeskSettings

NOTES = (
    "Which help desk WinMagic uses is not known: Freshdesk is assumed until WinMagic says so.",
    "Platform email works whatever desk WinMagic uses; how it marks status and numbers in mails is not known.",
    "Verified against the platforms' manuals, open clients and a simulator; not against WinMagic's systems.",
    "WinMagic has to add the key's field to its tickets, or external_id_field is left empty.",
    "The custom fields of the intake form are a convention of ours.",
    "Recovery keys, challenges and responses are masked before anything leaves (redact); key files must stay.",
    "Installers are behind a customer's login: an update tells its address only.",
)
"""What an operator should know of the vendor."""


class WinMagic(Choice):
    """WinMagic's help desk, by API or by mail, and its documentation."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(
            name="winmagic",
            title="WinMagic (SecureDoc)",
            platform="Freshdesk, or e-mail, and Document360",
            platforms=self.names,
            index_lag=60.0,
            notes=NOTES,
        )

    @hookimpl
    def hub_simulator(self, platform: str) -> Any:
        from . import simulator

        if platform == "email":
            return simulator.mailbox()
        return simulator.documentation() if platform == "documentation" else simulator.helpdesk()


plugin = WinMagic(
    freshdesk=freshdesk.Desk(form=IntakeForm(__package__), settings=FreshdeskSettings),
    documentation=document360.Library(DocumentationSettings),
    email=email.Desk(form=IntakeForm(__package__), settings=EmailSettings),
)
