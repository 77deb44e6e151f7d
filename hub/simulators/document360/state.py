"""What the project holds, and the editor who writes in it."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field

from hub.simulators.document360.options import Article, Seeds, Workspace
from hub.simulators.kit import Clock, Ledger


@dataclass
class Stored:
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
        self.workspaces = {_ident("space", str(at)): one for at, one in enumerate(seeds.workspaces)}
        self.articles: dict[tuple[str, str], Stored] = {}
        self._made = 0
        for article in seeds.articles:
            self.add(article)
        ledger.reset()

    def workspace(self, ident: str) -> dict[str, object]:
        """A workspace as the interface lists it."""
        one: Workspace = self.workspaces[ident]
        main = ident == next(iter(self.workspaces))
        return {
            "id": ident,
            "version_number": 1.0,
            "base_version_number": 0.0,
            "version_code_name": one.name,
            "is_main_version": main,
            "is_beta": False,
            "is_public": one.public,
            "is_deprecated": one.deprecated,
            "slug": one.name,
            "order": 0,
            "version_type": one.kind,
            "language_versions": [{"name": code, "code": code, "hidden": False} for code in one.languages],
        }

    def add(self, article: Article) -> Stored:
        """Store an article, published unless it is a draft."""
        self._made += 1
        at = self.clock.now() - article.age_seconds
        slug = article.slug or re.sub(r"[^a-z0-9]+", "-", article.title.lower()).strip("-")
        one = Stored(
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
            one.public_html, one.public_version = one.html, 1
        self.articles[one.id, one.language] = one
        self.record(one)
        return one

    def record(self, one: Stored) -> None:
        """Write an article's present text into the ledger."""
        self.ledger.store("article", one.id, at=self.clock.now(), by="editor", text=one.html, public=True)


class Editor:
    """Writes articles; LookupError for an unknown one."""

    def __init__(self, state: State) -> None:
        self._state = state

    def publish(self, title: str, body: str, *, language: str = "en", product: str = "", version: str = "") -> str:
        """Publish an article; its id. Product and version have no fields of their own."""
        del product, version
        return self._state.add(Article(title=title, html=body, language=language)).id

    def publish_patch(self, title: str, body: str, *, product: str = "", version: str = "") -> str:
        """Publish release notes, which is how this vendor tells of patches; its id."""
        del product
        slug = "release-notes-" + re.sub(r"[^a-z0-9]+", "-", f"{title} {version}".lower()).strip("-")
        return self._state.add(Article(title=title, html=body, slug=slug)).id

    def revise(self, reference: str, **changes: str) -> None:
        """Publish a new version."""
        one = self._find(reference)
        one.title, one.html = changes.get("title", one.title), changes.get("body", one.html)
        one.latest_version += 1
        one.public_version, one.public_html = one.latest_version, one.html
        one.modified, one.status = self._state.clock.now(), 3
        self._state.record(one)

    def draft(self, reference: str, body: str) -> None:
        """Begin a new version without publishing it: the time of change moves, the published text stays."""
        one = self._find(reference)
        one.html, one.modified = body, self._state.clock.now()
        one.latest_version += 1

    def withdraw(self, reference: str) -> None:
        """Hide an article."""
        one = self._find(reference)
        one.hidden, one.modified = True, self._state.clock.now()

    def remove(self, reference: str) -> None:
        """Delete an article; lists and reads know nothing of it any more."""
        one = self._find(reference)
        del self._state.articles[one.id, one.language]

    def _find(self, reference: str) -> Stored:
        for (ident, _), one in self._state.articles.items():
            if ident == reference:
                return one
        raise LookupError(f"no article {reference}")


def _ident(kind: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{name}"))
