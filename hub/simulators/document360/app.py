"""The interface over HTTP: token, envelope, lists without pages, versions, and a search that counts from zero."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from hub.simulators.document360 import drift
from hub.simulators.document360.options import Options, Seeds
from hub.simulators.document360.replies import refusal, success
from hub.simulators.document360.state import Editor, State, StoredArticle
from hub.simulators.kit import BaseSimulator, Call, Reply


class Document360(BaseSimulator[Options, Seeds]):
    """One simulated project in memory; tests may use `state`, `ledger`, `faults`, `clock` and `editor`."""

    options_type, seeds_type = Options, Seeds
    own_faults = drift

    def _start(self) -> None:
        self.state = State(self.seeds, self.clock, self.ledger)
        self.staff = self.editor = Editor(self.state)
        self._minute, self._calls = 0, 0

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit it at its address."""
        languages = dict.fromkeys(language for space in self.seeds.workspaces for language in space.languages)
        return {"base_url": url, "api_token": self.seeds.token, "languages": tuple(languages)}

    def classify(self, call: Call) -> None:
        """Name the operation; all calls with a token count as one user's."""
        call.user = "token"
        match call.parts:
            case ["v2", "Articles", _, _]:
                call.operation = "article"
            case ["v2", "ProjectVersions", _, _] | ["v2", "ProjectVersions"] | ["v2", "Language", _]:
                call.operation = "articles"

    def admit(self, call: Call) -> Reply | None:
        """Refuse calls beyond the limit per minute."""
        minute = int(self.clock.now()) // 60
        self._calls = self._calls + 1 if minute == self._minute else 1
        self._minute = minute
        if self.options.calls_per_minute and self._calls > self.options.calls_per_minute:
            return Reply.json({"message": "Too many requests"}, 429, Retry_After="20")
        return None

    def answer(self, call: Call) -> Reply:
        """Carry out the call."""
        if call.headers.get("api_token") != self.seeds.token:
            return Reply.json({"message": "Unauthorized"}, 401)
        if call.method != "GET":
            return Reply.json({"message": "Method not allowed"}, 405)
        match call.parts:
            case ["v2", "ProjectVersions"]:
                return success([self.state.workspace(ident) for ident in self.state.workspaces])
            case ["v2", "ProjectVersions", space, "articles"]:
                return self._list(space, call.query.get("langCode", ""))
            case ["v2", "ProjectVersions", space, language]:
                return self._search(space, language, call.query)
            case ["v2", "Language", space]:
                return self._languages(space)
            case ["v2", "Articles", ident, language]:
                return self._article(ident, language, call.query)
        return Reply.json({"message": "No such resource"}, 404)

    def _list(self, space: str, language: str) -> Reply:
        workspace = self.state.workspaces.get(space)
        if workspace is None:
            return refusal("The project version was not found", "PROJECT_VERSION_NOT_FOUND")
        language = language or workspace.languages[0]
        rows = [
            article
            for article in self.state.articles.values()
            if (article.space, article.language) == (space, language)
        ]
        return success([self._row(article) for article in rows])

    def _languages(self, space: str) -> Reply:
        workspace = self.state.workspaces.get(space)
        if workspace is None:
            return refusal("The project version was not found", "PROJECT_VERSION_NOT_FOUND")
        return success(
            [
                {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, code)), "name": code, "code": code, "set_as_default": not at}
                for at, code in enumerate(workspace.languages)
            ]
        )

    def _article(self, ident: str, language: str, query: dict[str, str]) -> Reply:
        article = self.state.articles.get((ident, language))
        if article is None:
            return refusal("The article was not found", "ARTICLE_NOT_FOUND", 404)
        published = query.get("isPublished", "false").lower() == "true"
        html = article.public_html if published and article.public_version else article.html
        extra = {
            "content": None,
            "html_content": html,
            "category_id": None,
            "project_version_id": article.space,
            "version_number": article.public_version if published else article.latest_version,
            "created_at": _iso(article.created),
            "is_fall_back_content": False,
            "description": "",
        }
        return success(self._row(article) | extra)

    def _search(self, space: str, language: str, query: dict[str, str]) -> Reply:
        words = query.get("searchQuery", "").lower().split()
        size, page = int(query.get("hitsPerPage") or 10), int(query.get("page") or 0)
        articles = [
            article
            for article in self.state.articles.values()
            if (article.space, article.language) == (space, language)
            and article.public_version
            and words
            and all(word in f"{article.title} {article.public_html}".lower() for word in words)
        ]
        hits = [
            {
                "title": article.title,
                "content": article.public_html,
                "slug": article.slug,
                "version": article.public_version,
                "article_id": article.id,
                "is_category": False,
                "is_draft": article.status != 3,
                "is_hidden": article.hidden,
                "is_deleted": False,
                "updated_on_timestamp": int(article.modified),
                "lang_code": article.language,
            }
            for article in articles[page * size : (page + 1) * size]
        ]
        data = {
            "hits": hits,
            "nb_hits": len(articles),
            "page": page,
            "nb_pages": -(-len(articles) // size),
            "hits_per_page": size,
            "processing_time_ms": 1,
            "query": query.get("searchQuery", ""),
        }
        return success(data)

    def _row(self, article: StoredArticle) -> dict[str, Any]:
        return {
            "id": article.id,
            "title": article.title,
            "public_version": article.public_version,
            "latest_version": article.latest_version,
            "language_code": article.language,
            "hidden": article.hidden,
            "status": article.status,
            "order": 0,
            "slug": article.slug,
            "content_type": 1,
            "translation_option": 0,
            "is_shared_article": False,
            "modified_at": _iso(article.modified),
            "current_workflow_status_id": None,
            "url": f"https://documentation.example.com/docs/{article.slug}",
        }


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
