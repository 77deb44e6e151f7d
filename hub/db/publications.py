"""The mirror of all vendors' articles and patches, and its full-text search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.knowledge import PublicationRow
from hub.model import Value

Kind = Literal["article", "patch"]

WORDS = {"en": "english", "fr": "french"}
"""PostgreSQL's text search configuration by the first two letters of a language; `simple` for all others."""


class Publication(Value, frozen=True):
    """An article or a patch as the hub keeps it."""

    id: int
    account: str
    vendor: str
    kind: str
    reference: str
    number: str
    title: str
    body: str  # HTML, cleaned
    bare: str  # its text
    language: str
    product: str
    version: str
    severity: str
    labels: tuple[str, ...]
    public: bool
    address: str
    changed_at: datetime
    first_seen_at: datetime
    stored_at: datetime
    published_at: datetime | None = None
    withdrawn: bool = False
    rank: float = 0.0  # in a search; higher is better


_COLUMNS = [getattr(PublicationRow, name) for name in Publication.__struct_fields__ if name != "rank"]


def words_of(language: str) -> str:
    """The text search configuration for a language, such as `en-us` or `French`."""
    return WORDS.get(language.strip().lower()[:2], "simple")


def _weighted(words: str, content: str, weight: str) -> Any:
    """A text's search vector; `words` and `weight` go into the SQL unquoted and must never come from input."""
    return func.setweight(func.to_tsvector(text(f"'{words}'"), content), text(f"'{weight}'"))


def _publication(row: Any) -> Publication:
    values = dict(row._mapping)  # noqa: SLF001
    return Publication(**values | {"labels": tuple(values["labels"])})


class Publications:
    """The publications within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def store(self, account: str, vendor: str, kind: Kind, items: Sequence[dict[str, Any]]) -> None:
        """Store or update many of one kind; each item gives column values, texts already cleaned.

        An earlier version never replaces a later one; a withdrawn item keeps its last text.
        """
        rows = []
        for item in {item["reference"]: item for item in items}.values():
            words = words_of(item.get("language", ""))
            rest = f"{item.get('number', '')} {item.get('product', '')} {item['bare']}"
            vector = _weighted(words, item["title"], "A").op("||")(_weighted(words, rest, "B"))
            own = {"account": account, "vendor": vendor, "kind": kind, "words": words, "search": vector}
            rows.append({**item, **own})
        for row in rows:
            statement = insert(PublicationRow).values(**row)
            changes: dict[str, Any] = {
                name: getattr(statement.excluded, name) for name in row if name not in {"account", "kind", "reference"}
            }
            if row.get("withdrawn") and not row["bare"]:
                changes = {"withdrawn": True, "changed_at": statement.excluded.changed_at}
            await self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["account", "kind", "reference"],
                    set_={**changes, "stored_at": func.now()},
                    where=(PublicationRow.changed_at <= statement.excluded.changed_at) | statement.excluded.withdrawn,
                )
            )

    async def search(
        self, query: str, *, kind: str = "", vendor: str = "", language: str = "", limit: int = 20
    ) -> list[Publication]:
        """Matches of a search as people type it, best first, without withdrawn publications."""
        matches, ranks = [], []
        for words in (*WORDS.values(), "simple"):
            terms = func.websearch_to_tsquery(text(f"'{words}'"), query)
            matches.append((PublicationRow.words == words) & PublicationRow.search.op("@@")(terms))
            ranks.append(func.ts_rank(PublicationRow.search, terms))
        rank = func.greatest(*ranks).label("rank")
        hits = select(*_COLUMNS, rank).where(or_(*matches), PublicationRow.withdrawn.is_(False))
        filtered = self._filtered(hits, kind, vendor, language)
        ordered = filtered.order_by(rank.desc(), PublicationRow.changed_at.desc(), PublicationRow.id).limit(limit)
        return [_publication(row) for row in await self._connection.execute(ordered)]

    async def page(
        self, *, kind: str = "", vendor: str = "", language: str = "", before: int | None = None, limit: int = 50
    ) -> list[Publication]:
        """Latest stored first; the next page continues before the last id."""
        query = self._filtered(select(*_COLUMNS), kind, vendor, language)
        if before is not None:
            query = query.where(PublicationRow.id < before)
        ordered = query.order_by(PublicationRow.id.desc()).limit(limit)
        return [_publication(row) for row in await self._connection.execute(ordered)]

    async def find(self, name: str) -> list[Publication]:
        """Publications with this reference, number or id."""
        matches = [PublicationRow.reference == name, PublicationRow.number == name]
        if name.isdecimal() and len(name) < 18:  # what an id can be
            matches.append(PublicationRow.id == int(name))
        query = select(*_COLUMNS).where(or_(*matches)).order_by(PublicationRow.id)
        return [_publication(row) for row in await self._connection.execute(query)]

    async def age_of(self, account: str) -> datetime | None:
        """When the mirror of an account was last updated."""
        query = select(func.max(PublicationRow.stored_at)).where(PublicationRow.account == account)
        stored_at: datetime | None = await self._connection.scalar(query)
        return stored_at

    @staticmethod
    def _filtered(query: Any, kind: str, vendor: str, language: str) -> Any:
        if kind:
            query = query.where(PublicationRow.kind == kind)
        if vendor:
            query = query.where(or_(PublicationRow.vendor == vendor, PublicationRow.account == vendor))
        if language:
            query = query.where(func.lower(func.left(PublicationRow.language, 2)) == language.lower()[:2])
        return query
