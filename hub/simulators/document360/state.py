"""The project's state, and the editor who writes in it."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field

from hub.simulators.document360.options import Article, Seeds, Workspace
from hub.simulators.kit import Clock, Ledger


@dataclass
class StoredArticle:
    """An article in one language."""

    id: str
    space: str
    language: str
    title: str
    slug: str
    created: float
    modified: float
    html: str = field(repr=False)
    public_html: str = field(default="", repr=False)
    public_version: int = 0
    latest_version: int = 1
    status: int = 0
    hidden: bool = False


class State:
    """Workspaces and articles."""

    def __init__(self, seeds: Seeds, clock: Clock, ledger: Ledger) -> None:
        self.clock, self.ledger = clock, ledger
        self.workspaces = {_ident("space", str(at)): workspace for at, workspace in enumerate(seeds.workspaces)}
        self.articles: dict[tuple[str, str], StoredArticle] = {}
        self._made = 0
        for article in seeds.articles:
            self.add(article)
        ledger.reset()

    def workspace(self, ident: str) -> dict[str, object]:
        """A workspace as the interface lists it."""
        workspace: Workspace = self.workspaces[ident]
        main = ident == next(iter(self.workspaces))
        return {
            "id": ident,
            "version_number": 1.0,
            "base_version_number": 0.0,
            "version_code_name": workspace.name,
            "is_main_version": main,
            "is_beta": False,
            "is_public": workspace.public,
            "is_deprecated": workspace.deprecated,
            "slug": workspace.name,
            "order": 0,
            "version_type": workspace.kind,
            "language_versions": [{"name": code, "code": code, "hidden": False} for code in workspace.languages],
        }

    def add(self, article: Article) -> StoredArticle:
        """Store an article, published unless it is a draft."""
        self._made += 1
        at = self.clock.now() - article.age_seconds
        slug = article.slug or re.sub(r"[^a-z0-9]+", "-", article.title.lower()).strip("-")
        stored = StoredArticle(
            _ident("article", str(self._made)),
            list(self.workspaces)[article.workspace],
            article.language,
            article.title,
            slug,
            at,
            at,
            article.html,
            status=article.status,
            hidden=article.hidden,
        )
        if article.status == 3:
            stored.public_html, stored.public_version = stored.html, 1
        self.articles[stored.id, stored.language] = stored
        self.record(stored)
        return stored

    def record(self, article: StoredArticle) -> None:
        """Write an article's present text into the ledger."""
        self.ledger.store("article", article.id, at=self.clock.now(), by="editor", text=article.html, public=True)


class Editor:
    """Writes articles; LookupError for an unknown one."""

    def __init__(self, state: State) -> None:
        self._state = state

    def publish(self, title: str, body: str, *, language: str = "en", product: str = "", version: str = "") -> str:
        """Publish an article; its id. Product and version have no fields of their own."""
        del product, version
        return self._state.add(Article(title=title, html=body, language=language)).id

    def publish_patch(self, title: str, body: str, *, product: str = "", version: str = "") -> str:
        """Publish release notes, which is how this vendor announces patches; returns its id."""
        del product
        slug = "release-notes-" + re.sub(r"[^a-z0-9]+", "-", f"{title} {version}".lower()).strip("-")
        return self._state.add(Article(title=title, html=body, slug=slug)).id

    def revise(self, reference: str, **changes: str) -> None:
        """Publish a new version."""
        article = self._find(reference)
        article.title, article.html = changes.get("title", article.title), changes.get("body", article.html)
        article.latest_version += 1
        article.public_version, article.public_html = article.latest_version, article.html
        article.modified, article.status = self._state.clock.now(), 3
        self._state.record(article)

    def draft(self, reference: str, body: str) -> None:
        """Begin a new version without publishing it: the time of change moves, the published text stays."""
        article = self._find(reference)
        article.html, article.modified = body, self._state.clock.now()
        article.latest_version += 1

    def withdraw(self, reference: str) -> None:
        """Hide an article."""
        article = self._find(reference)
        article.hidden, article.modified = True, self._state.clock.now()

    def remove(self, reference: str) -> None:
        """Delete an article, so that lists and reads no longer find it."""
        article = self._find(reference)
        del self._state.articles[article.id, article.language]

    def _find(self, reference: str) -> StoredArticle:
        for (ident, _), article in self._state.articles.items():
            if ident == reference:
                return article
        raise LookupError(f"no article {reference}")


def _ident(kind: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{name}"))
