"""Articles and patches of all vendors as the hub mirrors them, and the search over them."""

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
    rank: float = 0.0  # of a search, higher is better


_COLUMNS = [getattr(PublicationRow, name) for name in Publication.__struct_fields__ if name != "rank"]


def words_of(language: str) -> str:
    """The text search configuration for a language, such as `en-us` or `French`."""
    return WORDS.get(language.strip().lower()[:2], "simple")


def _weighted(words: str, told: str, weight: str) -> Any:
    """A text as words to search for; `words` and `weight` are ours, never a stranger's."""
    return func.setweight(func.to_tsvector(text(f"'{words}'"), told), text(f"'{weight}'"))


def _publication(row: Any) -> Publication:
    values = dict(row._mapping)  # noqa: SLF001
    return Publication(**values | {"labels": tuple(values["labels"])})


class Publications:
    """What vendors publish, within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def store(self, account: str, vendor: str, kind: Kind, items: Sequence[dict[str, Any]]) -> None:
        """Store or bring up to date many of one kind; each gives the columns of its own, texts cleaned already.

        A later version is never replaced by an earlier one; what is withdrawn keeps its last text.
        """
        rows = []
        for item in {one["reference"]: one for one in items}.values():
            words = words_of(item.get("language", ""))
            beside = f"{item.get('number', '')} {item.get('product', '')} {item['bare']}"
            searched = _weighted(words, item["title"], "A").op("||")(_weighted(words, beside, "B"))
            known = {"account": account, "vendor": vendor, "kind": kind, "words": words, "search": searched}
            rows.append({**item, **known})
        for row in rows:
            stored = insert(PublicationRow).values(**row)
            changes: dict[str, Any] = {
                name: getattr(stored.excluded, name) for name in row if name not in {"account", "kind", "reference"}
            }
            if row.get("withdrawn") and not row["bare"]:
                changes = {"withdrawn": True, "changed_at": stored.excluded.changed_at}
            await self._connection.execute(
                stored.on_conflict_do_update(
                    index_elements=["account", "kind", "reference"],
                    set_={**changes, "stored_at": func.now()},
                    where=(PublicationRow.changed_at <= stored.excluded.changed_at) | stored.excluded.withdrawn,
                )
            )

    async def search(
        self, query: str, *, kind: str = "", vendor: str = "", language: str = "", limit: int = 20
    ) -> list[Publication]:
        """The best fits of a search as people type it, best first; withdrawn ones never."""
        fits, ranks = [], []
        for words in (*WORDS.values(), "simple"):
            asked = func.websearch_to_tsquery(text(f"'{words}'"), query)
            fits.append((PublicationRow.words == words) & PublicationRow.search.op("@@")(asked))
            ranks.append(func.ts_rank(PublicationRow.search, asked))
        rank = func.greatest(*ranks).label("rank")
        wanted = select(*_COLUMNS, rank).where(or_(*fits), PublicationRow.withdrawn.is_(False))
        wanted = self._narrowed(wanted, kind, vendor, language)
        ordered = wanted.order_by(rank.desc(), PublicationRow.changed_at.desc(), PublicationRow.id).limit(limit)
        return [_publication(row) for row in await self._connection.execute(ordered)]

    async def page(
        self, *, kind: str = "", vendor: str = "", language: str = "", before: int | None = None, limit: int = 50
    ) -> list[Publication]:
        """Newest in the hub first; the next page is what comes before the last one's id."""
        wanted = self._narrowed(select(*_COLUMNS), kind, vendor, language)
        if before is not None:
            wanted = wanted.where(PublicationRow.id < before)
        ordered = wanted.order_by(PublicationRow.id.desc()).limit(limit)
        return [_publication(row) for row in await self._connection.execute(ordered)]

    async def find(self, name: str) -> list[Publication]:
        """Those with this reference, number or id."""
        named = [PublicationRow.reference == name, PublicationRow.number == name]
        if name.isdecimal() and len(name) < 18:  # what an id can be
            named.append(PublicationRow.id == int(name))
        wanted = select(*_COLUMNS).where(or_(*named)).order_by(PublicationRow.id)
        return [_publication(row) for row in await self._connection.execute(wanted)]

    async def age_of(self, account: str) -> datetime | None:
        """When the mirror of an account was last told something."""
        asked = select(func.max(PublicationRow.stored_at)).where(PublicationRow.account == account)
        found: datetime | None = await self._connection.scalar(asked)
        return found

    @staticmethod
    def _narrowed(wanted: Any, kind: str, vendor: str, language: str) -> Any:
        if kind:
            wanted = wanted.where(PublicationRow.kind == kind)
        if vendor:
            wanted = wanted.where(or_(PublicationRow.vendor == vendor, PublicationRow.account == vendor))
        if language:
            wanted = wanted.where(func.lower(func.left(PublicationRow.language, 2)) == language.lower()[:2])
        return wanted
