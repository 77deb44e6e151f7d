"""Tickets: reads records as cases, and writes cases as fields.

Source: "Tickets" of the API's manual and python-freshdesk. A write with an unknown field is refused completely, so no
field is dropped silently. The answer to a create is the ticket as stored.
"""

from __future__ import annotations

from typing import Any

from hub.errors import CaseMissing, CaseRefused, VendorMisbehaved
from hub.model import AnyAccount, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus
from hub.platforms import texts
from hub.platforms.form import IntakeForm
from hub.platforms.freshdesk import api
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.freshdesk.words import StatusNames, status_names
from hub.platforms.items import parse_each, reference
from hub.platforms.markup import as_html
from hub.platforms.texts import moment, storable, text
from hub.platforms.words import VendorWords

SUBJECT_LIMIT = 255
QUERY_LIMIT = 512  # characters of a search


def key_of(record: api.Record, settings: Settings) -> str:
    """The key of a ticket: from its field, or from the start of its subject."""
    custom_fields = record.get("custom_fields")
    if settings.external_id_field:
        return text(custom_fields, settings.external_id_field) if isinstance(custom_fields, dict) else ""
    return texts.title_key(text(record, "subject"))


def case_from(record: api.Record, names: StatusNames) -> Case:
    """The case of a record; raises VendorMisbehaved for unknown words and missing fields."""
    changed_at = moment(record, "updated_at")
    if changed_at is None:
        raise VendorMisbehaved("a ticket has no time of change")
    settings = names.settings
    status, priority = str(texts.number(record, "status")), str(texts.number(record, "priority"))
    subject, assignee = text(record, "subject"), record.get("responder_id")
    label = {"label": names.labels[status]} if status in names.labels else {}
    return Case(
        reference=CaseReference(number=str(texts.number(record, "id"))),
        status=names.status(status),
        changed_at=changed_at,
        severity=names.words.severity(priority, settings.priorities),
        title=subject if settings.external_id_field else texts.untitled(subject),
        assignee=f"agent {assignee}" if isinstance(assignee, int) else "",
        key=key_of(record, settings),
        created_at=moment(record, "created_at"),
        words={"status": status, "priority": priority, **label},
    )


def new_values(draft: CaseDraft, names: StatusNames, form: IntakeForm) -> dict[str, Any]:
    """The fields of a new ticket; raises FieldRefused, IntakeIncomplete.

    An answer goes into the custom field or type that the form names, or as a line at the end of the description.
    """
    settings = names.settings
    title, key = storable(draft.title, "title"), storable(draft.key, "key")
    field = settings.external_id_field
    subject = texts.titled(title, "" if field else key, SUBJECT_LIMIT)
    shortened = (subject if field else texts.untitled(subject)) != title
    custom: dict[str, Any] = dict(settings.custom_fields) | ({field: key} if field else {})
    ticket_type, lines = settings.ticket_type, list[str]()
    titles = {line.field: line.question.title for line in form.lines}
    for name, value in form.answers(draft.answers, settings).items():
        if name == "type":
            ticket_type = value
        elif name.startswith("cf_"):
            custom[name] = value
        else:
            lines.append(f"{titles[name]}: {value}")
    body = "\n\n".join([texts.details(draft, title if shortened else ""), *(["\n".join(lines)] if lines else [])])
    optional = {
        "email": settings.requester_email or None,
        "requester_id": settings.requester_id,
        "type": ticket_type or None,
        "group_id": settings.group_id,
        "product_id": settings.product_id,
        "tags": list(settings.tags) or None,
        "custom_fields": custom or None,
    }
    return {
        "subject": subject,
        "description": as_html(storable(body, "description")),
        "status": names.status_number(CaseStatus.OPEN),
        "priority": names.priority(draft.severity),
        "source": settings.source,
        **{name: value for name, value in optional.items() if value is not None},
    }


