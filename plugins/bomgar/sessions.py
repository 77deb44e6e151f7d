"""Sessions of the appliance: keys for tickets, and the reports of what has changed."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from hub.errors import VendorMisbehaved
from hub.http import Client, Reply
from hub.model import Account, Cursor, Page, Quarantined, Session, Ticket
from hub.platforms.items import ItemResults, parse_each, printable
from hub.platforms.stream import SeenRow, StreamState, advance, fresh, seen_row, stream

from . import mapping
from .client import child, command, report
from .settings import ApplianceSettings

_LSID = re.compile(r"[0-9a-fA-F]{32}")
_HOUR = 3600
Rows = list[tuple[SeenRow, Element]]


async def start(account: Account[ApplianceSettings], ticket: Ticket) -> Session:
    """A new key for the ticket; each call makes one, and one whose reply was lost expires unused."""
    settings = account.settings
    given: dict[str, object] = {
        "type": "support",
        "queue_id": settings.queue,
        "ttl": settings.key_seconds,
        "session.custom.external_key": ticket.number,
        "session.priority": settings.session_priorities.get(ticket.severity, 2),
    }
    if settings.severity_field:
        given[f"session.custom.{settings.severity_field}"] = int(ticket.severity)
    if settings.public_site:
        given["url_hostname"] = settings.public_site
    made = await command(account.client, "generate_session_key", given)
    try:
        return mapping.started(made, ticket.number, settings.queue)
    except VendorMisbehaved as error:
        raise _odd(account, error.message) from None


async def changed(account: Account[ApplianceSettings], cursor: Cursor) -> Page[Session]:
    """Sessions that have ended, then, once these are told, open ones that say something new."""
    settings = account.settings
    begin = int(settings.history_from.timestamp()) if settings.history_from else 0
    ended = stream(cursor.get("ended", {}), begin)
    rows, odd, reply = await _read(account.client, {"end_time": ended.begin.at, "duration": 0}, "end_time")
    page = [(place, row) for place, row in rows if place.place > ended.begin]
    items, more_odd = _items(ended, page)
    ended, over = advance(ended, [place for place, _ in page], date=reply.date, overlap=settings.overlap_seconds)
    kept = {"ended": ended.plain(), "open": cursor.get("open", {})}
    if not over:
        return Page(items=items, cursor=kept, more=True, quarantined=(*odd, *more_odd))
    news, still_open, open_odd = await _open(account, ended, kept["open"])
    return Page(items=(*items, *news), cursor=kept | {"open": still_open}, quarantined=(*odd, *more_odd, *open_odd))


async def _open(
    account: Account[ApplianceSettings], ended: StreamState, known: dict[str, str]
) -> tuple[tuple[Session, ...], dict[str, str], tuple[Quarantined, ...]]:
    floor = max(0, ended.newest - account.settings.open_hours * _HOUR)
    rows, odd, _ = await _read(account.client, {"start_time": floor, "duration": 0}, "start_time")
    running = [(place, row) for place, row in rows if child(row, "end_time") is None]
    new = [(place, row) for place, row in running if known.get(place.id) != place.said]
    items, more_odd = _items(None, new)
    return items, {place.id: place.said for place, _ in running}, (*odd, *more_odd)


async def _read(client: Client, given: dict[str, int], ordered_by: str) -> tuple[Rows, tuple[Quarantined, ...], Reply]:
    found, reply = await report(client, given)

    def place(row: Element) -> tuple[SeenRow, Element]:
        lsid = row.attrib.get("lsid", "")
        at = mapping.seconds(child(row, ordered_by), "timestamp")
        if at is None or not _LSID.fullmatch(lsid):
            raise VendorMisbehaved(f"the session has no usable {ordered_by} or lsid")
        return seen_row(at, lsid, mapping.facts(row)), row

    placed, odd = parse_each(found, place, _reference)
    rows = {row[0].id: row for row in placed}
    return sorted(rows.values(), key=lambda one: one[0].place), odd, reply


def _items(state: StreamState | None, rows: Rows) -> ItemResults[Session]:
    news = fresh(state, [place for place, _ in rows]) if state is not None else [True] * len(rows)
    new = [row for (_, row), is_new in zip(rows, news, strict=True) if is_new]
    return parse_each(new, mapping.session, _reference)


def _reference(row: Element) -> str:
    return printable(row.attrib.get("lsid", "")) or "unknown"


def _odd(account: Account[ApplianceSettings], what: str) -> VendorMisbehaved:
    return VendorMisbehaved(what, vendor=account.client.vendor, account=account.name)
