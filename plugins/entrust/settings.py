"""The settings of an account at Entrust: one for TrustedCare, one for the Digital Card desk."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.platforms import freshdesk, salesforce


class TrustedCareSettings(salesforce.Settings):
    """One integration user at the org behind TrustedCare."""

    platform: Literal["trustedcare"] = Field(
        "trustedcare", title="Platform", description="TrustedCare: identity, PKI, certificates, keys and HSMs."
    )
    case_type: str = Field("", title="Type", description="Of new cases whose intake does not say.")


class DigitalCardSettings(freshdesk.Settings):
    """One agent's key at the Digital Card desk."""

    platform: Literal["digital_card"] = Field(
        "digital_card", title="Platform", description="The Digital Card desk: mobile wallets and card SDKs."
    )
    base_url: str = Field(
        "https://antelop-support.freshdesk.com/api/v2",
        title="Address",
        pattern=r"^https?://[^/\s?#@]+(?:/[^\s?#@]*)?$",
        description="Of the desk's API.",
    )
    closed_is_final: bool = Field(
        True, title="Closed is final", description="This desk lets nobody change a closed ticket."
    )
