"""Mobile Reach (mobile apps for service desks): cases, knowledge and releases of its help desk."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms import zendesk
from hub.platforms.choice import Choice
from hub.platforms.form import IntakeForm

from .settings import ZendeskSettings

NOTES = (
    "Which help desk Mobile Reach uses is not known: Zendesk is assumed until Mobile Reach says so.",
    "Verified against the platform's manual, recorded traffic and a simulator; not against Mobile Reach.",
    "With profile agent an administrator's token is needed: only administrators may export changes.",
    "With profile enduser all comments are public and the severity stays as it was when the case was opened.",
    "Answers to the intake form go into the description until field_ids names the fields that take them.",
    "A closed case is final; closing from here solves it, and the vendor's automation closes it later.",
    "Releases are the articles with the label release-notes, a convention of ours (patch_labels).",
)
"""What an operator should know of the vendor."""


class MobileReach(Choice):
    """Mobile Reach's help desk."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(
            name="mobile_reach",
            title="Mobile Reach",
            platform="Zendesk",
            platforms=self.names,
            index_lag=60.0,
            notes=NOTES,
        )

    @hookimpl
    def hub_simulator(self, platform: str) -> Any:
        from .simulator import simulator

        return simulator()


plugin = MobileReach(zendesk=zendesk.Desk(form=IntakeForm(__package__), settings=ZendeskSettings))
