"""RightAnswers, today Upland: the knowledge of a tenant, and cases of Upland's help desk."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms.choice import Choice

from .desk import DESK
from .library import Library

NOTES = (
    "Verified against Upland's reference, open clients and simulators; not against Upland's systems.",
    "That cases go to Upland's Zendesk is assumed; with an end user's login all comments are public there.",
    "Changes are told by the day only: days are read again, and what was told is remembered.",
    "There are no patches: RightAnswers is a service, and none are published.",
    "A write that fails may come with 200: its text decides.",
    "Offers are never approved by us, and marked with the ticket's number as keyword.",
)
"""What an operator should know of the vendor."""


class RightAnswers(Choice):
    """A tenant's knowledge, and Upland's help desk."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(
            name="rightanswers",
            title="RightAnswers (Upland)",
            platform="RightAnswers and Zendesk",
            platforms=self.names,
            index_lag=15.0,
            notes=NOTES,
        )

    @hookimpl
    def hub_simulator(self, platform: str) -> Any:
        from . import simulator

        return simulator.desk() if platform == "desk" else simulator.tenant()


plugin = RightAnswers(knowledge=Library(), desk=DESK)
