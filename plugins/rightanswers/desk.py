"""Upland's help desk for cases about RightAnswers: a Zendesk, where RjR is an ordinary customer unless Upland says so.

Source: the sign-in address of Upland's community names the account `upland`; that cases about RightAnswers go there is
assumed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.platforms import zendesk
from hub.platforms.form import IntakeForm

ADDRESS = "https://upland.zendesk.com/api/v2"


class DeskSettings(zendesk.Settings):
    """One login at Upland's help desk."""

    platform: Literal["desk"] = Field(
        "desk", title="Platform", description="Upland's help desk, for cases about RightAnswers."
    )
    base_url: str = Field(
        ADDRESS,
        title="Address",
        pattern=r"^https?://[^/\s?#@]+(?:/[^\s?#@]*)?$",
        description="Of the API; a brand's own host shows the requests of that brand only.",
    )
    profile: Literal["agent", "enduser"] = Field(
        "enduser",
        title="Access",
        description="enduser: a customer's login, whose comments are all public and whose severity can't be changed. "
        "agent: an administrator's token, should Upland give one.",
    )


DESK = zendesk.Desk(form=IntakeForm(__package__), settings=DeskSettings)
