"""The settings of an account at Entrust's TrustedCare."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.platforms import salesforce


class TrustedCareSettings(salesforce.Settings):
    """One integration user at the org behind TrustedCare."""

    platform: Literal["trustedcare"] = Field(
        "trustedcare",
        title="Platform",
        description="TrustedCare: identity, PKI, certificates, keys and HSMs.",
    )
    case_type: str = Field("", title="Type", description="Of new cases whose intake does not say.")
