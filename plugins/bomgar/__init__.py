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

NOTES = (
    "Verified against the makers' manuals, open clients and simulators; not against a live site or the portal.",
    "A site has sessions, and neither cases nor articles nor patches: these are at the portal (platform).",
    "BeyondTrust offers no API for its portal: it has to agree to a login; a contact's is the default.",
    "At the portal a contact can't write private comments, nor change title or severity; closed is final.",
    "BeyondTrust lists no patches: articles that tell of releases count when patch_source says so.",
    "For severity 1 BeyondTrust wants a telephone call as well.",
    "A session key whose reply was lost expires unused: the site has nothing to find it by.",
    "Outbound events are not signed: an unguessable address is their only proof, and they only wake.",
    "Addresses of recordings are signed and expire; the recording stays at the site.",
)
"""What an operator should know of the vendor."""


class Bomgar(Choice):
    """A Remote Support site, and BeyondTrust's portal."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(
            name="bomgar",
            title="Bomgar (BeyondTrust Remote Support)",
            platform="BeyondTrust Remote Support and ServiceNow",
            platforms=self.names,
            notes=NOTES,
        )

    @hookimpl
    def hub_simulator(self, platform: str) -> Any:
        from . import simulator

        return simulator.portal() if platform == "portal" else simulator.appliance()


plugin = Bomgar(appliance=Appliance(), portal=servicenow.Desk(form=IntakeForm(__package__), settings=PortalSettings))
