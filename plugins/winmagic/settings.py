"""The settings of an account at WinMagic: for the help desk, for the documentation, or for mail."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.platforms import document360, email, freshdesk

from .mapping import DISK_SECRETS, VERSION


class FreshdeskSettings(freshdesk.Settings):
    """One agent's key at the help desk, whose cases are never to hold a secret of an encrypted disk."""

    platform: Literal["freshdesk"] = Field(
        "freshdesk", title="Platform", description="The help desk; assumed to be Freshdesk."
    )
    ticket_type: str = Field(
        "Incident", title="Type", description="Of new tickets whose intake does not say; empty: none."
    )
    knowledge: Literal["solutions", "none"] = Field(
        "none",
        title="Articles from",
        description="The help desk's solutions, or none: the documentation is an account of its own.",
    )
    version_pattern: str = Field(
        VERSION, title="Version", description="A regular expression that finds the version in a title."
    )
    redact: tuple[str, ...] = Field(
        DISK_SECRETS,
        title="Extra redactions",
        description="Regular expressions; what they match never leaves. Keep these when more are added.",
    )


class DocumentationSettings(document360.Settings):
    """One token for the project behind documentation.winmagic.com."""

    version_pattern: str = Field(
        VERSION, title="Version", description="A regular expression that finds the version in a title."
    )


class EmailSettings(email.Settings):
    """Our mailbox, and the support desk's address, for cases by mail whatever desk is behind it."""

    platform: Literal["email"] = Field("email", title="Platform", description="Cases by mail.")
    vendor_address: str = Field("support@winmagic.com", title="Vendor's address", description="That cases are sent to.")
    type: str = Field("Incident", title="Type", description="Of new cases whose intake does not say; empty: none.")
    redact: tuple[str, ...] = Field(
        DISK_SECRETS,
        title="Extra redactions",
        description="Regular expressions; what they match never leaves. Keep these when more are added.",
    )
