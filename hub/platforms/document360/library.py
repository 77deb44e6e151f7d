"""The hooks for articles and patches of a knowledge base."""

from __future__ import annotations

import re

from hub.errors import CaseMissing
from hub.hookspecs import Hooks, hookimpl
from hub.http import Connection, HeaderAuth
from hub.model import AnyAccount, Article, Cursor, Finding, Page, Patch
from hub.platforms.document360 import articles, check, faults, mirror
from hub.platforms.document360.settings import Own, Settings
from hub.platforms.releases import patches

MAX_LIST = 64 * 1024 * 1024  # bytes; a list has no pages


class Library(Hooks[Own]):
    """Articles, and patches: the articles whose title or slug matches patch_pattern."""

    def __init__(self, settings: type[Own]) -> None:
        self._model = settings

    @hookimpl
    def hub_settings(self, platform: str) -> type[Own]:
        """The settings of an account."""
        return self._model

    @hookimpl
    def hub_connect(self, settings: Settings) -> Connection:
        """How to reach the API."""
        return Connection(
            base_url=settings.base_url,
            auth=HeaderAuth("api_token", settings.api_token),
            explain=faults.explain,
            deadline=float(settings.timeout_seconds),
            ca_file=settings.ca_file,
            max_reply=MAX_LIST,
        )

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether the token is valid, and its workspaces and languages can be read."""
        return await check.check_account(account)

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of new and changed articles, then of withdrawn ones."""
        return await mirror.changed_articles(account, cursor, None)

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """The same for articles that announce a release."""
        settings: Settings = account.settings
        page = await mirror.changed_articles(account, cursor, re.compile(settings.patch_pattern, re.IGNORECASE))
        return patches(page, lambda article: articles.patch_from(article, settings))

    @hookimpl
    async def hub_search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """What the knowledge base's own search finds, 20 at most for each workspace and language."""
        return await articles.search(account, query)

    @hookimpl
    async def hub_read_article(self, account: AnyAccount, reference: str) -> Article:
        """The published version of an article; raises CaseMissing."""
        ident, colon, language = reference.partition(":")
        if not colon or not ident or not language:
            raise CaseMissing("the reference of an article is its id, a colon and its language", account=account.name)
        found = await articles.read(account, ident, language)
        if found is None:
            raise CaseMissing("there is no published article with this reference", account=account.name)
        return found[0]
