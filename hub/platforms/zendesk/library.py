"""The hooks for articles and patches of a Help Center."""

from __future__ import annotations

from hub.hookspecs import Hooks, hookimpl
from hub.model import AnyAccount, Article, Cursor, Page, Patch
from hub.platforms.releases import patches, release
from hub.platforms.zendesk import articles, mirror
from hub.platforms.zendesk.settings import Own


class Library(Hooks[Own]):
    """Articles, and patches: the articles with a label that the settings name."""

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of new and changed articles, then of withdrawn ones."""
        return await mirror.changed_articles(account, cursor, patches=False)

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """The same for articles that announce releases."""
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
