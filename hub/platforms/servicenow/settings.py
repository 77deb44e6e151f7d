"""The settings of one account at a vendor whose support portal is a ServiceNow instance."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import ConfigDict, Field, SecretStr, model_validator

from hub.model import CaseStatus, Severity
from hub.platforms.settings import PlatformSettings

_SYS_ID = r"^([0-9a-f]{32})?$"
_TABLE = r"^[a-z][a-z0-9_]{0,79}$"
_NEEDS = {
    "oauth_cc": ("client_id", "client_secret"),
    "oauth_password": ("client_id", "client_secret", "username", "password"),
    "apikey": ("api_key",),
    "basic": ("username", "password"),
}


class Settings(PlatformSettings):
    """One login at one instance."""

    model_config = ConfigDict(hide_input_in_errors=True)

    base_url: str = Field(
        title="Address",
        pattern=r"^https?://[^/\s?#@]+/?$",
        description="The instance or its portal's own host, without a path; nothing is sent to any other host.",
    )
    ca_file: Path | None = Field(
        None, title="Private CA", description="A PEM file with the authority of the server's certificate."
    )
    timeout_seconds: int = Field(
        70, ge=10, le=600, title="Deadline", description="Seconds for one call; the instance gives up at 60."
    )
    auth_mode: Literal["oauth_cc", "oauth_password", "apikey", "basic"] = Field(
        "oauth_cc",
        title="Login",
        description="OAuth client credentials, OAuth password, a key in x-sn-apikey, or user and password.",
    )
    client_id: str = Field("", title="Client id", description="Of the OAuth client.")
    client_secret: SecretStr | None = Field(None, title="Client secret", description="Of the OAuth client.")
    username: str = Field("", title="User", description="For oauth_password and basic.")
    password: SecretStr | None = Field(None, title="Password", description="For oauth_password and basic.")
    api_key: SecretStr | None = Field(None, title="API key", description="For apikey.")
    access_profile: Literal["integration", "external"] = Field(
        "external",
        title="Access",
        description="integration: a technical user of the vendor's with the whole Case API. external: a "
        "contact's login, which may write a few fields only and never sees work notes.",
    )
    account_sys_id: str = Field(
        "", pattern=_SYS_ID, title="Our account", description="Its sys_id; new cases get it, news keep to it."
    )
    contact_sys_id: str = Field("", pattern=_SYS_ID, title="Our contact", description="Its sys_id; new cases get it.")
    correlation_display: str = Field(
        "RjR", max_length=100, title="Our system", description="Written beside the key (integration)."
    )
    extra_fields: dict[str, str] = Field(
        {}, title="Fixed fields", description="Fields that each new case is given, by the vendor's name."
    )
    text_limit: int = Field(
        4000,
        ge=500,
        title="Longest text",
        description="Of a description or comment, in characters; a longer comment goes in parts of so many bytes.",
    )
    resolution_code: str = Field(
        "", title="Resolution code", description="Written with a resolution where the vendor wants one."
    )
    statuses: dict[str, CaseStatus] = Field(
        {"7": CaseStatus.CANCELLED}, title="States", description="Meaning of states of the vendor's own."
    )
    priorities: dict[str, Severity] = Field(
        {}, title="Priorities", description="Severity for priorities of the vendor's own."
    )
    status_words: dict[CaseStatus, str] = Field(
        {}, title="State to write", description="The state to write, by the hub's status."
    )
    severity_words: dict[Severity, str] = Field(
        {}, title="Priority to write", description="The priority to write, by severity."
    )
    machine_authors: tuple[str, ...] = Field(
        ("System", "system"), title="Machines", description="Names whose comments a machine wrote."
    )
    comments_of: Literal["every", "keyed"] = Field(
        "every",
        title="Comments of",
        description="Read comments and files of every changed case, or only of those that carry a key of ours.",
    )
    page_size: int = Field(200, ge=1, le=1000, title="Page size", description="Rows asked for at once.")
    overlap_seconds: int = Field(
        120, ge=1, le=86400, title="Overlap", description="Seconds read again behind the newest change."
    )
    history_from: datetime | None = Field(
        None, title="History from", description="Changes before this time are never read."
    )
    kb_source: Literal["", "table", "api"] = Field(
        "",
        title="Articles from",
        description="The table kb_knowledge, or the Knowledge API; empty: the table for integration, else the API.",
    )
    kb_ids: tuple[str, ...] = Field((), title="Knowledge bases", description="Their sys_ids; none: all seen.")
    sweep_days: int = Field(
        7,
        ge=1,
        le=365,
        title="Full reading",
        description="Days after which a contact's login lists all articles again, to see which are gone.",
    )
    kb_language: str = Field("en", title="Language", description="Of the articles that are read.")
    article_address: str = Field(
        "", title="Article's address", description="Where people read one; {number} stands for its number."
    )
    articles_public: bool = Field(
        False, title="Articles may be shown to customers", description="True when the vendor allows it."
    )
    patch_source: Literal["", "none", "table", "articles"] = Field(
        "none",
        title="Patches from",
        description="A table, articles whose titles hold a word of patch_titles, or none; empty: the table for "
        "integration, else articles.",
    )
    download_table: str = Field(
        "kb_knowledge", pattern=_TABLE, title="Download table", description="For patch_source table."
    )
    download_number_prefix: str = Field(
        "", pattern=r"^[A-Za-z]{0,10}$", title="Download numbers", description="Begin with this; empty: any."
    )
    patch_fields: dict[str, str] = Field(
        {"title": "short_description"},
        title="Patch fields",
        description="The field for title, body, product, version, published_at and severity.",
    )
    patch_titles: tuple[str, ...] = Field(
        ("patch", "hotfix", "release"), title="Words in titles", description="For patch_source articles."
    )
    version_pattern: str = Field(
        r"\d+(?:\.\d+)+",
        title="Version",
        description="A regular expression that finds the version in the title of an article that tells of a patch.",
    )

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        missing = [name for name in _NEEDS[self.auth_mode] if not getattr(self, name)]
        if missing:
            raise ValueError(f"{self.auth_mode} needs {' and '.join(missing)}")
        return self

    @property
    def is_external(self) -> bool:
        """Whether the login is a contact's."""
        return self.access_profile == "external"

    @property
    def patches_from(self) -> str:
        """Where patches come from: none, table or articles."""
        return self.patch_source or ("articles" if self.is_external else "table")

    @property
    def reads_table(self) -> bool:
        """Whether articles come from the table."""
        return (self.kb_source or ("api" if self.is_external else "table")) == "table"


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
