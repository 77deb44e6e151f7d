"""Tickets: records read as the hub's values, and values written as fields.

Source: "Tickets" of the API's manual and python-freshdesk. A write with a field that is not known is refused whole, so
nothing is dropped in silence, and the answer to a create is the ticket as stored.
"""

from __future__ import annotations

from typing import Any

from hub.errors import CaseMissing, CaseRefused, VendorMisbehaved
from hub.model import AnyAccount, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus
from hub.platforms import texts
from hub.platforms.form import IntakeForm
from hub.platforms.freshdesk import wire
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.freshdesk.words import StatusNames, names
from hub.platforms.markup import as_html
from hub.platforms.texts import moment, storable, text
from hub.platforms.words import VendorWords

SUBJECT_LIMIT = 255
QUERY_LIMIT = 512  # characters of a search


def key_of(row: wire.Record, settings: Settings) -> str:
    """The key that a ticket carries: in its field, else at the head of its subject."""
    held = row.get("custom_fields")
    if settings.external_id_field:
        return text(held, settings.external_id_field) if isinstance(held, dict) else ""
    return texts.title_key(text(row, "subject"))


def case_from(row: wire.Record, told: StatusNames) -> Case:
    """The case that a record tells; raises VendorMisbehaved for unknown words and missing fields."""
    changed_at = moment(row, "updated_at")
    if changed_at is None:
        raise VendorMisbehaved("a ticket lacks its time of change")
    settings = told.settings
    status, priority = str(texts.number(row, "status")), str(texts.number(row, "priority"))
    subject, assignee = text(row, "subject"), row.get("responder_id")
    label = {"label": told.labels[status]} if status in told.labels else {}
    return Case(
        reference=CaseReference(number=str(texts.number(row, "id"))),
        status=told.status(status),
        changed_at=changed_at,
        severity=told.words.severity(priority, settings.priorities),
        title=subject if settings.external_id_field else texts.untitled(subject),
        assignee=f"agent {assignee}" if isinstance(assignee, int) else "",
        key=key_of(row, settings),
        created_at=moment(row, "created_at"),
        words={"status": status, "priority": priority, **label},
    )


def new_values(draft: CaseDraft, told: StatusNames, form: IntakeForm) -> dict[str, Any]:
    """The fields of a new ticket; raises FieldRefused, IntakeIncomplete.

    An answer goes into the custom field or type that the form names, else as a line to the description's end.
    """
    settings = told.settings
    title, key = storable(draft.title, "title"), storable(draft.key, "key")
    field = settings.external_id_field
    subject = texts.titled(title, "" if field else key, SUBJECT_LIMIT)
    cut = (subject if field else texts.untitled(subject)) != title
    custom: dict[str, Any] = dict(settings.custom_fields) | ({field: key} if field else {})
    kind, said = settings.ticket_type, list[str]()
    titles = {line.field: line.question.title for line in form.lines}
    for name, value in form.answers(draft.answers, settings).items():
        if name == "type":
            kind = value
        elif name.startswith("cf_"):
            custom[name] = value
        else:
            said.append(f"{titles[name]}: {value}")
    body = "\n\n".join([texts.details(draft, title if cut else ""), *(["\n".join(said)] if said else [])])
    known = {
        "email": settings.requester_email or None,
        "requester_id": settings.requester_id,
        "type": kind or None,
        "group_id": settings.group_id,
        "product_id": settings.product_id,
        "tags": list(settings.tags) or None,
        "custom_fields": custom or None,
    }
    return {
        "subject": subject,
        "description": as_html(storable(body, "description")),
        "status": told.status_number(CaseStatus.OPEN),
        "priority": told.priority(draft.severity),
        "source": settings.source,
        **{name: value for name, value in known.items() if value is not None},
    }


async def open_case(account: AnyAccount, draft: CaseDraft, form: IntakeForm, words: VendorWords) -> Case:
    """Store a ticket that carries the key, and return it as the account answers."""
    told = await names(account, words, write=CaseStatus.OPEN)
    reply = await account.client.send("POST", "/tickets", json=new_values(draft, told, form))
    row = reply.json(dict)
    return case_from(row, await names(account, words, row.get("status")))


async def find_case(account: AnyAccount, key: str, words: VendorWords) -> Case | None:
    """The case that carries the key, or None: looked for among the newest tickets, then by the search, which lags."""
    settings: Settings = account.settings
    found: list[wire.Record] = []
    for page in range(1, settings.find_pages + 1):
        asked = {"order_by": "created_at", "order_type": "desc", "per_page": wire.SIZE, "page": page}
        reply = await account.client.get("/tickets", params=asked)
        told = wire.rows(reply)
        found += [row for row in told if key_of(row, settings) == key]
        if found or not wire.goes_on(reply, len(told), wire.SIZE):
            break
    found = found or await _searched(account, key)
    if len({texts.number(row, "id") for row in found}) > 1:
        raise CaseRefused("several tickets carry one key", next_step="let the vendor merge them", account=account.name)
    return case_from(found[0], await names(account, words, found[0].get("status"))) if found else None


async def _searched(account: AnyAccount, key: str) -> list[wire.Record]:
    settings: Settings = account.settings
    query = f"\"{settings.external_id_field}:'{key}'\""
    if not settings.external_id_field or not key or len(query) > QUERY_LIMIT or any(sign in key for sign in "'\"\\\0"):
        return []
    reply = await account.client.get("/search/tickets", params={"query": query})
    told = reply.json(dict).get("results")
    if not isinstance(told, list):
        raise reply.misbehaved("a search has no results")
    return [row for row in told if isinstance(row, dict) and key_of(row, settings) == key]


async def read_row(account: AnyAccount, reference: CaseReference) -> wire.Record:
    """The ticket's record; raises CaseMissing, also for one that was deleted."""
    row = (await account.client.get(f"/tickets/{ident(reference)}")).json(dict)
    if row.get("deleted") is True:
        raise CaseMissing("the ticket was deleted at the vendor", account=account.name)
    return row


def ident(reference: CaseReference) -> str:
    """The ticket's number as part of an address; raises CaseMissing for what can't be one."""
    if not (reference.number.isascii() and reference.number.isdigit()):
        raise CaseMissing("the ticket's number is none", next_step="take it from the vendor's portal")
    return reference.number


def changed_values(case: Case, changes: CaseChanges, told: StatusNames) -> dict[str, Any]:
    """The fields that differ from the case as it stands; raises FieldRefused and CaseRefused."""
    settings, values = told.settings, dict[str, Any]()
    if changes.severity is not None and changes.severity != case.severity:
        values["priority"] = told.priority(changes.severity)
    if changes.title is not None:
        key = "" if settings.external_id_field else case.key
        subject = texts.titled(storable(changes.title, "title"), key, SUBJECT_LIMIT)
        if subject != texts.titled(case.title, key, SUBJECT_LIMIT):
            values["subject"] = subject
    if changes.status is not None and changes.status != case.status:
        number = told.status_number(changes.status)
        values |= {"status": number} if str(number) != case.words.get("status") else {}
    if values and settings.closed_is_final and case.status is CaseStatus.CLOSED:
        raise CaseRefused(
            "a closed ticket can't be changed at this vendor", next_step="open a new case that names this one"
        )
    return values


async def change_case(account: AnyAccount, case: Case, values: dict[str, Any], words: VendorWords) -> Case:
    """Write the fields, if there are any; the case as it then stands, which is what the account answers."""
    if not values:
        return case
    reply = await account.client.send("PUT", f"/tickets/{ident(case.reference)}", json=values)
    row = reply.json(dict)
    return case_from(row, await names(account, words, row.get("status")))
