"""The settings of an account at the Thales support portal."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.platforms import servicenow

from .mapping import PATCH_FIELDS


class PortalSettings(servicenow.Settings):
    """One login at the portal that serves SafeNet, Luna, CipherTrust and Sentinel."""

    platform: Literal["portal"] = Field("portal", title="Platform", description="The Thales support portal.")
    base_url: str = Field(
        "https://supportportal.thalesgroup.com",
        title="Address",
        pattern=r"^https?://[^/\s?#@]+/?$",
        description="The portal's host, or the instance's own, https://gemalto.service-now.com.",
    )
    patch_source: Literal["", "none", "table", "articles"] = Field(
        "",
        title="Patches from",
        description="Download records, articles that announce them, or none; empty: records for a technical user.",
    )
    download_number_prefix: str = Field(
        "DOW", pattern=r"^[A-Za-z]{0,10}$", title="Download numbers", description="Begin with this."
    )
    patch_fields: dict[str, str] = Field(
        PATCH_FIELDS, title="Patch fields", description="The field for title, body, product, version, published_at."
    )
    product: str = Field("", title="Product", description="Its sys_id, for cases whose intake does not say.")
