"""The settings of one account at a vendor whose help desk is Zendesk."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import ConfigDict, Field, SecretStr, model_validator

from hub.model import CaseStatus, Severity
from hub.platforms.settings import PlatformSettings

_NEEDS = {"token": ("email", "api_token"), "bearer": ("access_token",), "client": ("client_id", "client_secret")}


class Settings(PlatformSettings):
    """One login at one Zendesk account: an agent's, or that of an ordinary customer."""

    model_config = ConfigDict(hide_input_in_errors=True)

    base_url: str = Field(
        title="Address",
        pattern=r"^https?://[^/\s?#@]+(?:/[^\s?#@]*)?$",
        description="Of the API, such as https://acme.zendesk.com/api/v2; requests are listed by the host's brand.",
    )
    ca_file: Path | None = Field(
        None, title="Private CA", description="A PEM file with the authority of the server's certificate."
    )
    timeout_seconds: int = Field(60, ge=10, le=600, title="Deadline", description="Seconds for one call.")
    profile: Literal["agent", "enduser"] = Field(
        "agent",
        title="Access",
        description="agent: an administrator's token, with tickets and their export. enduser: a customer's login, "
        "with requests only, whose comments are all public and whose severity can't be changed.",
    )
    login: Literal["token", "bearer", "client"] = Field(
        "token",
        title="Login",
        description="An API token with its user's address, an OAuth token that does not end, or an OAuth client.",
    )
    email: str = Field("", title="User", description="The address of the user that the API token acts for.")
    api_token: SecretStr | None = Field(None, title="API token", description="For token.")
    access_token: SecretStr | None = Field(None, title="Access token", description="For bearer.")
    client_id: str = Field("", title="Client id", description="Of the OAuth client, for client.")
    client_secret: SecretStr | None = Field(None, title="Client secret", description="Of the OAuth client.")
    requester_name: str = Field("", title="Our contact's name", description="Of the requester of new tickets (agent).")
    requester_email: str = Field(
        "", title="Our contact", description="The requester of new tickets (agent); empty: the token's own user."
    )
    ticket_type: Literal["", "problem", "incident", "question", "task"] = Field(
        "incident", title="Type", description="Of new tickets whose intake does not say (agent); empty: none."
    )
    tags: tuple[str, ...] = Field(("rjr",), title="Tags", description="That new tickets are given (agent).")
    group_id: int | None = Field(
        None, title="Group", description="The number of the group that gets new tickets (agent)."
    )
    ticket_form_id: int | None = Field(None, title="Form", description="The number of the form of new cases.")
    custom_fields: dict[int, str] = Field(
        {}, title="Fixed fields", description="Values of custom fields that each new case is given, by number."
    )
    field_ids: dict[str, int] = Field(
        {},
        title="Fields of the intake",
        description="Numbers of the custom fields that take answers, by field; other answers go into the description.",
    )
    subject_limit: int = Field(
        150, ge=60, le=1000, title="Longest subject", description="Characters that a subject takes."
    )
    statuses: dict[str, CaseStatus] = Field(
        {}, title="Statuses", description="Meaning of statuses, where it is another one."
    )
    priorities: dict[str, Severity] = Field(
        {}, title="Priorities", description="Severity for priorities, where it is another one."
    )
    status_words: dict[CaseStatus, str] = Field(
        {}, title="Status to write", description="The status to write, by the hub's; closed is final at Zendesk."
    )
    severity_words: dict[Severity, str] = Field(
        {}, title="Priority to write", description="The priority to write, by severity."
    )
    machine_authors: tuple[str, ...] = Field(
        (), title="Machines", description="Numbers and names of users whose comments a machine wrote."
    )
    comments_of: Literal["every", "keyed"] = Field(
        "every",
        title="Comments of",
        description="Read comments and files of every changed case, or only of those that carry a key of ours.",
    )
    page_size: int = Field(
        100, ge=1, le=1000, title="Page size", description="Rows asked for at once; an end user gets at most 100."
    )
    find_pages: int = Field(
        5,
        ge=1,
        le=100,
        title="Pages looked through",
        description="Pages of the newest requests in which a key is looked for before the search is asked (enduser).",
    )
    overlap_seconds: int = Field(
        120, ge=1, le=86400, title="Overlap", description="Seconds read again behind the newest change."
    )
    history_from: datetime | None = Field(
        None, title="History from", description="Changes before this time are never read."
    )
    file_hosts: tuple[str, ...] = Field(
        ("*.zendesk.com", "*.zdusercontent.com"),
        title="Hosts of files",
        description="Hosts that files are fetched from without the login; patterns such as *.example.com.",
    )
    knowledge: Literal["articles", "none"] = Field(
        "articles", title="Articles from", description="The account's Help Center, or none."
    )
    kb_locale: str = Field(
        "en-us",
        pattern=r"^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$",
        title="Locale",
        description="Of the articles that are read.",
    )
    patch_labels: tuple[str, ...] = Field(
        ("release-notes",),
        title="Labels of patches",
        description="Articles with one of these labels tell of releases; empty: none do.",
    )
    version_pattern: str = Field(
        r"\d+(?:\.\d+){1,3}",
        title="Version",
        description="A regular expression that finds the version in the title of a release.",
    )
    articles_public: bool = Field(
        False,
        title="Articles may be shown to customers",
        description="True when the vendor allows it, of articles that everybody may see.",
    )
    sweep_days: int = Field(
        7,
        ge=1,
        le=365,
        title="Full reading",
        description="Days after which all articles are listed again, to see which are gone.",
    )
    webhook_secret: SecretStr | None = Field(
        None, title="Webhook's secret", description="The signing secret of the vendor's webhook."
    )
    webhook_secret_old: SecretStr | None = Field(
        None, title="Webhook's old secret", description="Taken too while the secret is being changed."
    )

    @property
    def is_agent(self) -> bool:
        """Whether tickets are spoken of, not requests."""
        return self.profile == "agent"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [name for name in _NEEDS[self.login] if not getattr(self, name)]
        if missing:
            raise ValueError(f"login {self.login} needs {' and '.join(missing)}")
        return self


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
