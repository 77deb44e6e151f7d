"""The settings of one account at a vendor that runs BMC Remedy or BMC Helix ITSM."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from hub.model import CaseStatus, Severity
from hub.platforms.settings import PlatformSettings


class BmcSettings(PlatformSettings):
    """One login at one AR System server."""

    concurrency: int = Field(
        1,
        ge=1,
        le=100,
        title="Concurrency",
        description="Requests in flight at once. AR System answers 9093 when one user calls twice at a time, "
        "so more than 1 needs a server that is known to allow it.",
    )
    base_url: str = Field(
        title="Address",
        pattern=r"^https?://[^/\s?#@]+(/[^\s?#]*)?$",
        description="Of the REST interface, such as https://remedy.example:8443; "
        "a trailing /api may be left in or out.",
    )
    ca_file: Path | None = Field(
        None, title="Private CA", description="A PEM file with the authority that signed the server's certificate."
    )
    username: str = Field(min_length=1, title="User", description="The login that belongs to the hub alone.")
    password: SecretStr = Field(title="Password", description="Of the user; an empty one is refused.")
    auth_string: SecretStr | None = Field(
        None, title="Authentication string", description="AR System's authString, where the server asks for one."
    )
    timeout_seconds: int = Field(
        60,
        ge=10,
        le=600,
        title="Deadline",
        description="Seconds for one call; the server is told to give up after three quarters of it.",
    )

    contact_first_name: str = Field(
        min_length=1, title="Contact's first name", description="Of the person in whose name cases are opened."
    )
    contact_last_name: str = Field(
        min_length=1, title="Contact's last name", description="Names and login must fit exactly one person."
    )
    contact_login: str = Field(
        "", title="Contact's login", description="Needed where several people have the contact's name."
    )
    company: str = Field(min_length=1, title="Company", description="The contact's company at the vendor.")
    assigned_company: str = Field(
        "", title="Support company", description="The vendor's company that takes the cases; empty: its own routing."
    )
    assigned_organization: str = Field(
        "", title="Support organization", description="The part of that company that takes the cases."
    )
    assigned_group: str = Field(
        "",
        title="Support group",
        description="The group that takes the cases; news is read of its cases and of those with a key. "
        "Empty: of all cases that the user may see.",
    )
    service_type: str = Field(
        "User Service Restoration", title="Service type", description="For cases whose intake does not say."
    )
    reported_source: str = Field(
        "External Escalation", title="Reported source", description="For cases whose intake does not say."
    )
    open_status: str = Field(
        "Assigned", min_length=1, title="Status of new cases", description="The label that a new case is given."
    )

    correlation: Literal["vendor_ticket_number", "mc_ueid", "description"] = Field(
        "vendor_ticket_number",
        title="Where the key goes",
        description="The field that carries the bond's key and finds a case again. Whether the first two "
        "survive the vendor's workflow differs; description puts the key in brackets behind the title.",
    )
    summary_limit: int = Field(
        100,
        ge=40,
        le=254,
        title="Longest summary",
        description="Characters of the Description field; a longer title leads the details in full.",
    )
    note_summary: str = Field(
        "RjR {key}",
        title="Summary of notes",
        description="Of each note that we write; {key} carries the operation's key, and stands in it once.",
    )
    note_type: str = Field("General Information", title="Work log type", description="Of the notes that we write.")

    statuses: dict[str, CaseStatus] = Field(
        {}, title="Status words", description="Meaning of status labels of the vendor's own, by label."
    )
    pending_reasons: dict[str, CaseStatus] = Field(
        {}, title="Pending words", description="Meaning of Status_Reason while a case is Pending, by label."
    )
    priorities: dict[str, Severity] = Field(
        {}, title="Priority words", description="Severity for priority labels of the vendor's own, by label."
    )
    status_words: dict[CaseStatus, tuple[str, str]] = Field(
        {}, title="Status to write", description="Status label and Status_Reason to write, by the hub's status."
    )
    severity_words: dict[Severity, tuple[str, str]] = Field(
        {}, title="Severity to write", description="Impact and Urgency labels to write, by severity."
    )

    page_size: int = Field(
        100, ge=1, le=1000, title="Page size", description="Rows asked for at once; the server may give fewer."
    )
    overlap_seconds: int = Field(
        120,
        ge=1,
        le=86400,
        title="Overlap",
        description="Seconds that are read again behind the newest change; at least two poll intervals.",
    )
    history_from: datetime | None = Field(
        None, title="History from", description="Changes before this time are never read; empty reads them all."
    )
    articles_public: bool = Field(
        False,
        title="Articles may be shown to customers",
        description="True when the vendor allows its published articles to be passed on.",
    )
    patch_field: str = Field(
        "",
        pattern=r"^([A-Za-z0-9_ ]{1,80})?$",
        title="Patch field",
        description="Name or id of the article field that marks patch notices; empty: there are none.",
    )
    patch_text: str = Field(
        "", title="Patch text", description="What that field contains when the article is a patch notice."
    )

    @field_validator("base_url")
    @classmethod
    def _without_api(cls, value: str) -> str:
        return value.rstrip("/").removesuffix("/api")

    @field_validator("password")
    @classmethod
    def _not_blank(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value():
            raise ValueError("password is empty; some servers would let that in unchecked, so set one")
        return value

    @field_validator("note_summary")
    @classmethod
    def _carries_key(cls, value: str) -> str:
        once = value.count("{key}") == 1
        if not once or not value.replace("{key}", "").strip() or len(value) > 40:
            raise ValueError("note_summary needs {key} once, a word beside it, and at most 40 characters")
        return value

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if bool(self.patch_field) != bool(self.patch_text):
            raise ValueError("patch_field and patch_text belong together; set both or none")
        return self

    @property
    def key_field(self) -> str:
        """The form field that carries the bond's key."""
        fields = {"vendor_ticket_number": "Vendor Ticket Number", "mc_ueid": "mc_ueid", "description": "Description"}
        return fields[self.correlation]
