"""The hooks of a Help Center: what has changed, what fits a search, one article whole."""

from __future__ import annotations

from hub.errors import CaseMissing
from hub.hookspecs import Hooks, hookimpl
from hub.model import AnyAccount, Article, Cursor, Page, Patch
from hub.platforms.releases import patch
from hub.platforms.zendesk import articles, mirror
from hub.platforms.zendesk.settings import Own


class Library(Hooks[Own]):
    """Articles and patches: the latter are the articles with a label that the settings name."""

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of new and changed articles, then those that are gone."""
        return await mirror.changed(account, cursor, patches=False)

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """The same of the articles that tell of releases."""
        page = await mirror.changed(account, cursor, patches=True)
        return Page(
            items=tuple(patch(one, account.settings.version_pattern) for one in page.items),
            cursor=page.cursor,
            more=page.more,
            quarantined=page.quarantined,
        )

    @hookimpl
    async def hub_search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """What the account itself finds, its first page."""
        return await articles.search(account, query)

    @hookimpl
    async def hub_read_article(self, account: AnyAccount, reference: str) -> Article:
        """One published article whole; raises CaseMissing."""
        row = await articles.read(account, reference)
        if row is None:
            raise CaseMissing("there is no such published article", account=account.name)
        return articles.article(row, account.settings)
