"""The hooks of a knowledge base: what has changed, what fits a search, one article whole."""

from __future__ import annotations

import re

from hub.errors import CaseMissing, VendorError
from hub.hookspecs import Hooks, hookimpl
from hub.http import Connection, HeaderAuth
from hub.model import AnyAccount, Article, Cursor, Finding, Page, Patch
from hub.platforms.document360 import articles, mirror
from hub.platforms.document360.settings import Own, Settings

MOST = 64 * 1024 * 1024  # bytes of a list: it has no pages


class Library(Hooks[Own]):
    """The hooks of a knowledge base."""

    def __init__(self, settings: type[Own]) -> None:
        self._model = settings

    @hookimpl
    def hub_settings(self, platform: str) -> type[Own]:
        """The settings of an account."""
        return self._model

    @hookimpl
    def hub_connect(self, settings: Settings) -> Connection:
        """How the API is spoken to."""
        return Connection(
            base_url=settings.base_url,
            auth=HeaderAuth("api_token", settings.api_token),
            explain=articles.explain,
            deadline=float(settings.timeout_seconds),
            ca_file=settings.ca_file,
            max_reply=MOST,
        )

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether the token is good, and the workspaces and languages are there."""
        try:
            spaces = await articles.workspaces(account)
            rows, _, _ = await articles.listed(account)
        except VendorError as error:
            return (Finding(name="knowledge", ok=False, message=error.message, next_step=error.next_step),)
        found = ", ".join(name for _, name in spaces) or "none"
        return (
            Finding(
                name="workspaces",
                ok=bool(spaces),
                message=f"workspaces that are read: {found}",
                next_step="" if spaces else "set workspaces to names that the project has",
            ),
            Finding(name="articles", ok=True, message=f"{len(rows)} published articles can be read"),
        )

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of new and changed articles, then those that are gone."""
        return await mirror.changed(account, cursor, None)

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """The same of the articles that tell of a release."""
        settings: Settings = account.settings
        page = await mirror.changed(account, cursor, re.compile(settings.patch_pattern, re.IGNORECASE))
        return Page(
            items=tuple(articles.patch(one, settings) for one in page.items),
            cursor=page.cursor,
            more=page.more,
            quarantined=page.quarantined,
        )

    @hookimpl
    async def hub_search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """What the knowledge base itself finds, at most 20 a workspace and language."""
        return await articles.search(account, query)

    @hookimpl
    async def hub_read_article(self, account: AnyAccount, reference: str) -> Article:
        """The published version of an article; raises CaseMissing."""
        ident, colon, language = reference.partition(":")
        if not colon or not ident or not language:
            raise CaseMissing("an article's reference is its id, a colon and its language", account=account.name)
        found = await articles.read(account, ident, language)
        if found is None:
            raise CaseMissing("there is no such published article", account=account.name)
        return found[0]
