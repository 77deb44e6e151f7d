"""Answers a query on a form: picks an index, filters, sorts, pages and links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from hub.simulators.arsystem.errors import BAD_QUERY, CAPPED, UNKNOWN_FIELD, Message, bad_request
from hub.simulators.arsystem.evaluate import Selection, select
from hub.simulators.arsystem.forms import Field, Form
from hub.simulators.arsystem.state import Render, Scan, State
from hub.simulators.kit import Call, Reply, Row, Table

_MANY = 1000
_SCANS = 16
JSON = {"Content-Type": "application/json"}
Projection = list[tuple[str, str, Render | None]]


def href(state: State, call: Call, form: Form, entry_id: str = "") -> str:
    """The address of a form or entry, with the internal host if the server is set up so."""
    host = state.options.internal_host or f"http://{call.headers.get('Host', 'localhost')}"
    base = f"{host}/api/arsys/{call.parts[2]}/entry/{quote(form.name, safe=':')}"
    return f"{base}/{entry_id}" if entry_id else base


def projection(state: State, form: Form, fields: str | None) -> Projection:
    """Name, place and renderer of the fields asked for; all when none are named.

    `fields` is `values(A,B)`, perhaps with blanks after commas and `,assoc` at the end; numeric ids are
    answered by name.
    """
    asked = (fields or "").strip()
    inside = asked[7 : asked.rfind(")", 0, _end_of_values(asked))] if asked.startswith("values(") else ""
    chosen: list[Field] = []
    for name in (part.strip() for part in inside.split(",")):
        if name:
            field = form.find(name)
            if field is None:
                raise bad_request(UNKNOWN_FIELD, "Field does not exist on the form", f"{form.name}, {name}")
            chosen.append(field)
    return [(f.name, f.key, state.renderer(f)) for f in chosen or form.fields.values()]


def _end_of_values(asked: str) -> int:
    at = asked.find("),assoc")
    return len(asked) if at < 0 else at + 1


def document(row: Row, fields: Projection, self_link: str) -> dict[str, Any]:
    """An entry for JSON; unset fields are null."""
    values: dict[str, Any] = {}
    stored = row.values
    for name, key, render in fields:
        value = stored.get(key)
        values[name] = value if value is None or render is None else render(value, self_link)
    return {"values": values, "_links": {"self": [{"href": self_link}]}}


def run(state: State, call: Call, form: Form) -> Reply:
    """Answer GET on a form: 200 with `entries`, maybe empty."""
    offset, limit, capped = _window(state, call)
    fields = projection(state, form, call.query.get("fields"))
    wanted = _sort(form, call.query.get("sort", ""))
    start = _shifted(call, offset, limit)
    scan = _scan(state, call, form, wanted, start + limit + 1)
    counted = state.options.num_matches == "count"
    needed = None if counted else max(0, start + limit + 1 - len(scan.found))
    scan.found += islice(scan.rest, needed)
    rows = scan.found[start : start + limit + 1]
    more, rows = len(rows) > limit, rows[:limit]
    if "empty_page_with_next" in call.faults:
        rows, more = [], True
    entries = [document(row, fields, href(state, call, form, row.values[form.id_source])) for row in rows]
    reply: dict[str, Any] = {"entries": entries}
    if state.options.num_matches != "absent":
        reply["numMatches"] = len(scan.found) if counted else None
    base = href(state, call, form)
    links = {"self": [{"href": _page(base, call, offset, limit)}]}
    if more and state.options.next_links and "missing_next" not in call.faults:
        links["next"] = [{"href": _page(base, call, offset + limit, limit)}]
    reply["_links"] = links
    headers = dict(JSON)
    if capped and more:
        headers["X-AR-Messages"] = msgspec.json.encode([_warning(limit)]).decode()
    return Reply(200, msgspec.json.encode(reply), headers)


def _scan(state: State, call: Call, form: Form, wanted: list[tuple[str, bool]], needed: int) -> Scan:
    """The matches of a query; the next page of a scan continues where the last page ended."""
    q, table = call.query.get("q", ""), state.tables[form.store]
    name = (form.name, q, call.query.get("sort", ""))
    scan = state.scans.get(name)
    if scan is not None and scan.version == table.version:
        return scan
    picked = select(q, form, state.enums, state.now())
    scan = Scan(table.version, [], _matches(state, table, picked, wanted, needed))
    # Without writes, only time can change the matches, by $TIMESTAMP$ or a lagging index.
    if "$" not in q and not state.index_lags:
        if len(state.scans) >= _SCANS:
            state.scans.clear()
        state.scans[name] = scan
    return scan


def _window(state: State, call: Call) -> tuple[int, int, bool]:
    try:
        offset, limit = int(call.query.get("offset") or 0), int(call.query.get("limit") or 0)
    except ValueError:
        raise bad_request(BAD_QUERY, "offset and limit must be whole numbers") from None
    if offset < 0 or limit < 0:
        raise bad_request(BAD_QUERY, "offset and limit must not be negative")
    cap = state.options.page_cap
    if (rule := call.faults.get("page_cap")) is not None:
        cap = min(cap, rule.size or 1)
    return (offset, limit, False) if 0 < limit <= cap else (offset, cap, True)


def _shifted(call: Call, offset: int, limit: int) -> int:
    if "repeated_page" in call.faults:
        return max(0, offset - limit)
    rule = call.faults.get("shifting_items")
    return max(0, offset + (rule.size or 1)) if rule is not None and offset else offset


def _sort(form: Form, sort: str) -> list[tuple[str, bool]]:
    keys: list[tuple[str, bool]] = []
    for part in (part.strip() for part in sort.split(",")):
        if not part:
            continue
        stem, _, way = part.rpartition(".")
        directed = stem and way.lower() in ("asc", "desc")
        field = form.find(stem if directed else part)
        if field is None or field.kind in ("display", "history", "attachment"):
            raise bad_request(UNKNOWN_FIELD, "Field can not be sorted by", f"{form.name}, {part}")
        keys.append((field.key, bool(directed) and way.lower() == "desc"))
    return keys


def _matches(
    state: State, table: Table, picked: Selection, wanted: list[tuple[str, bool]], needed: int
) -> Iterator[Row]:
    """The matching rows in the wanted order, as lazily as an index allows."""
    equal, ranges = picked.conditions.equal, picked.conditions.ranges
    buckets = [table.where(name, value) for name, value in equal.items() if table.has_equal(name)]
    bucket = min(buckets, key=len) if buckets else None
    spans = {name: table.bounds(name, *span) for name, span in ranges.items() if table.has_ordered(name)}
    leading = wanted[0] if wanted else None
    small = bucket is not None and len(bucket) <= max(_MANY, needed)
    now = state.clock.now()

    def kept(rows: Iterable[Row]) -> Iterator[Row]:
        test = picked.test
        return (r for r in rows if r.hidden_until <= now and (test is None or test(r.values)))

    if not small and leading and table.has_ordered(leading[0]):
        # Rows without a value are not in the ordered index; stored rows always have their dates.
        start, stop = spans.get(leading[0]) or table.bounds(leading[0])
        return _in_runs(kept(table.between(leading[0], start, stop, descending=leading[1])), wanted)
    narrow = min(spans, key=lambda name: spans[name][1] - spans[name][0]) if spans else None
    candidates: Iterable[Row] = table if bucket is None else bucket
    if narrow and (bucket is None or spans[narrow][1] - spans[narrow][0] < len(bucket)):
        candidates = table.between(narrow, *spans[narrow])
    rows = kept(candidates)
    if candidates is table and not wanted:
        return rows
    # Rows are added in the order of their entry ids, which is also the server's order for equal values.
    return iter(_sorted(sorted(rows, key=lambda r: r.number), wanted))


def _in_runs(rows: Iterator[Row], wanted: list[tuple[str, bool]]) -> Iterator[Row]:
    first, rest = wanted[0][0], wanted[1:]
    for _, run in groupby(rows, key=lambda r: r.values[first]):
        tied = sorted(run, key=lambda r: r.number)
        yield from _sorted(tied, rest) if rest and len(tied) > 1 else tied


def _sorted(rows: list[Row], wanted: list[tuple[str, bool]]) -> list[Row]:
    for name, descending in reversed(wanted):
        rows.sort(key=lambda r: (r.values.get(name) is not None, r.values.get(name)), reverse=descending)
    return rows


def _page(base: str, call: Call, offset: int, limit: int) -> str:
    query = {**call.query, "offset": str(offset), "limit": str(limit)}
    return f"{base}?{urlencode(query, quote_via=quote)}"


def _warning(limit: int) -> Message:
    text = "The query matched more than the maximum number of entries specified for retrieval"
    return Message("WARNING", text, str(limit), CAPPED)
