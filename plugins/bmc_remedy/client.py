"""Entries of AR System forms over REST: query, read, create, change. Knows no meaning of any form.

Source: docs.bmc.com, "Operations on entry objects" and "Endpoints in AR REST API".
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import msgspec

from hub.errors import FieldRefused, VendorUnavailable
from hub.http import Client, MultipartPart

ROOT = "/api/arsys/v1/entry"
_ENTRY = re.compile(r"/entry/[^/]+/([^/]+)$")
Values = dict[str, Any]


class Row(NamedTuple):
    """One entry: its fields by name, and the id that an address wants (empty when the reply told none)."""

    values: Values
    id: str = ""


class Rows(NamedTuple):
    """One page of entries, and the vendor's time in epoch seconds (None when the reply told none)."""

    rows: tuple[Row, ...]
    date: int | None


class _Entry(msgspec.Struct):
    values: Values
    links: Any = msgspec.field(default=None, name="_links")


class _Entries(msgspec.Struct):
    entries: list[Any]


def literal(text: str) -> str:
    """A text as a string literal of a qualification; quotes are doubled. Raises FieldRefused for NUL."""
    if "\0" in text:
        raise FieldRefused("a search text holds NUL", next_step="take the NUL out")
    return '"' + text.replace('"', '""') + '"'


def field(name: str) -> str:
    """A field's name or id as a qualification writes it."""
    return "'" + name.replace("'", "''") + "'"


def both(*conditions: str) -> str:
    """Conditions that must all hold; empty ones are left out."""
    given = [one for one in conditions if one]
    return " AND ".join(f"({one})" if " OR " in one else one for one in given)


def after(key: str, last: str) -> str:
    """The condition that an entry's key comes behind the last one seen, or nothing at the beginning."""
    return f"{field(key)} > {literal(last)}" if last else ""


async def query(client: Client, form: str, condition: str, fields: tuple[str, ...], *, sort: str, limit: int) -> Rows:
    """One page of the entries that fit, without values if they have another form; it may be shorter than `limit`."""
    params = {"q": condition, "fields": _values(fields), "sort": sort, "limit": limit}
    reply = await client.get(path(form), params={name: value for name, value in params.items() if value != ""})
    return Rows(tuple(_row(entry) for entry in reply.json(_Entries).entries), reply.date)


async def every(
    client: Client, form: str, condition: str, fields: tuple[str, ...], *, key: str, limit: int
) -> list[Row]:
    """All entries that fit, in the order of a unique key; ends at an empty page: servers cut pages short.

    Goes on behind the last key instead of counting, so that entries which move between pages are not missed.
    Raises VendorUnavailable when a page does not lead on.
    """
    rows: list[Row] = []
    last = ""
    while True:
        page = await query(client, form, both(condition, after(key, last)), fields, sort=f"{key}.asc", limit=limit)
        if not page.rows:
            return rows
        reached = page.rows[-1].values.get(key)
        if not isinstance(reached, str) or reached <= last:
            raise VendorUnavailable(f"a page of {form} does not lead on, so it can't be read to its end")
        rows += page.rows
        last = reached


async def read(client: Client, form: str, entry: str, fields: tuple[str, ...]) -> Row:
    """One entry; raises CaseMissing when it isn't there."""
    reply = await client.get(path(form, entry), params={"fields": _values(fields)})
    return Row(reply.json(_Entry).values, entry)


async def create(
    client: Client, form: str, values: Values, fields: tuple[str, ...], *, file: tuple[str, MultipartPart] | None = None
) -> Row:
    """Create an entry, with a file for one of its attachment fields if given.

    Gives the fields that the reply told, and the id. Both may be missing: servers answer with a body, with a
    Location alone, or with neither.
    """
    params = {"fields": _values(fields)}
    if file is None:
        reply = await client.send("POST", path(form), params=params, json={"values": values})
    else:
        entry = MultipartPart(msgspec.json.encode({"values": values}), None, "application/json; charset=UTF-8")
        files = [("entry", entry), (f"attach-{file[0]}", file[1])]
        reply = await client.send("POST", path(form), params=params, files=files)
    told = reply.json(_Entry) if reply.content.strip() else _Entry({})
    return Row(told.values, entry_id(reply.headers.get("location", "")) or _row_id(told.links))


async def change(client: Client, form: str, entry: str, values: Values) -> None:
    """Set some fields of an entry; the others stay."""
    reply = await client.send("PUT", path(form, entry), json={"values": values})
    if reply.content.strip():
        reply.json()  # a login page in the way is no success


def download(client: Client, form: str, entry: str, attachment_field: str) -> AsyncIterator[bytes]:
    """The bytes of a file in an entry's attachment field."""
    return client.stream(path(form, entry, "attach", attachment_field))


def path(form: str, *parts: str) -> str:
    """The path of a form, of an entry in it, or of something below; the parts are quoted."""
    return "/".join((ROOT, *(quote(part, safe=":") for part in (form, *parts))))


def entry_id(address: str) -> str:
    """The entry id at the end of a link, whichever host it names; empty when it ends with the form."""
    found = _ENTRY.search(urlsplit(address).path)
    return unquote(found[1]) if found else ""


def _values(fields: tuple[str, ...]) -> str:
    return f"values({','.join(fields)})"


def _row(entry: Any) -> Row:
    if not isinstance(entry, dict) or not isinstance(entry.get("values"), dict):
        return Row({})
    return Row(entry["values"], _row_id(entry.get("_links")))


def _row_id(links: Any) -> str:
    try:
        return entry_id(links["self"][0]["href"])
    except (TypeError, KeyError, IndexError, ValueError, AttributeError):
        return ""
