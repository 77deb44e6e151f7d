"""How a simulated project is set up, and the data that it starts with."""

from __future__ import annotations

import msgspec

from hub.simulators.kit import CommonOptions


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace, which the interface calls a project version."""

    name: str
    languages: tuple[str, ...] = ("en",)
    public: bool = True
    deprecated: bool = False
    kind: int = 0
    """0 is a knowledge base, 1 an API reference."""


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An article of the initial content."""

    title: str
    html: str
    slug: str = ""
    workspace: int = 0
    language: str = "en"
    status: int = 3
    """0 is a draft, 3 published."""
    hidden: bool = False
    age_seconds: int = 0


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """The project's content before the first call."""

    token: str = "d360-test-token"
    workspaces: tuple[Workspace, ...] = (Workspace(name="v1"),)
    articles: tuple[Article, ...] = ()


class Options(CommonOptions, frozen=True, kw_only=True):
    """The settings that differ between plans."""

    calls_per_minute: int = 0
    """0: no limit. Beyond it the answer is 429."""