async def open_case(account: AnyAccount, draft: CaseDraft, form: IntakeForm, words: VendorWords) -> Case:
    """Create a ticket with the key; the case as stored."""
    names = await status_names(account, words, write=CaseStatus.OPEN)
    reply = await account.client.send("POST", "/tickets", json=new_values(draft, names, form))
    record = reply.json(dict)
    return case_from(record, await status_names(account, words, record.get("status")))


async def find_case(account: AnyAccount, key: str, words: VendorWords) -> Case | None:
    """The case with the key, or None: from the newest tickets, or from the search, whose index lags behind."""
    settings: Settings = account.settings
    found: list[api.Record] = []
    for page in range(1, settings.find_pages + 1):
        params = {"order_by": "created_at", "order_type": "desc", "per_page": api.SIZE, "page": page}
        reply = await account.client.get("/tickets", params=params)
        listed = reply.json(list)
        found += _with_key(listed, key, settings)
        if found or not api.has_next_page(reply, len(listed), api.SIZE):
            break
    found = found or await _search(account, key)
    if len({texts.number(record, "id") for record in found}) > 1:
        raise CaseRefused(
            "several tickets have the same key", next_step="ask the vendor to merge them", account=account.name
        )
    return case_from(found[0], await status_names(account, words, found[0].get("status"))) if found else None


async def _search(account: AnyAccount, key: str) -> list[api.Record]:
    settings: Settings = account.settings
    query = f"\"{settings.external_id_field}:'{key}'\""
    if not settings.external_id_field or not key or len(query) > QUERY_LIMIT or any(sign in key for sign in "'\"\\\0"):
        return []
    reply = await account.client.get("/search/tickets", params={"query": query})
    results = reply.json(dict).get("results")
    if not isinstance(results, list):
        raise reply.misbehaved("the answer to a search has no results")
    return list(_with_key(results, key, settings))


def _with_key(rows: list[Any], key: str, settings: Settings) -> tuple[api.Record, ...]:
    """The records with the key; rows that can't be read don't have it."""

    def parse(row: Any) -> api.Record | None:
        record = texts.record(row)
        return record if key_of(record, settings) == key else None

    return parse_each(rows, parse, lambda row: reference(row, "id")).items


async def read_record(account: AnyAccount, reference: CaseReference) -> api.Record:
    """The ticket's record; raises CaseMissing, also for a deleted ticket."""
    record = (await account.client.get(f"/tickets/{ident(reference)}")).json(dict)
    if record.get("deleted") is True:
        raise CaseMissing("the ticket was deleted at the vendor", account=account.name)
    return record


def ident(reference: CaseReference) -> str:
    """The ticket's number as part of an address; raises CaseMissing for an invalid number."""
    if not (reference.number.isascii() and reference.number.isdigit()):
        raise CaseMissing("the ticket's number is not valid", next_step="look it up in the vendor's portal")
    return reference.number


def changed_values(case: Case, changes: CaseChanges, names: StatusNames) -> dict[str, Any]:
    """The fields that differ from the current case; raises FieldRefused and CaseRefused."""
    settings, values = names.settings, dict[str, Any]()
    if changes.severity is not None and changes.severity != case.severity:
        values["priority"] = names.priority(changes.severity)
    if changes.title is not None:
        key = "" if settings.external_id_field else case.key
        subject = texts.titled(storable(changes.title, "title"), key, SUBJECT_LIMIT)
        if subject != texts.titled(case.title, key, SUBJECT_LIMIT):
            values["subject"] = subject
    if changes.status is not None and changes.status != case.status:
        number = names.status_number(changes.status)
        values |= {"status": number} if str(number) != case.words.get("status") else {}
    if values and settings.closed_is_final and case.status is CaseStatus.CLOSED:
        raise CaseRefused(
            "a closed ticket can't be changed at this vendor", next_step="open a new case that refers to this one"
        )
    return values


async def change_case(account: AnyAccount, case: Case, values: dict[str, Any], words: VendorWords) -> Case:
    """Write the fields, if there are any; the case as stored."""
    if not values:
        return case
    reply = await account.client.send("PUT", f"/tickets/{ident(case.reference)}", json=values)
    record = reply.json(dict)
    return case_from(record, await status_names(account, words, record.get("status")))
