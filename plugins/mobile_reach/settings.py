"""The settings of an account at Mobile Reach."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.platforms import zendesk

from .mapping import VERSION


class ZendeskSettings(zendesk.Settings):
    """One login at the help desk, which is assumed to be Zendesk."""

    platform: Literal["zendesk"] = Field(
        "zendesk", title="Platform", description="The help desk; assumed to be Zendesk."
    )
    version_pattern: str = Field(
        VERSION, title="Version", description="A regular expression that finds the version in a title."
    )
