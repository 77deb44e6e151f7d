"""The tenant's knowledge as the part of the plugin that answers the hooks of articles."""

from __future__ import annotations

from html import escape
from typing import Any

from hub import Hooks, hookimpl
from hub.errors import VendorError
from hub.http import BasicAuth, Connection
from hub.model import Article, ArticleDraft, Cursor, Feedback, Finding, Page
from hub.platforms import texts
from hub.platforms.items import read_each, reference

from . import reading
from .client import Tenant, explain, get, made_id, part, post
from .login import TenantLogin
from .mapping import LANGUAGES, article
from .settings import KnowledgeSettings


class Library(Hooks[KnowledgeSettings]):
    """Articles of one tenant: read, searched, rated, and offered."""

    @hookimpl
    def hub_settings(self, platform: str) -> type[KnowledgeSettings]:
        """The tenant's settings."""
        return KnowledgeSettings

    @hookimpl
    def hub_connect(self, settings: KnowledgeSettings) -> Connection:
        """The tenant's address and login."""
        basic = BasicAuth(settings.username, settings.password)
        return Connection(
            base_url=settings.base_url,
            auth=basic if settings.login == "basic" else TenantLogin(settings),
            explain=explain,
            deadline=float(settings.timeout_seconds),
            ca_file=settings.ca_file,
        )

    @hookimpl
    async def hub_check_account(self, account: Tenant) -> tuple[Finding, ...]:
        """Login and licence, the collections that are read, the template of offers."""
        settings = account.settings
        try:
            codes = {one.get("code") for one in await get(account, "collections") if isinstance(one, dict)}
            told = await get(account, "templates")
        except VendorError as error:
            return (Finding(name="login", ok=False, message=error.message, next_step=error.next_step),)
        missing = ", ".join(sorted(set(settings.collections) - {str(code) for code in codes}))
        names = {str(one.get("name", "")) if isinstance(one, dict) else str(one) for one in told.get("templates", ())}
        known = settings.new_template in names
        return (
            Finding(name="login", ok=True, message="logged in, and licensed for web services"),
            Finding(
                name="collections",
                ok=not missing,
                next_step="correct collections" if missing else "",
                message=f"not known there: {missing}" if missing else "the collections that are read are there",
            ),
            Finding(
                name="template",
                ok=known,
                next_step="" if known else "set new_template to one that the tenant has",
                message=f"the template of offers is {'' if known else 'not '}known there",
            ),
        )

    @hookimpl
    async def hub_changed_articles(self, account: Tenant, cursor: Cursor) -> Page[Article]:
        """One page of solutions that are new or changed, or gone."""
        return await reading.changed(account, cursor)

    @hookimpl
    async def hub_search_articles(self, account: Tenant, query: str) -> tuple[Article, ...]:
        """The first ten of the tenant's own search, in each language that is read; not counted in its statistics."""
        words = " ".join(query.replace("\0", " ").split())
        found: list[Article] = []
        for language in account.settings.languages if words else ():
            told = await get(
                account,
                "search",
                queryText=words,
                searchType="Hybrid",
                page=1,
                language=language,
                loggingEnabled="false",
                verboseResult="false",
                status="published",
                collections=";".join(account.settings.collections),
            )
            hits = told.get("solutions") if isinstance(told, dict) else None
            read = await read_each(
                hits or (), lambda hit: self._read_hit(account, hit), lambda hit: reference(hit, "id")
            )
            found += read.items
        return tuple(one for one in found if not one.withdrawn)

    @hookimpl
    async def hub_read_article(self, account: Tenant, reference: str) -> Article:
        """One solution whole; raises CaseMissing."""
        return await self._read(account, reference)

    @hookimpl
    async def hub_rate_article(self, account: Tenant, reference: str, feedback: Feedback) -> None:
        """Count a solution as solved, and comment on it where there is something to say."""
        if feedback.solved:
            await post(account, f"log/solution/{part(reference)}", action="SOLVED")
        if feedback.comment or not feedback.solved:
            form = {
                "comments": feedback.comment or "It did not solve the problem.",
                "commentTitle": "Feedback",
                "parentID": "0",
                "hiddenFromSS": "false" if feedback.public else "true",
            }
            await post(account, f"comments/{part(reference)}", form=form)

    @hookimpl
    async def hub_submit_article(self, account: Tenant, draft: ArticleDraft) -> Article:
        """Offer a solution, marked with the ticket's key; one that was offered before is given back, never changed."""
        settings = account.settings
        language = LANGUAGES.get(draft.language[:2].lower(), settings.languages[0])
        if known := await self._offered(account, draft.key, language):
            return known
        fields = [("Problem", draft.problem), ("Resolution", draft.solution), ("Product", draft.product)]
        body = [{"fieldName": name, "fieldValue": f"<p>{escape(value)}</p>"} for name, value in fields if value]
        reply = await post(
            account,
            "manageSolution",
            json=body,
            title=draft.title,
            summary=draft.problem[:200],
            language=language,
            templateName=settings.new_template,
            status=settings.new_status,
            keywords=draft.key,
            collections=settings.new_collection,
        )
        return Article(
            reference=made_id(reply),
            title=draft.title,
            body="\n".join(one["fieldValue"] for one in body),
            changed_at=reading.dated(reply),
            language=language,
        )

    async def _read(self, account: Tenant, reference: str) -> Article:
        told = await get(account, f"solution/{part(reference)}", loggingEnabled="false")
        return article(told, account.settings)

    async def _read_hit(self, account: Tenant, hit: Any) -> Article:
        return await self._read(account, str(texts.record(hit).get("id", "")))

    async def _offered(self, account: Tenant, key: str, language: str) -> Article | None:
        """The solution that carries the ticket's key, whatever its status; the search may lag some seconds."""
        told: Any = await get(
            account,
            "search",
            queryText=key,
            searchType="Keyword",
            page=1,
            language=language,
            statuses="all",
            loggingEnabled="false",
        )
        for hit in (told.get("solutions") if isinstance(told, dict) else None) or ():
            if str(hit.get("keywords", "")) == key:
                found = await self._read(account, str(hit.get("id", "")))
                return found.evolve(title=found.title or str(hit.get("title", "")))
        return None
