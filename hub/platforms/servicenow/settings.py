"""The settings of one account at a vendor whose support portal is a ServiceNow instance."""

from __future__ import annotations

from typing import Literal, Self, TypeVar

from pydantic import ConfigDict, Field, SecretStr, model_validator

from hub.model import CaseStatus, Severity
from hub.platforms.settings import (
    HOST_URL,
    ArticlesPublic,
    CaFile,
    CommentsOf,
    HistoryFrom,
    Overlap,
    PlatformSettings,
    SeverityWords,
    Timeout,
)

_SYS_ID = r"^([0-9a-f]{32})?$"
_TABLE = r"^[a-z][a-z0-9_]{0,79}$"
_NEEDS = {
    "oauth_cc": ("client_id", "client_secret"),
    "oauth_password": ("client_id", "client_secret", "username", "password"),
    "apikey": ("api_key",),
    "basic": ("username", "password"),
}


class Settings(PlatformSettings):
    """One login for one instance."""

    model_config = ConfigDict(hide_input_in_errors=True)

    base_url: str = Field(
        title="Address",
        pattern=HOST_URL,
        description="Address of the instance or of its portal, without a path. Nothing is sent to any other host.",
    )
    ca_file: CaFile = None
    timeout_seconds: Timeout = Field(70, description="Seconds for one call. The instance itself stops after 60.")
    auth_mode: Literal["oauth_cc", "oauth_password", "apikey", "basic"] = Field(
        "oauth_cc",
        title="Login",
        description="oauth_cc: OAuth client credentials. oauth_password: OAuth password. apikey: a key in x-sn-apikey. "
        "basic: user and password.",
    )
    client_id: str = Field("", title="Client id", description="Id of the OAuth client.")
    client_secret: SecretStr | None = Field(None, title="Client secret", description="Secret of the OAuth client.")
    username: str = Field("", title="User", description="For oauth_password and basic.")
    password: SecretStr | None = Field(None, title="Password", description="For oauth_password and basic.")
    api_key: SecretStr | None = Field(None, title="API key", description="For apikey.")
    access_profile: Literal["integration", "external"] = Field(
        "external",
        title="Access",
        description="integration: a technical user of the vendor with the complete Case API. external: a "
        "contact's login, which may write only a few fields and never sees work notes.",
    )
    account_sys_id: str = Field(
        "",
        pattern=_SYS_ID,
        title="Our account",
        description="sys_id of our account. New cases get it, and only its cases are read.",
    )
    contact_sys_id: str = Field(
        "", pattern=_SYS_ID, title="Our contact", description="sys_id of our contact, for new cases."
    )
    correlation_display: str = Field(
        "RjR", max_length=100, title="Our system", description="Name of our system, written with the key (integration)."
    )
    extra_fields: dict[str, str] = Field(
        {}, title="Fixed fields", description="Fields that every new case gets, by the vendor's name."
    )
    text_limit: int = Field(
        4000,
        ge=500,
        title="Longest text",
        description="Characters of a description or comment. Longer comments are sent in parts of as many bytes.",
    )
    resolution_code: str = Field(
        "", title="Resolution code", description="Code to write with a resolution, if the vendor requires one."
    )
    statuses: dict[str, CaseStatus] = Field(
        {"7": CaseStatus.CANCELLED}, title="States", description="Meaning of the vendor's own states."
    )
    priorities: dict[str, Severity] = Field(
        {}, title="Priorities", description="Severity of the vendor's own priorities."
    )
    status_words: dict[CaseStatus, str] = Field(
        {}, title="State to write", description="State to write for each status."
    )
    severity_words: SeverityWords = {}
    machine_authors: tuple[str, ...] = Field(
        ("System", "system"), title="Machines", description="Names of machines that write comments."
    )
    comments_of: CommentsOf = "every"
    page_size: int = Field(200, ge=1, le=1000, title="Page size", description="Records per request.")
    overlap_seconds: Overlap = 120
    history_from: HistoryFrom = None
    kb_source: Literal["", "table", "api"] = Field(
        "",
        title="Articles from",
        description="table: kb_knowledge. api: the Knowledge API. Empty: the table for integration, otherwise the API.",
    )
    kb_ids: tuple[str, ...] = Field(
        (), title="Knowledge bases", description="sys_ids of the knowledge bases. Empty: all that the login can read."
    )
    sweep_days: int = Field(
        7,
        ge=1,
        le=365,
        title="Full listing",
        description="Days after which a contact's login lists all articles again, to find withdrawn ones.",
    )
    kb_language: str = Field("en", title="Language", description="Language of the articles to read.")
    article_address: str = Field(
        "", title="Article address", description="Where people read an article; {number} stands for its number."
    )
    articles_public: ArticlesPublic = Field(False, description="True if the vendor allows it.")
    patch_source: Literal["", "none", "table", "articles"] = Field(
        "none",
        title="Patches from",
        description="table: download_table. articles: articles with a word of patch_titles in their title. none: no "
        "patches. Empty: the table for integration, otherwise articles.",
    )
    download_table: str = Field(
        "kb_knowledge", pattern=_TABLE, title="Download table", description="Table of patches, for patch_source table."
    )
    download_number_prefix: str = Field(
        "",
        pattern=r"^[A-Za-z]{0,10}$",
        title="Download numbers",
        description="Prefix of the numbers of downloads. Empty: any.",
    )
    patch_fields: dict[str, str] = Field(
        {"title": "short_description"},
        title="Patch fields",
        description="Field for title, body, product, version, published_at and severity.",
    )
    patch_titles: tuple[str, ...] = Field(
        ("patch", "hotfix", "release"),
        title="Words in titles",
        description="Words in titles of patches, for patch_source articles.",
    )
    version_pattern: str = Field(
        r"\d+(?:\.\d+)+",
        title="Version",
        description="Regular expression that finds the version in the title of an article that announces a patch.",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self.require(self.auth_mode, _NEEDS[self.auth_mode])
        return self

    @property
    def is_external(self) -> bool:
        """Whether the login is a contact's."""
        return self.access_profile == "external"

    @property
    def patches_from(self) -> str:
        """The source of patches: none, table or articles."""
        return self.patch_source or ("articles" if self.is_external else "table")

    @property
    def reads_table(self) -> bool:
        """Whether articles come from the table."""
        return (self.kb_source or ("api" if self.is_external else "table")) == "table"


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
