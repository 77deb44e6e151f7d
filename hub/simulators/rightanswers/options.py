"""How a simulated tenant is set up, and the solutions that it starts with."""

from __future__ import annotations

import msgspec

from hub.simulators.kit import CommonOptions


class Solution(msgspec.Struct, frozen=True, kw_only=True):
    """A solution of the initial content."""

    title: str
    fields: tuple[tuple[str, str], ...]
    """Names and HTML, in the template's order."""
    summary: str = ""
    template: str = "Problem"
    language: str = "English"
    collection: str = "custom_SS"
    status: str = "Published"
    keywords: str = ""
    age_seconds: int = 0


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant, its users and its knowledge."""

    company: str = "rjr"
    users: dict[str, str] = msgspec.field(default_factory=lambda: {"rjr_hub": "s3cret"})
    collections: tuple[tuple[str, str], ...] = (("custom_SS", "Self Service"), ("custom_AG", "Agents"))
    templates: tuple[str, ...] = ("Problem", "How To", "Alert")
    solutions: tuple[Solution, ...] = ()


class Options(CommonOptions, frozen=True, kw_only=True):
    """The settings that differ between tenants."""

    token_seconds: int = 900
    licensed: bool = True
    bare_token: bool = False
    """Answer a login with the token alone, as older builds do."""
    lag_seconds: float = 0.0
    """A new solution answers 404 for so long."""
    verbose: bool = True
    """Whether a search can bring whole solutions."""
    may_write: bool = True
