"""The settings of one account at a vendor whose knowledge base is kept in Document360."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, SecretStr

from hub.platforms.settings import PlatformSettings


class Settings(PlatformSettings):
    """One token for one project."""

    platform: Literal["documentation"] = Field(
        "documentation", title="Platform", description="The knowledge base; it has no cases."
    )
    base_url: str = Field(
        "https://apihub.document360.io",
        pattern=r"^https?://[^/\s?#@]+/?$",
        title="Address",
        description="Of the API, by data centre; another for private hosting.",
    )
    api_token: SecretStr = Field(title="Token", description="From the owner of the project, for GET.")
    timeout_seconds: int = Field(60, ge=10, le=600, title="Deadline", description="Seconds for one call.")
    ca_file: Path | None = Field(
        None, title="Private CA", description="A PEM file with the authority of the server's certificate."
    )
    languages: tuple[str, ...] = Field(
        ("en",), min_length=1, title="Languages", description="Codes of the languages that are read."
    )
    workspaces: tuple[str, ...] = Field(
        (),
        title="Workspaces",
        description="Names of those that are read; empty reads all that are public and not deprecated.",
    )
    page_size: int = Field(
        50, ge=1, le=500, title="Page size", description="Bodies that are fetched for one page of news."
    )
    articles_public: bool = Field(
        False, title="Articles may be shown to customers", description="True when the vendor allows it."
    )
    patch_pattern: str = Field(
        r"release[ -]notes|\bSR ?\d|hotfix",
        title="Patches are",
        description="A regular expression over title and slug that picks the articles which tell of a release.",
    )
    version_pattern: str = Field(
        r"\d+\.\d+(?:\.\d+)*(?: ?SR\d+)?(?: ?HF\d+)?",
        title="Version",
        description="A regular expression that finds the version in the title of a release.",
    )


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
