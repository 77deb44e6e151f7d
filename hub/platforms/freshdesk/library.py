"""The hooks for articles and patches of an account's solutions."""

from __future__ import annotations

from hub.hookspecs import Hooks, hookimpl
from hub.model import AnyAccount, Article, Cursor, Page, Patch
from hub.platforms.freshdesk import articles, mirror
from hub.platforms.freshdesk.settings import Own
from hub.platforms.releases import patches, release


class Library(Hooks[Own]):
    """Articles, and patches: the articles of the folders that the settings name."""

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of new and changed articles, then of withdrawn ones."""
        return await mirror.changed_articles(account, cursor, patches=False)

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """The same for the folders of patches."""
        page = await mirror.changed_articles(account, cursor, patches=True)
        return patches(page, lambda article: release(article, account.settings.version_pattern))

    @hookimpl
    async def hub_search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """The first page of what the account's own search finds."""
        return await articles.search(account, query)

    @hookimpl
    async def hub_read_article(self, account: AnyAccount, reference: str) -> Article:
        """One published article; raises CaseMissing."""
        return await articles.read(account, reference)
