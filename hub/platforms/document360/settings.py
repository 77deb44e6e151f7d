"""The settings of one account at a vendor whose knowledge base is kept in Document360."""

from __future__ import annotations

from typing import Literal, TypeVar

from pydantic import Field, SecretStr

from hub.platforms.settings import HOST_URL, ArticlesPublic, CaFile, PlatformSettings, Timeout, VersionPattern


class Settings(PlatformSettings):
    """One token for one project."""

    platform: Literal["documentation"] = Field(
        "documentation", title="Platform", description="The knowledge base; it has no cases."
    )
    base_url: str = Field(
        "https://apihub.document360.io",
        pattern=HOST_URL,
        title="Address",
        description="Address of the API; it depends on the data centre, and differs for private hosting.",
    )
    api_token: SecretStr = Field(title="Token", description="Token for GET, from the owner of the project.")
    timeout_seconds: Timeout = 60
    ca_file: CaFile = None
    languages: tuple[str, ...] = Field(
        ("en",), min_length=1, title="Languages", description="Codes of the languages to read."
    )
    workspaces: tuple[str, ...] = Field(
        (),
        title="Workspaces",
        description="Names of the workspaces to read. Empty: all that are public and not deprecated.",
    )
    page_size: int = Field(50, ge=1, le=500, title="Page size", description="Articles per page.")
    articles_public: ArticlesPublic = Field(False, description="True if the vendor allows it.")
    patch_pattern: str = Field(
        r"release[ -]notes|\bSR ?\d|hotfix",
        title="Patches",
        description="Regular expression for title and slug of articles that announce a release.",
    )
    version_pattern: VersionPattern = r"\d+\.\d+(?:\.\d+)*(?: ?SR\d+)?(?: ?HF\d+)?"


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
