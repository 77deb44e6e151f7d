"""The settings of one account at a vendor whose help desk is Freshdesk."""

from __future__ import annotations

from typing import Literal, TypeVar

from pydantic import ConfigDict, Field, SecretStr

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


class Settings(PlatformSettings):
    """One agent's API key for one Freshdesk account."""

    model_config = ConfigDict(hide_input_in_errors=True)

    base_url: str = Field(
        title="Address",
        pattern=API_URL,
        description="Address of the API, such as https://acme.freshdesk.com/api/v2. A portal's own host has no API.",
    )
    ca_file: CaFile = None
    timeout_seconds: Timeout = 60
    api_key: SecretStr = Field(title="API key", description="An agent's key; it is valid until the agent resets it.")
    requester_email: str = Field("", title="Our contact", description="E-mail address of the requester of new tickets.")
    requester_id: int | None = Field(
        None, title="Our contact's id", description="The requester's number, instead of the address."
    )
    external_id_field: str = Field(
        "cf_rjr_ticket_id",
        pattern=r"^(cf_[a-z0-9_]+)?$",
        title="Key field",
        description="Custom text field for our key. Empty: the key is at the start of the subject.",
    )
    custom_fields: dict[str, str] = Field(
        {}, title="Fixed fields", description="Custom fields that every new ticket gets, by API name."
    )
    ticket_type: str = Field(
        "", title="Type", description="Type of new tickets if the intake does not give one. Empty: none."
    )
    tags: tuple[str, ...] = Field(("rjr",), title="Tags", description="Tags that every new ticket gets.")
    group_id: int | None = Field(None, title="Group", description="Number of the group that gets new tickets.")
    product_id: int | None = Field(None, title="Product", description="Number of the product of new tickets.")
    source: int = Field(2, ge=1, title="Source", description="Source of new tickets; 2 is the portal.")
    public_as: Literal["note", "reply"] = Field(
        "note",
        title="Public comments as",
        description="note: public notes. reply: replies, which Freshdesk e-mails to the requester.",
    )
    closed_is_final: bool = Field(
        False, title="Closed is final", description="True if the vendor does not allow changes to closed tickets."
    )
    statuses: dict[str, CaseStatus] = Field(
        {}, title="Statuses", description="Meaning of the vendor's own statuses, by number or agents' label."
    )
    priorities: dict[str, Severity] = Field(
        {}, title="Priorities", description="Severity of the vendor's own priorities, by number."
    )
    status_words: dict[CaseStatus, str] = Field(
        {}, title="Status to write", description="Number or label to write for each status."
    )
    severity_words: SeverityWords = Field({}, description="Number to write for each severity.")
    machine_authors: tuple[str, ...] = Field(
        (), title="Machines", description="User numbers and addresses of machines that write comments."
    )
    comments_of: CommentsOf = "every"
    page_size: int = Field(100, ge=1, le=100, title="Page size", description="Records per request.")
    find_pages: int = Field(
        5,
        ge=1,
        le=300,
        title="Pages searched",
        description="Pages of the newest tickets to look for a key in, before the search is used.",
    )
    overlap_seconds: Overlap = 120
    history_from: HistoryFrom = None
    file_hosts: tuple[str, ...] = Field(
        ("*.amazonaws.com", "*.freshdesk.com"),
        title="File hosts",
        description="Hosts to download files from, without the key; patterns such as *.example.com are allowed.",
    )
    knowledge: Literal["solutions", "none"] = Field(
        "solutions", title="Articles from", description="solutions: the account's solutions. none: no articles."
    )
    kb_language: str = Field("en", title="Language", description="Language of the solutions.")
    article_address: str = Field(
        "",
        title="Article address",
        description="Where people read an article; {id} stands for its number. Empty: the account's own portal.",
    )
    articles_public: ArticlesPublic = False
    patch_folders: tuple[str, ...] = Field(
        (), title="Patch folders", description="Names of the folders whose articles announce releases."
    )
    version_pattern: VersionPattern = r"\d+\.\d+(?:\.\d+)*(?: ?SR\d+)?(?: ?HF\d+)?"
    webhook_secret: WebhookSecret = Field(None, description="Last part of the address that the vendor's webhook calls.")
    webhook_secret_old: OldWebhookSecret = None
    webhook_user: str = Field("", title="Webhook user", description="User that the webhook must send with a password.")
    webhook_password: SecretStr | None = Field(
        None, title="Webhook password", description="Password that the webhook must send. Empty: not required."
    )


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
