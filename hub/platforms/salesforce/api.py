"""Records over REST; knows nothing about the meaning of any object.

Source: "Query" of Salesforce's guides.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from hub.http import Reply
from hub.model import AnyAccount
from hub.platforms import texts

Record = dict[str, Any]
MAX_BATCHES = 500


class Rows(NamedTuple):
    """Rows of any form, and the vendor's time in epoch seconds (None if the answer has none)."""

    rows: list[Any]
    date: int | None

    @property
    def records(self) -> list[Record]:
        """The rows that are records."""
        return [row for row in self.rows if isinstance(row, dict)]


class _Batch(msgspec.Struct, rename="camel"):
    records: list[Any]
    done: bool
    next_records_url: str | None = None


async def fetch_page(account: AnyAccount, query: str, *, deleted: bool = False) -> Rows:
    """The first batch of a query; the org may return fewer records than its LIMIT."""
    verb = "queryAll" if deleted else "query"
    reply = await account.client.get(f"{account.settings.root}/{verb}", params={"q": query})
    return Rows(reply.json(_Batch).records, reply.date)


async def fetch_all(account: AnyAccount, query: str) -> list[Record]:
    """All records that a query finds, batch after batch; raises VendorMisbehaved for a row of another form."""
    reply = await account.client.get(f"{account.settings.root}/query", params={"q": query})
    batch = reply.json(_Batch)
    records = batch.records
    for _ in range(MAX_BATCHES):
        if batch.done:
            return [texts.record(row) for row in records]
        if not batch.next_records_url:
            raise reply.misbehaved("there are more records, but the answer has no address for them")
        reply = await account.client.get(batch.next_records_url)
        batch = reply.json(_Batch)
        records += batch.records
    raise reply.misbehaved(f"a query does not end after {MAX_BATCHES} batches")


def created_id(reply: Reply) -> str:
    """The id of a stored record; empty if the answer has no body."""
    if not reply.content:
        return ""
    answer = reply.json(dict)
    ident = answer.get("id")
    if not isinstance(ident, str) or answer.get("success") is not True:
        raise reply.misbehaved("a stored record has no id")
    return ident


async def update(account: AnyAccount, path: str, values: Record) -> None:
    """Change a record; raises VendorMisbehaved for an answer with a body, such as an HTML page."""
    reply = await account.client.send("PATCH", f"{account.settings.root}/sobjects/{path}", json=values)
    if reply.content:
        raise reply.misbehaved("the answer to a change has a body", next_step="check the address and the login")


def parent(record: Record, name: str) -> Record:
    """The fields of a record's parent; empty if there is no parent."""
    value = record.get(name)
    return value if isinstance(value, dict) else {}
