"""The settings of one account at a vendor whose desk is a Salesforce org."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal, Self, TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from hub.model import CaseStatus, Severity
from hub.platforms.settings import PlatformSettings

_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,79}$"
_PATH = r"^([A-Za-z][A-Za-z0-9_.]{0,120})?$"
PATCH_FIELDS = {
    "title": "Name",
    "product": "Product__c",
    "version": "Product_Version__c",
    "published_at": "Release_Date__c",
    "severity": "Severity__c",
    "summary": "Summary__c",
    "address": "Detail_Url__c",
}
"""What a patch is made of, and the record's field for each; a convention of ours until a vendor tells its own."""


class Settings(PlatformSettings):
    """One login at one org."""

    model_config = ConfigDict(hide_input_in_errors=True)

    base_url: str = Field(
        title="Address",
        pattern=r"^https?://[^/\s?#@]+/?$",
        description="The org's My Domain, such as https://vendor.my.salesforce.com; logins go there too.",
    )
    ca_file: Path | None = Field(
        None, title="Private CA", description="A PEM file with the authority of the server's certificate."
    )
    api_version: str = Field(
        "62.0", pattern=r"^\d{2,3}\.0$", title="API version", description="Of the REST API, pinned."
    )
    timeout_seconds: int = Field(60, ge=10, le=600, title="Deadline", description="Seconds for one call.")
    token_flow: Literal["jwt_bearer", "client_credentials"] = Field(
        "jwt_bearer", title="Login", description="A signed assertion, or the app's secret."
    )
    login_host: str = Field(
        "https://login.salesforce.com",
        title="Audience of assertions",
        description="Who an assertion is for: the login host, or https://test.salesforce.com for a sandbox. "
        "Nothing is sent there.",
    )
    consumer_key: str = Field(min_length=1, title="Consumer key", description="Of the app at the vendor's org.")
    username: str = Field("", title="User", description="Of the integration user, for jwt_bearer.")
    private_key: SecretStr | None = Field(
        None, title="Private key", description="RSA, in PEM; its certificate is registered with the app."
    )
    consumer_secret: SecretStr | None = Field(
        None, title="Consumer secret", description="Of the app, for client_credentials."
    )

    external_id_field: str = Field(
        "RjR_Ticket_Id__c",
        pattern=_NAME,
        title="Key field",
        description="The unique text field of Case, marked as external id, that carries the bond's key.",
    )
    case_constants: dict[str, str | bool | int] = Field(
        {"Origin": "Web"}, title="Fixed fields", description="Fields that each new case is given."
    )
    case_filter: str = Field(
        "",
        max_length=1000,
        title="Cases to follow",
        description="A SOQL condition that narrows the news of cases, such as RjR_Ticket_Id__c != null.",
    )
    product_field: str = Field(
        "", pattern=_PATH, title="Product field", description="The Case field that takes the product."
    )
    resolution_field: str = Field(
        "",
        pattern=_PATH,
        title="Resolution field",
        description="The Case field that takes a resolution; empty: it goes as a published comment.",
    )
    escalated_flag: bool = Field(
        True,
        title="Severity 1 escalates",
        description="True writes IsEscalated with severity 1, and reads severity 1 from it where the priority "
        "word is shared with severity 2.",
    )
    statuses: dict[str, CaseStatus] = Field(
        {}, title="Status words", description="Meaning of status labels of the org's own."
    )
    priorities: dict[str, Severity] = Field(
        {}, title="Priority words", description="Severity for priority labels of the org's own."
    )
    status_words: dict[CaseStatus, str] = Field(
        {}, title="Status to write", description="The label to write, by the hub's status."
    )
    severity_words: dict[Severity, str] = Field(
        {}, title="Severity to write", description="The priority label to write, by severity."
    )
    machine_authors: tuple[str, ...] = Field(
        ("Automated Process",), title="Machines", description="Names whose comments a machine wrote."
    )

    page_size: int = Field(500, ge=1, le=2000, title="Page size", description="Rows asked for at once.")
    overlap_seconds: int = Field(
        120,
        ge=1,
        le=86400,
        title="Overlap",
        description="Seconds that are read again behind the newest change, as rows show later than their stamp.",
    )
    history_from: datetime | None = Field(
        None, title="History from", description="Changes before this time are never read."
    )

    kb_object: str = Field("Knowledge__kav", pattern=_NAME, title="Articles", description="Their object.")
    kb_language: str = Field(
        "en_US", pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$", title="Language", description="Of the articles that are read."
    )
    kb_body_fields: tuple[str, ...] = Field(
        (), title="Body fields", description="Rich text fields of an article; without them the summary is its body."
    )
    article_address: str = Field(
        "", title="Article's address", description="Where people read one; {url_name} stands for its UrlName."
    )
    articles_public: bool = Field(
        False, title="Articles may be shown to customers", description="True when the vendor allows it."
    )
    patch_source: Literal["none", "object", "articles"] = Field(
        "none",
        title="Patches from",
        description="An object of the org's own, articles that patch_filter picks, or none.",
    )
    patch_object: str = Field("Patch__c", pattern=_NAME, title="Patch object", description="For patch_source object.")
    patch_fields: dict[str, str] = Field(
        PATCH_FIELDS,
        title="Patch fields",
        description="The field for title, product, version, published_at, "
        "severity, summary and address; an empty one is not read.",
    )
    patch_filter: str = Field(
        "", max_length=1000, title="Patch filter", description="A SOQL condition that picks the records."
    )

    @field_validator("private_key")
    @classmethod
    def _is_rsa(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            key = load_pem_private_key(value.get_secret_value().encode(), None)
        except (ValueError, TypeError):
            raise ValueError("private_key is no unencrypted key in PEM") from None
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("private_key is no RSA key")  # noqa: TRY004 - pydantic wants ValueError
        return value

    @field_validator("patch_fields")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        if unknown := value.keys() - PATCH_FIELDS.keys():
            raise ValueError(f"patch_fields knows no {', '.join(sorted(unknown))}")
        return value

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.token_flow == "jwt_bearer" and not (self.username and self.private_key):  # noqa: S105
            raise ValueError("jwt_bearer needs username and private_key")
        if self.token_flow == "client_credentials" and not self.consumer_secret:  # noqa: S105
            raise ValueError("client_credentials needs consumer_secret")
        if self.patch_source == "articles" and not self.patch_filter:
            raise ValueError("patch_source articles needs patch_filter")
        return self

    @property
    def root(self) -> str:
        """Where the REST API of the pinned version begins."""
        return f"/services/data/v{self.api_version}"


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
