"""Thales (SafeNet, Gemalto): cases, knowledge and downloads of the support portal, which is a ServiceNow instance."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms import servicenow
from hub.platforms.choice import Choice
from hub.platforms.form import IntakeForm

from .settings import PortalSettings

NOTES = (
    "Verified against ServiceNow's manuals and a simulator; not against the Thales portal.",
    "Thales publishes no API programme: ask for an integration user (access_profile).",
    "A contact's login can't write private comments, nor change title or severity.",
    "A closed case is final: a reopening is refused, and a new case has to be opened.",
    "Where and how downloads are listed is not published: see patch_source, download_table, patch_fields.",
)
"""What an operator should know of the vendor."""


class Gemalto(Choice):
    """Thales's portal."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(
            name="gemalto", title="Thales (SafeNet, Gemalto)", platform="ServiceNow", platforms=self.names, notes=NOTES
        )

    @hookimpl
    def hub_simulator(self, platform: str) -> Any:
        from .simulator import simulator

        return simulator()


plugin = Gemalto(portal=servicenow.Desk(form=IntakeForm(__package__), settings=PortalSettings))
