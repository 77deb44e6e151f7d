"""The settings of one account at a vendor whose help desk is Freshdesk."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ConfigDict, Field, SecretStr

from hub.model import CaseStatus, Severity
from hub.platforms.settings import PlatformSettings


class Settings(PlatformSettings):
    """One agent's key at one Freshdesk account."""

    model_config = ConfigDict(hide_input_in_errors=True)

    base_url: str = Field(
        title="Address",
        pattern=r"^https?://[^/\s?#@]+(?:/[^\s?#@]*)?$",
        description="Of the API, such as https://acme.freshdesk.com/api/v2; a portal's own host does not serve it.",
    )
    ca_file: Path | None = Field(
        None, title="Private CA", description="A PEM file with the authority of the server's certificate."
    )
    timeout_seconds: int = Field(60, ge=10, le=600, title="Deadline", description="Seconds for one call.")
    api_key: SecretStr = Field(title="API key", description="An agent's key; it ends when the agent resets it.")
    requester_email: str = Field(
        "", title="Our contact", description="The e-mail address of the requester that new tickets are given."
    )
    requester_id: int | None = Field(
        None, title="Our contact's id", description="Instead of the address; the requester's number."
    )
    external_id_field: str = Field(
        "cf_rjr_ticket_id",
        pattern=r"^(cf_[a-z0-9_]+)?$",
        title="Field of the key",
        description="The custom text field that carries our key; empty puts the key at the head of the subject.",
    )
    custom_fields: dict[str, str] = Field(
        {}, title="Fixed fields", description="Custom fields that each new ticket is given, by their API names."
    )
    ticket_type: str = Field("", title="Type", description="Of new tickets whose intake does not say; empty: none.")
    tags: tuple[str, ...] = Field(("rjr",), title="Tags", description="That each new ticket is given.")
    group_id: int | None = Field(None, title="Group", description="The number of the group that gets new tickets.")
    product_id: int | None = Field(None, title="Product", description="The number of the product of new tickets.")
    source: int = Field(2, ge=1, title="Source", description="Of new tickets: 2 is the portal.")
    public_as: Literal["note", "reply"] = Field(
        "note", title="Public comments are", description="Public notes, or replies, which are mailed to the requester."
    )
    closed_is_final: bool = Field(
        False, title="Closed is final", description="True where the vendor lets nobody change a closed ticket."
    )
    statuses: dict[str, CaseStatus] = Field(
        {}, title="Statuses", description="Meaning of the vendor's own statuses, by number or agents' label."
    )
    priorities: dict[str, Severity] = Field({}, title="Priorities", description="Severity for priorities, by number.")
    status_words: dict[CaseStatus, str] = Field(
        {}, title="Status to write", description="The number or label to write, by the hub's status."
    )
    severity_words: dict[Severity, str] = Field(
        {}, title="Priority to write", description="The number to write, by severity."
    )
    machine_authors: tuple[str, ...] = Field(
        (), title="Machines", description="User numbers and addresses whose comments a machine wrote."
    )
    comments_of: Literal["every", "keyed"] = Field(
        "every",
        title="Comments of",
        description="Read comments and files of every changed ticket, or only of those that carry a key of ours.",
    )
    page_size: int = Field(100, ge=1, le=100, title="Page size", description="Rows asked for at once.")
    find_pages: int = Field(
        5,
        ge=1,
        le=300,
        title="Pages looked through",
        description="Pages of the newest tickets in which a key is looked for before the search is asked.",
    )
    overlap_seconds: int = Field(
        120, ge=1, le=86400, title="Overlap", description="Seconds read again behind the newest change."
    )
    history_from: datetime | None = Field(
        None, title="History from", description="Changes before this time are never read."
    )
    file_hosts: tuple[str, ...] = Field(
        ("*.amazonaws.com", "*.freshdesk.com"),
        title="Hosts of files",
        description="Hosts that files are fetched from without the key; patterns such as *.example.com.",
    )
    knowledge: Literal["solutions", "none"] = Field(
        "solutions", title="Articles from", description="The account's solutions, or none."
    )
    kb_language: str = Field("en", title="Language", description="The language of the solutions.")
    article_address: str = Field(
        "",
        title="Article's address",
        description="Where people read one; {id} stands for its number. Empty: the account's own portal.",
    )
    articles_public: bool = Field(
        False,
        title="Articles may be shown to customers",
        description="True when the vendor allows it, of folders that everybody may see.",
    )
    patch_folders: tuple[str, ...] = Field(
        (), title="Folders of patches", description="Names of the folders whose articles tell of releases."
    )
    version_pattern: str = Field(
        r"\d+\.\d+(?:\.\d+)*(?: ?SR\d+)?(?: ?HF\d+)?",
        title="Version",
        description="A regular expression that finds the version in the title of a release.",
    )
    webhook_secret: SecretStr | None = Field(
        None, title="Webhook's secret", description="The last part of the address that the vendor's webhook calls."
    )
    webhook_secret_old: SecretStr | None = Field(
        None, title="Webhook's old secret", description="Taken too while the secret is being changed."
    )
    webhook_user: str = Field("", title="Webhook's user", description="Sent by the webhook; empty: not asked for.")
    webhook_password: SecretStr | None = Field(
        None, title="Webhook's password", description="Sent by the webhook with its user."
    )


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
