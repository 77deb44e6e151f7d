"""Runs queries: rows in order, batches behind locators, parents inside and children below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hub.simulators.kit import Call, Reply, Row
from hub.simulators.salesforce.errors import SfError, document, malformed, restricted
from hub.simulators.salesforce.evaluate import FieldPath, at_least, equals, find, test_of
from hub.simulators.salesforce.ids import long_id, make_id
from hub.simulators.salesforce.schema import SObject
from hub.simulators.salesforce.soql import Condition, Logic, Node, SoqlQuery, parse
from hub.simulators.salesforce.state import State, attributes, shown


@dataclass(slots=True)
class QueryPlan:
    """A query with all its names resolved."""

    kind: SObject
    fields: list[tuple[list[str], FieldPath]]
    children: list[tuple[str, str, QueryPlan, SoqlQuery]]
    query: SoqlQuery


@dataclass(slots=True)
class Locator:
    """The remaining rows of a query, until it expires."""

    plan: QueryPlan
    rows: list[Row]
    until: float


class Queries:
    """The running queries of one org."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.locators: dict[str, Locator] = {}

    def start(self, call: Call, version: str, *, deleted: bool) -> Reply:
        """The first batch of a query."""
        text = call.query.get("q", "")
        plan = self._plan(parse(text))
        rows = self._rows(plan, deleted=deleted)
        if plan.query.counts:
            return document({"totalSize": len(rows), "done": True, "records": []})
        ident = ""
        if len(rows) > self._batch(call):
            ident = make_id("01g", self.state.made["01g"] + 1)
            self.state.made["01g"] += 1
            until = self.state.clock.now() + self.state.options.locator_seconds
            self.locators[ident] = Locator(plan, rows, until)
        return self._answer(call, version, plan, rows, ident, 0)

    def more(self, call: Call, version: str, name: str) -> Reply:
        """A later batch; 400 INVALID_QUERY_LOCATOR when the locator is unknown or expired."""
        ident, _, start = name.partition("-")
        locator = self.locators.get(ident)
        if locator is None or not start.isdigit() or locator.until < self.state.clock.now():
            raise SfError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._answer(call, version, locator.plan, locator.rows, ident, int(start))

    def _batch(self, call: Call) -> int:
        size = self.state.options.batch
        asked = call.headers.get("Sforce-Query-Options", "").partition("batchSize=")[2]
        if asked.isdigit():
            size = min(size, max(200, int(asked)))
        rule = call.faults.get("small_batch")
        return min(size, rule.size or 1) if rule else size

    def _answer(self, call: Call, version: str, plan: QueryPlan, rows: list[Row], ident: str, start: int) -> Reply:
        end = start + self._batch(call)
        batch: dict[str, Any] = {"totalSize": len(rows), "done": end >= len(rows)}
        if end < len(rows):
            batch["nextRecordsUrl"] = f"/services/data/v{version}/query/{ident}-{end}"
        batch["records"] = [self._record(version, plan, row) for row in rows[start:end]]
        return document(batch)

    def _record(self, version: str, plan: QueryPlan, row: Row) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": attributes(version, plan.kind, row.key)}
        for names, place in plan.fields:
            value = shown(place.field, place.value(self.state, row))
            if not place.steps:
                record[place.field.name] = value
                continue
            self._nest(version, record, row, names, place, value)
        for name, link, child, query in plan.children:
            rows = [child_row for child_row in self._rows(child, deleted=False) if child_row.values[link] == row.key]
            batch = self.state.options.child_batch
            below = [self._record(version, child, child_row) for child_row in rows[:batch]]
            done = {"totalSize": len(rows), "done": len(rows) <= batch, "records": below}
            record[name] = done if rows and not query.counts else None
        return record

    def _nest(
        self, version: str, record: dict[str, Any], row: Row, names: list[str], place: FieldPath, value: Any
    ) -> None:
        here: dict[str, Any] | None = record
        at: Row | None = row
        for name, (link, kind) in zip(names, place.steps, strict=True):
            at = self.state.table(kind).get(at.values.get(link) or "") if at else None
            if at is None:
                here.setdefault(name, None) if here is not None else None
                return
            if here is not None:
                here = here.setdefault(name, {"attributes": attributes(version, kind, at.key)})
        if here is not None:
            here[place.field.name] = value

    def _plan(self, query: SoqlQuery, parent: SObject | None = None) -> QueryPlan:
        state = self.state
        source = parent.children.get(query.source.lower(), (query.source, ""))[0] if parent else query.source
        kind = state.object(source)
        if kind is None:
            raise malformed(
                query.text, query.source_at, f"sObject type '{query.source}' is not supported.", "INVALID_TYPE"
            )
        fields = [(path.split(".")[:-1], find(state, kind, path, query.text, at)) for path, at in query.fields]
        for path, _, at in query.order:
            if not (place := find(state, kind, path, query.text, at)).field.filterable:
                words = f"field '{place.field.name}' can not be sorted in a query call"
                raise malformed(query.text, at, words)
        _restrict(kind, query.where)
        children = []
        for child in query.children:
            relation = kind.children.get(child.source.lower())
            if relation is None:
                words = f"Didn't understand relationship '{child.source}' in FROM part of query call."
                raise malformed(query.text, child.source_at, words, "INVALID_TYPE")
            children.append((child.source, relation[1], self._plan(child, kind), child))
        return QueryPlan(kind, fields, children, query)

    def _rows(self, plan: QueryPlan, *, deleted: bool) -> list[Row]:
        state, query, kind = self.state, plan.query, plan.kind
        test = test_of(state, kind, query.where, query.text)
        now = state.clock.now()
        gone = deleted and kind.history
        rows = [
            row
            for row in self._candidates(kind, query.where)
            if row.hidden_until <= now and (gone or not row.values["IsDeleted"]) and test(row)
        ]
        rows.sort(key=lambda row: row.key)
        for path, descending, at in reversed(query.order):
            place = find(state, kind, path, query.text, at)
            keyed = [(place.value(state, row), row) for row in rows]
            keyed.sort(key=lambda pair: (pair[0] is not None, pair[0]), reverse=descending)
            rows = [row for _, row in keyed]
        end = None if query.limit is None else query.offset + query.limit
        return rows[query.offset : end]

    def _candidates(self, kind: SObject, where: Node | None) -> Iterable[Row]:
        table = self.state.table(kind)
        for name, values in equals(where).items():
            if name == "id":
                candidates = (table.get(long_id(str(value))) for value in values)
                return [row for row in dict.fromkeys(candidates) if row is not None]
            field = kind.field(name)
            if field is not None and field.kind == "reference" and table.has_equal(field.name):
                wanted = dict.fromkeys(long_id(str(value)) for value in values)
                return [row for value in wanted for row in table.where(field.name, value)]
        since = at_least(where, "SystemModstamp")
        return table.between("SystemModstamp", *table.bounds("SystemModstamp", since))


def _restrict(kind: SObject, where: Node | None) -> None:
    """Refuse queries of links and articles that Salesforce does not support."""
    narrowed = equals(where)
    if kind.name == "ContentDocumentLink" and not narrowed.keys() & {"contentdocumentid", "linkedentityid"}:
        raise restricted(
            "ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using "
            "the equals operator or multiple Id's using the IN operator."
        )
    if kind.name == "Knowledge__kav" and not narrowed.keys() & {"id", "publishstatus"}:
        raise restricted(
            "When querying the Knowledge__kav object, you must filter using the following syntax: Id = [single "
            "ID], Id IN [list of ID's], or PublishStatus = [status]. In addition, PublishStatus filters can only "
            "be used in a top-level AND condition."
        )
    if kind.name == "Knowledge__kav" and _below_top(where, "publishstatus"):
        raise restricted("PublishStatus filters can only be used in a top-level AND condition.")


def _below_top(node: Node | None, name: str, *, top: bool = True) -> bool:
    if isinstance(node, Condition):
        return node.path.lower() == name and not top
    if isinstance(node, Logic):
        return any(_below_top(part, name, top=top and node.word == "and") for part in node.parts)
    return False
