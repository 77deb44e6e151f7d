"""The settings of one account at a vendor whose desk is a Salesforce org."""

from __future__ import annotations

from typing import Literal, Self, TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from hub.model import CaseStatus, Severity
from hub.platforms.settings import HOST_URL, ArticlesPublic, CaFile, HistoryFrom, Overlap, PlatformSettings, Timeout

_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,79}$"
_PATH = r"^([A-Za-z][A-Za-z0-9_.]{0,120})?$"
_NEEDS = {"jwt_bearer": ("username", "private_key"), "client_credentials": ("consumer_secret",)}
PATCH_FIELDS = {
    "title": "Name",
    "product": "Product__c",
    "version": "Product_Version__c",
    "published_at": "Release_Date__c",
    "severity": "Severity__c",
    "summary": "Summary__c",
    "address": "Detail_Url__c",
}
"""The record's field for each part of a patch: the hub's convention, unless a vendor has its own."""


class Settings(PlatformSettings):
    """One login for one org."""

    model_config = ConfigDict(hide_input_in_errors=True)

    base_url: str = Field(
        title="Address",
        pattern=HOST_URL,
        description="The org's My Domain, such as https://vendor.my.salesforce.com; also used for the login.",
    )
    ca_file: CaFile = None
    api_version: str = Field(
        "62.0", pattern=r"^\d{2,3}\.0$", title="API version", description="Version of the REST API."
    )
    timeout_seconds: Timeout = 60
    token_flow: Literal["jwt_bearer", "client_credentials"] = Field(
        "jwt_bearer", title="Login", description="jwt_bearer: a signed assertion. client_credentials: the app's secret."
    )
    login_host: str = Field(
        "https://login.salesforce.com",
        title="Audience of assertions",
        description="Audience of an assertion: the login host, or https://test.salesforce.com for a sandbox. "
        "Nothing is sent there.",
    )
    consumer_key: str = Field(min_length=1, title="Consumer key", description="Key of the app in the vendor's org.")
    username: str = Field("", title="User", description="Name of the integration user, for jwt_bearer.")
    private_key: SecretStr | None = Field(
        None, title="Private key", description="RSA key in PEM, for jwt_bearer, whose certificate the app knows."
    )
    consumer_secret: SecretStr | None = Field(
        None, title="Consumer secret", description="Secret of the app, for client_credentials."
    )

    external_id_field: str = Field(
        "RjR_Ticket_Id__c",
        pattern=_NAME,
        title="Key field",
        description="Unique text field of Case, marked as external id, for our key.",
    )
    case_constants: dict[str, str | bool | int] = Field(
        {"Origin": "Web"}, title="Fixed fields", description="Fields that every new case gets."
    )
    case_filter: str = Field(
        "",
        max_length=1000,
        title="Cases to follow",
        description="SOQL condition for the cases that are read, such as RjR_Ticket_Id__c != null.",
    )
    product_field: str = Field("", pattern=_PATH, title="Product field", description="Case field for the product.")
    resolution_field: str = Field(
        "",
        pattern=_PATH,
        title="Resolution field",
        description="Case field for a resolution. Empty: it is sent as a published comment.",
    )
    escalated_flag: bool = Field(
        True,
        title="Severity 1 escalates",
        description="True: severity 1 sets IsEscalated, and is read from it if severities 1 and 2 have the same "
        "priority.",
    )
    statuses: dict[str, CaseStatus] = Field(
        {}, title="Status words", description="Meaning of the org's own status labels."
    )
    priorities: dict[str, Severity] = Field(
        {}, title="Priority words", description="Severity of the org's own priority labels."
    )
    status_words: dict[CaseStatus, str] = Field(
        {}, title="Status to write", description="Label to write for each status."
    )
    severity_words: dict[Severity, str] = Field(
        {}, title="Severity to write", description="Priority label to write for each severity."
    )
    machine_authors: tuple[str, ...] = Field(
        ("Automated Process",), title="Machines", description="Names of machines that write comments."
    )

    page_size: int = Field(500, ge=1, le=2000, title="Page size", description="Records per request.")
    overlap_seconds: Overlap = Field(
        120,
        description="Seconds before the newest change that are read again, as records appear later than their stamp.",
    )
    history_from: HistoryFrom = None

    kb_object: str = Field("Knowledge__kav", pattern=_NAME, title="Articles", description="Object of the articles.")
    kb_language: str = Field(
        "en_US", pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$", title="Language", description="Language of the articles to read."
    )
    kb_body_fields: tuple[str, ...] = Field(
        (), title="Body fields", description="Rich text fields of an article. Empty: the summary is the body."
    )
    article_address: str = Field(
        "", title="Article address", description="Where people read an article; {url_name} stands for its UrlName."
    )
    articles_public: ArticlesPublic = Field(False, description="True if the vendor allows it.")
    patch_source: Literal["none", "object", "articles"] = Field(
        "none",
        title="Patches from",
        description="object: a custom object of the org. articles: those that patch_filter selects. none: no patches.",
    )
    patch_object: str = Field("Patch__c", pattern=_NAME, title="Patch object", description="For patch_source object.")
    patch_fields: dict[str, str] = Field(
        PATCH_FIELDS,
        title="Patch fields",
        description="Field for title, product, version, published_at, severity, summary and address; empty: not read.",
    )
    patch_filter: str = Field(
        "", max_length=1000, title="Patch filter", description="SOQL condition that selects the records."
    )

    @field_validator("private_key")
    @classmethod
    def _is_rsa(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            key = load_pem_private_key(value.get_secret_value().encode(), None)
        except (ValueError, TypeError):
            raise ValueError("private_key is not an unencrypted PEM key") from None
        is_rsa = isinstance(key, RSAPrivateKey)
        if not is_rsa:
            raise ValueError("private_key is not an RSA key")
        return value

    @field_validator("patch_fields")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        if unknown := value.keys() - PATCH_FIELDS.keys():
            raise ValueError(f"patch_fields has unknown parts: {', '.join(sorted(unknown))}")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self.require(self.token_flow, _NEEDS[self.token_flow])
        if self.patch_source == "articles":
            self.require("patch_source articles", ["patch_filter"])
        return self

    @property
    def uses_app_secret(self) -> bool:
        """Whether the login uses the app's secret instead of an assertion."""
        return "consumer_secret" in _NEEDS[self.token_flow]

    @property
    def root(self) -> str:
        """The path of the REST API in the configured version."""
        return f"/services/data/v{self.api_version}"


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
