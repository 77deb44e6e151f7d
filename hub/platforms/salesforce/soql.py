"""Queries and records over REST; knows no meaning of any object.

Source: "Query" and "SOQL SELECT Syntax" of Salesforce's guides.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from hub.errors import CaseMissing, FieldRefused
from hub.http import Reply
from hub.model import AnyAccount
from hub.platforms.stream import Position

Record = dict[str, Any]
MOST_BATCHES = 500


class Rows(NamedTuple):
    """Records, and the vendor's time in epoch seconds (None when the reply told none)."""

    records: list[Record]
    date: int | None


class _Batch(msgspec.Struct, rename="camel"):
    records: list[Record]
    done: bool
    next_records_url: str | None = None


def literal(text: str) -> str:
    """A text as SOQL writes it; raises FieldRefused for NUL."""
    if "\0" in text:
        raise FieldRefused("a search text holds NUL", next_step="take the NUL out")
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def one_of(texts: Iterable[str]) -> str:
    """Texts as the list that IN wants."""
    return f"({', '.join(literal(text) for text in texts)})"


def identifier(text: str) -> str:
    """An id of the org's records; raises CaseMissing for what can't be one."""
    if not (text.isascii() and text.isalnum() and len(text) in (15, 18)):
        raise CaseMissing("the reference is no id of Salesforce", next_step="take it from what the vendor told")
    return text


def behind(place: Position, field: str) -> str:
    """The condition for records behind a place in the order of (time, Id)."""
    at = datetime.fromtimestamp(place.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if not place.id:
        return f"{field} >= {at}"
    return f"({field} > {at} OR ({field} = {at} AND Id > {literal(place.id)}))"


async def page(account: AnyAccount, query: str, *, deleted: bool = False) -> Rows:
    """The first batch of a query; the org may give fewer than its LIMIT."""
    verb = "queryAll" if deleted else "query"
    reply = await account.client.get(f"{account.settings.root}/{verb}", params={"q": query})
    return Rows(reply.json(_Batch).records, reply.date)


async def every(account: AnyAccount, query: str) -> list[Record]:
    """All records that a query finds, batch after batch."""
    reply = await account.client.get(f"{account.settings.root}/query", params={"q": query})
    batch = reply.json(_Batch)
    records = batch.records
    for _ in range(MOST_BATCHES):
        if batch.done:
            return records
        if not batch.next_records_url:
            raise reply.misbehaved("more records are to come, yet no address is told")
        reply = await account.client.get(batch.next_records_url)
        batch = reply.json(_Batch)
        records += batch.records
    raise reply.misbehaved(f"a query does not end after {MOST_BATCHES} batches")


def created(reply: Reply) -> str:
    """The id of a record that was stored; empty where the answer has no body."""
    if not reply.content:
        return ""
    told = reply.json(dict)
    ident = told.get("id")
    if not isinstance(ident, str) or told.get("success") is not True:
        raise reply.misbehaved("a stored record has no id")
    return ident


async def change(account: AnyAccount, path: str, values: Record) -> None:
    """Change a record; a success has no body, so that a page in its place is found out."""
    reply = await account.client.send("PATCH", f"{account.settings.root}/sobjects/{path}", json=values)
    if reply.content:
        raise reply.misbehaved("a change was answered with a body", next_step="check the address and the login")


def inner(record: Record, name: str) -> Record:
    """A parent's fields within a record; empty where there is no parent."""
    value = record.get(name)
    return value if isinstance(value, dict) else {}
