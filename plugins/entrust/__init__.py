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

NOTES = (
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
)
"""What an operator should know of the vendor."""


class Entrust(Choice):
    """Entrust's two desks."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(
            name="entrust",
            title="Entrust",
            platform="Salesforce and Freshdesk",
            platforms=self.names,
            index_lag=60.0,
            notes=NOTES,
        )

    @hookimpl
    def hub_simulator(self, platform: str) -> Any:
        from . import simulator

        return simulator.digital_card() if platform == "digital_card" else simulator.simulator()


plugin = Entrust(
    trustedcare=salesforce.Desk(form=IntakeForm(__package__), words=WORDS, settings=TrustedCareSettings),
    digital_card=DigitalCardDesk(form=IntakeForm(__package__, "digital_card.toml")),
)
