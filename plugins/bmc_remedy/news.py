"""The stream of case news: pages of changed incidents and of changed work log entries, in turn."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from hub.errors import VendorMisbehaved
from hub.model import Account, CaseNews, Cursor, Page, Quarantined
from hub.platforms.items import parse_each, printable, reference
from hub.platforms.stream import Position, SeenRow, StreamState, advance, fresh, seen_row, stream
from hub.platforms.texts import ident, moment

from . import cases, notes
from . import client as ar
from .settings import BmcSettings

T = TypeVar("T")


class Source(NamedTuple):
    """A form that is read by time of change."""

    form: str
    fields: tuple[str, ...]
    id: str
    changed: str
    scope: str = ""


class ChangedPage(NamedTuple):
    """One page of a source: the rows that have news, those without a usable place, and the stream."""

    rows: tuple[ar.Row, ...]
    bad: tuple[Quarantined, ...]
    state: StreamState
    over: bool


def condition(begin: Position, time_field: str, id_field: str) -> str:
    """The qualification for the rows behind a position."""
    since = f'{ar.field(time_field)} >= "{begin.at}"'
    if not begin.id:
        return since
    return ar.both(since, f'{ar.field(time_field)} > "{begin.at}" OR {ar.after(id_field, begin.id)}')


async def read_page(account: Account[BmcSettings], source: Source, saved: Cursor) -> ChangedPage:
    """The next page of a source behind what was saved."""
    settings = account.settings
    start = int(settings.history_from.timestamp()) if settings.history_from else 0
    state = stream(saved, start)
    page = await ar.query(
        account.client,
        source.form,
        ar.both(condition(state.begin, source.changed, source.id), source.scope),
        source.fields,
        sort=f"{source.changed}.asc,{source.id}.asc",
        limit=settings.page_size,
    )

    def position(row: ar.Row) -> tuple[ar.Row, SeenRow]:
        changed_at, row_id = moment(row.values, source.changed), ident(row.values, source.id)
        if changed_at is None or not row_id:
            raise VendorMisbehaved(f"an entry of {source.form} lacks its id or its time of change")
        return row, seen_row(int(changed_at.timestamp()), row_id, row.values)

    placed, bad = parse_each(page.rows, position, lambda row: printable(row.id) or source.form)
    marks = [mark for _, mark in placed]
    rows = tuple(row for (row, _), new in zip(placed, fresh(state, marks), strict=True) if new)
    state, over = advance(state, marks, date=page.date, overlap=settings.overlap_seconds)
    return ChangedPage(rows, bad, state, over)


async def changed_cases(account: Account[BmcSettings], cursor: Cursor) -> Page[CaseNews]:
    """One page, of incidents or of notes; they take turns until both are read to their end."""
    left: list[str] = list(cursor.get("left") or ("cases", "notes"))
    name = left.pop(0)
    read = await read_page(account, _source(name, account.settings), cursor.get(name, {}))
    if not read.over:
        left.append(name)
    news, bad = parse_each(
        read.rows,
        lambda row: _news(name, row, account.settings),
        lambda row: reference(row.values, cases.NUMBER if name == "cases" else notes.ID),
    )
    kept: dict[str, Any] = {**cursor, name: read.state.plain(), "left": left}
    told_any = tuple(item for item in news if item.case or item.comments or item.attachments)
    return Page(items=told_any, cursor=kept, more=bool(left), quarantined=read.bad + bad)


def _source(name: str, settings: BmcSettings) -> Source:
    if name == "notes":
        return Source(notes.WORK_LOG, notes.FIELDS, notes.ID, notes.CHANGED)
    return Source(cases.INCIDENT, cases.fields(settings), cases.NUMBER, cases.CHANGED, _scope(settings))


def _scope(settings: BmcSettings) -> str:
    """Cases of the account's group; those with a key stay in view when another group takes them."""
    if not settings.assigned_group:
        return ""
    group = f"{ar.field('Assigned Group')} = {ar.literal(settings.assigned_group)}"
    keyed = "" if settings.correlation == "description" else f" OR {ar.field(settings.key_field)} != $NULL$"
    return group + keyed


def _news(name: str, row: ar.Row, settings: BmcSettings) -> CaseNews:
    if name == "cases":
        case = cases.case_from(row, settings)
        return CaseNews(reference=case.reference, case=case)
    note = notes.note_from(row, settings)
    return CaseNews(reference=note.case, comments=note.comments, attachments=note.attachments)
