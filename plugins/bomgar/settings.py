"""The settings of one account: at a Remote Support site, or at BeyondTrust's customer portal."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, Field, SecretStr

from hub.model import AccountSettings, Severity
from hub.platforms import servicenow


class ApplianceSettings(AccountSettings):
    """One API account of one Remote Support site."""

    platform: Literal["appliance"] = Field(
        "appliance", title="System", description="The Remote Support site, where sessions are."
    )
    base_url: str = Field(
        title="Address", pattern=r"^https?://[^/\s?#@]+/?$", description="Of the site, such as https://support.example."
    )
    ca_file: Path | None = Field(
        None, title="Private CA", description="A PEM file with the authority that signed the site's certificate."
    )
    client_id: str = Field(
        min_length=1, title="Client id", description="Of the API account, from /login, Management, API."
    )
    client_secret: SecretStr = Field(
        title="Client secret", description="Of the API account; a new one ends all tokens at once."
    )
    timeout_seconds: int = Field(60, ge=10, le=600, title="Deadline", description="Seconds for one call.")
    queue: str = Field(
        "general",
        pattern=r"^(general|(rep|team):\d+|(rep_username|issue):[^\s:]+)$",
        title="Queue",
        description="Where customers wait: general, team:ID, rep:ID, rep_username:NAME or issue:CODE.",
    )
    key_seconds: int = Field(
        86_400,
        ge=60,
        le=2_592_000,
        title="Life of a key",
        description="Seconds in which the customer may join; the longest that a site allows is not published.",
    )
    session_priorities: dict[Severity, Literal[1, 2, 3]] = Field(
        {Severity.S1: 1, Severity.S2: 2, Severity.S3: 2, Severity.S4: 3},
        title="Priorities",
        description="The session's priority by severity: 1 high, 2 medium, 3 low.",
    )
    severity_field: str = Field(
        "",
        pattern=r"^\w*$",
        title="Field of severity",
        description="Code name of a custom field that takes the ticket's severity; empty sends none.",
    )
    public_site: str = Field(
        "", title="Public site", description="Host of the address for customers, where there are several."
    )
    history_from: AwareDatetime | None = Field(
        None,
        title="History from",
        description="Sessions that ended before are not read; empty reads all, in one answer of the site.",
    )
    overlap_seconds: int = Field(
        120,
        ge=10,
        le=86_400,
        title="Overlap",
        description="Seconds that each look goes back, as reports lag behind what happened.",
    )
    open_hours: int = Field(
        24, ge=1, le=720, title="Open sessions", description="Hours that an open session may have begun before."
    )
    webhook_secret: SecretStr | None = Field(
        None,
        min_length=24,
        title="Delivery secret",
        description="The last part of the address that outbound events go to; the site signs nothing.",
    )
    webhook_secret_old: SecretStr | None = Field(
        None, min_length=24, title="Old delivery secret", description="Accepted too, while it is being changed."
    )


class PortalSettings(servicenow.Settings):
    """One login at the portal where BeyondTrust takes cases about its products."""

    platform: Literal["portal"] = Field(
        "portal", title="System", description="BeyondTrust's customer portal, where cases and articles are."
    )
    base_url: str = Field(
        "https://beyondtrustcorp.service-now.com",
        title="Address",
        pattern=r"^https?://[^/\s?#@]+/?$",
        description="The portal's host; nothing is sent to any other.",
    )
    article_address: str = Field(
        "https://beyondtrustcorp.service-now.com/csm?id=kb_article_view&sysparm_article={number}",
        title="Article's address",
        description="Where people read one; {number} stands for its number.",
    )
    patch_titles: tuple[str, ...] = Field(
        ("release notes", "patch", "hotfix", "security advisory"),
        title="Words in titles",
        description="For patch_source articles: BeyondTrust's articles that tell of a release hold one of them.",
    )
    product: str = Field("", title="Product", description="Its sys_id, for cases whose intake does not say.")
    asset: str = Field("", title="Appliance", description="Its sys_id, for cases whose intake does not say.")
