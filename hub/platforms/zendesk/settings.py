"""The settings of one account at a vendor whose help desk is Zendesk."""

from __future__ import annotations

from typing import Literal, Self, TypeVar

from pydantic import ConfigDict, Field, SecretStr, model_validator

from hub.model import CaseStatus, Severity
from hub.platforms.settings import (
    API_URL,
    ArticlesPublic,
    CaFile,
    CommentsOf,
    HistoryFrom,
    OldWebhookSecret,
    Overlap,
    PlatformSettings,
    SeverityWords,
    Timeout,
    VersionPattern,
    WebhookSecret,
)

_NEEDS = {"token": ("email", "api_token"), "bearer": ("access_token",), "client": ("client_id", "client_secret")}


class Settings(PlatformSettings):
    """One login for one Zendesk account: an agent's, or that of an ordinary customer."""

    model_config = ConfigDict(hide_input_in_errors=True)

    base_url: str = Field(
        title="Address",
        pattern=API_URL,
        description="Address of the API, such as https://acme.zendesk.com/api/v2. Its host selects the brand.",
    )
    ca_file: CaFile = None
    timeout_seconds: Timeout = 60
    profile: Literal["agent", "enduser"] = Field(
        "agent",
        title="Access",
        description="agent: an administrator's token; the hub uses tickets and their export. enduser: a customer's "
        "login; the hub uses requests, whose comments are all public and whose severity can't be changed.",
    )
    login: Literal["token", "bearer", "client"] = Field(
        "token",
        title="Login",
        description="token: an API token with its user's address. bearer: an OAuth token that does not expire. "
        "client: an OAuth client.",
    )
    email: str = Field("", title="User", description="E-mail address of the API token's user, for login token.")
    api_token: SecretStr | None = Field(None, title="API token", description="For login token.")
    access_token: SecretStr | None = Field(None, title="Access token", description="For login bearer.")
    client_id: str = Field("", title="Client id", description="Id of the OAuth client, for login client.")
    client_secret: SecretStr | None = Field(
        None, title="Client secret", description="Secret of the OAuth client, for login client."
    )
    requester_name: str = Field(
        "", title="Our contact's name", description="Name of the requester of new tickets (agent)."
    )
    requester_email: str = Field(
        "",
        title="Our contact",
        description="E-mail address of the requester of new tickets (agent). Empty: the token's own user.",
    )
    ticket_type: Literal["", "problem", "incident", "question", "task"] = Field(
        "incident",
        title="Type",
        description="Type of new tickets if the intake does not give one (agent). Empty: none.",
    )
    tags: tuple[str, ...] = Field(("rjr",), title="Tags", description="Tags that new tickets get (agent).")
    group_id: int | None = Field(None, title="Group", description="Number of the group that gets new tickets (agent).")
    ticket_form_id: int | None = Field(None, title="Form", description="Number of the form for new cases.")
    custom_fields: dict[int, str] = Field(
        {}, title="Fixed fields", description="Values of custom fields that every new case gets, by number."
    )
    field_ids: dict[str, int] = Field(
        {},
        title="Intake fields",
        description="Numbers of the custom fields for answers, by field. Other answers go into the description.",
    )
    subject_limit: int = Field(
        150, ge=60, le=1000, title="Longest subject", description="Maximum number of characters of a subject."
    )
    statuses: dict[str, CaseStatus] = Field(
        {}, title="Statuses", description="Meaning of statuses, if it differs from the standard."
    )
    priorities: dict[str, Severity] = Field(
        {}, title="Priorities", description="Severity of priorities, if it differs from the standard."
    )
    status_words: dict[CaseStatus, str] = Field(
        {},
        title="Status to write",
        description="Vendor's status to write for each status. In Zendesk, closed is final.",
    )
    severity_words: SeverityWords = {}
    machine_authors: tuple[str, ...] = Field(
        (), title="Machines", description="Numbers and names of users that are machines."
    )
    comments_of: CommentsOf = "every"
    page_size: int = Field(
        100, ge=1, le=1000, title="Page size", description="Records per request; an end user gets 100 at most."
    )
    find_pages: int = Field(
        5,
        ge=1,
        le=100,
        title="Pages searched",
        description="Pages of the newest requests to look for a key in, before the search is used (enduser).",
    )
    overlap_seconds: Overlap = 120
    history_from: HistoryFrom = None
    file_hosts: tuple[str, ...] = Field(
        ("*.zendesk.com", "*.zdusercontent.com"),
        title="File hosts",
        description="Hosts to download files from, without login; patterns such as *.example.com are allowed.",
    )
    knowledge: Literal["articles", "none"] = Field(
        "articles", title="Articles from", description="articles: the account's Help Center. none: no articles."
    )
    kb_locale: str = Field(
        "en-us",
        pattern=r"^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$",
        title="Locale",
        description="Locale of the articles to read.",
    )
    patch_labels: tuple[str, ...] = Field(
        ("release-notes",),
        title="Patch labels",
        description="Articles with one of these labels announce releases. Empty: no patches.",
    )
    version_pattern: VersionPattern = r"\d+(?:\.\d+){1,3}"
    articles_public: ArticlesPublic = False
    sweep_days: int = Field(
        7,
        ge=1,
        le=365,
        title="Full listing",
        description="Days after which all articles are listed again, to find withdrawn ones.",
    )
    webhook_secret: WebhookSecret = Field(None, description="Signing secret of the vendor's webhook.")
    webhook_secret_old: OldWebhookSecret = None

    @property
    def is_agent(self) -> bool:
        """Whether cases are tickets, not requests."""
        return self.profile == "agent"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self.require(f"login {self.login}", _NEEDS[self.login])
        return self


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
