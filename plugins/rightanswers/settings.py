"""The settings of an account at a RightAnswers tenant."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from hub.model import AccountSettings


class KnowledgeSettings(AccountSettings):
    """One user at one tenant's knowledge."""

    platform: Literal["knowledge"] = Field(
        "knowledge", title="Platform", description="The tenant's knowledge; it has no cases."
    )
    base_url: str = Field(
        title="Address",
        pattern=r"^https?://[^/\s?#@]+(/[^\s?#]*)?$",
        description="Of the tenant's portal, such as https://tenant.rightanswers.com/portal.",
    )
    ca_file: Path | None = Field(
        None, title="Private CA", description="A PEM file with the authority of the server's certificate."
    )
    company_code: str = Field(min_length=1, title="Company code", description="Of the tenant, usually its name.")
    app_interface: Literal["sa", "ss", "admin"] = Field(
        "sa", title="Interface", description="sa sees what agents see, ss what self-service shows."
    )
    username: str = Field(min_length=1, title="User", description="Of the tenant, with web services.")
    password: SecretStr = Field(title="Password", description="Of the user.")
    login: Literal["jwt", "basic"] = Field(
        "jwt", title="Login", description="A token that is renewed, or user and password on each call."
    )
    timeout_seconds: int = Field(30, ge=5, le=600, title="Deadline", description="Seconds for one call.")
    languages: tuple[str, ...] = Field(
        ("English",), min_length=1, title="Languages", description="Names as the tenant has them, such as French."
    )
    collections: tuple[str, ...] = Field(
        (), title="Collections", description="Codes of the collections that are read; empty reads all."
    )
    alert_template: str = Field(
        "", title="Alert template", description="The template of product alerts, which are told with the label alert."
    )
    whole_hits: bool = Field(
        False, title="Whole hits", description="True when this tenant's searches can bring whole solutions."
    )
    full_days: int = Field(
        7, ge=1, le=365, title="Full reading", description="Days after which all is read again, to see what is gone."
    )
    history_from: date | None = Field(
        None, title="History from", description="Solutions that changed before this day are not read."
    )
    articles_public: bool = Field(
        False, title="Articles may be shown to customers", description="True when the vendor allows it."
    )
    new_template: str = Field("Problem", title="Template", description="Of the articles that we offer.")
    new_collection: str = Field("", title="Collection", description="Of the articles that we offer.")
    new_status: Literal["noapproved", "draft", "review"] = Field(
        "noapproved", title="Status of offers", description="Offers are never approved by us."
    )

    @field_validator("base_url")
    @classmethod
    def _plain(cls, value: str) -> str:
        return value.rstrip("/").removesuffix("/api/rest")
