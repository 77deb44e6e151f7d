"""Tickets and requests: records read as the hub's values, and values written as fields.

Source: zenpy's recordings, and the endpoints' own descriptions in api-evangelist/zendesk, tickets and requests. A
create answers with the record as stored. A field that is not known is ignored there, without an error.
"""

from __future__ import annotations

from typing import Any

from hub.errors import CaseMissing, CaseRefused, VendorMisbehaved
from hub.model import AnyAccount, Case, CaseDraft, CaseReference
from hub.platforms import texts
from hub.platforms.form import IntakeForm
from hub.platforms.texts import moment, storable, text
from hub.platforms.words import VendorWords
from hub.platforms.zendesk import wire
from hub.platforms.zendesk.settings import Settings

DELETED = "deleted"  # a status of exports


def key_of(row: wire.Record, settings: Settings) -> str:
    """The key that a case carries: a ticket in external_id, a request at the head of its subject."""
    return text(row, "external_id") if settings.is_agent else texts.title_key(text(row, "subject"))


def case_from(row: wire.Record, settings: Settings, words: VendorWords) -> Case:
    """The case that a record tells; raises CaseMissing for a deleted one, VendorMisbehaved for unknown words."""
    status, priority = text(row, "status"), text(row, "priority")
    if status == DELETED:
        raise CaseMissing("the ticket was deleted at the vendor")
    changed_at = moment(row, "updated_at")
    if changed_at is None:
        raise VendorMisbehaved("a case lacks its time of change")
    subject, assignee = text(row, "subject"), row.get("assignee_id")
    return Case(
        reference=CaseReference(number=str(texts.number(row, "id"))),
        status=words.status(status, settings.statuses),
        changed_at=changed_at,
        severity=words.severity(priority, settings.priorities) if priority else None,
        title=subject if settings.is_agent else texts.untitled(subject),
        assignee=f"agent {assignee}" if isinstance(assignee, int) else "",
        key=key_of(row, settings),
        created_at=moment(row, "created_at"),
        words={"status": status, "priority": priority or None},
    )


def new_values(draft: CaseDraft, settings: Settings, words: VendorWords, form: IntakeForm) -> dict[str, Any]:
    """The fields of a new ticket or request; raises FieldRefused, IntakeIncomplete.

    An answer goes into its field where the settings name one, else into the description.
    """
    title, key = storable(draft.title, "title"), storable(draft.key, "key")
    agent = settings.is_agent
    subject = texts.titled(title, "" if agent else key, settings.subject_limit)
    cut = (subject if agent else texts.untitled(subject)) != title
    priority = words.severity_word(draft.severity, settings.severity_words)
    custom, said, kind = dict(settings.custom_fields), list[str](), str(settings.ticket_type)
    names = {line.field: line.question.title for line in form.lines}
    for field, value in form.answers(draft.answers, settings).items():
        if field == "type" and agent:
            kind = value
        elif field in settings.field_ids:
            custom[settings.field_ids[field]] = value
        else:
            said.append(f"{names[field]}: {value}")
    said += [] if agent else [f"Severity: {int(draft.severity)}"]  # some vendors hide the priority from customers
    body = "\n\n".join([texts.details(draft, title if cut else ""), *(["\n".join(said)] if said else [])])
    comment: dict[str, Any] = {"body": storable(body, "description")}
    known: dict[str, Any] = {
        "ticket_form_id": settings.ticket_form_id,
        "custom_fields": [{"id": ident, "value": value} for ident, value in custom.items()] or None,
    }
    if agent:
        comment["public"] = True
        sender = {"name": settings.requester_name, "email": settings.requester_email}
        known |= {
            "external_id": key,
            "type": kind or None,
            "tags": list(settings.tags) or None,
            "group_id": settings.group_id,
            "requester": {name: value for name, value in sender.items() if value} if settings.requester_email else None,
        }
    return {"subject": subject, "comment": comment, "priority": priority} | {
        name: value for name, value in known.items() if value is not None
    }


async def open_case(account: AnyAccount, draft: CaseDraft, form: IntakeForm, words: VendorWords) -> Case:
    """Store a case that carries the key, and return it as the account answers.

    For two hours the vendor answers a ticket's key again with what it stored first; for requests it does not.
    """
    settings: Settings = account.settings
    path, name = wire.door(settings)
    values = {name: new_values(draft, settings, words, form)}
    headers = {"Idempotency-Key": draft.key} if settings.is_agent else None
    reply = await account.client.send("POST", path, json=values, headers=headers)
    return case_from(wire.record(reply, name), settings, words)


async def find_case(account: AnyAccount, key: str, words: VendorWords) -> Case | None:
    """The case that carries the key, or None; raises CaseRefused when several do, as nothing there forbids it."""
    settings: Settings = account.settings
    rows = await (_tickets(account, key) if settings.is_agent else _requests(account, key))
    held = {texts.number(row, "id"): row for row in rows if key and key_of(row, settings) == key}
    if len(held) > 1:
        raise CaseRefused("several cases carry one key", next_step="let the vendor merge them", account=account.name)
    return next((case_from(row, settings, words) for row in held.values()), None)


async def _tickets(account: AnyAccount, key: str) -> list[wire.Record]:
    reply = await account.client.get("/tickets", params={"external_id": key})
    rows = wire.rows(reply, reply.json(dict), "tickets")
    return [row for row in rows if row.get("status") != DELETED]


async def _requests(account: AnyAccount, key: str) -> list[wire.Record]:
    """Among the newest requests, which are current; else by the search, whose index lags behind."""
    settings: Settings = account.settings
    newest, looked = {"sort_by": "created_at", "sort_order": "desc"}, 0
    async for reply, told in wire.pages(account, "/requests", newest):
        rows, looked = wire.rows(reply, told, "requests"), looked + 1
        if found := [row for row in rows if key_of(row, settings) == key]:
            return found
        if looked == settings.find_pages:
            break
    if '"' in key:
        return []
    reply = await account.client.get("/requests/search", params={"query": f'"{key}"', "per_page": wire.SIZE})
    return wire.rows(reply, reply.json(dict), "requests")


async def read_row(account: AnyAccount, reference: CaseReference) -> wire.Record:
    """The case's record; raises CaseMissing."""
    path, name = wire.door(account.settings)
    return wire.record(await account.client.get(f"{path}/{ident(reference)}"), name)


async def write(account: AnyAccount, reference: CaseReference, values: dict[str, Any]) -> wire.Record:
    """Write values to a case; the whole of the answer."""
    path, name = wire.door(account.settings)
    reply = await account.client.send("PUT", f"{path}/{ident(reference)}", json={name: values})
    wire.record(reply, name)
    return reply.json(dict)


def ident(reference: CaseReference) -> str:
    """The case's number as part of an address; raises CaseMissing for what can't be one."""
    if not (reference.number.isascii() and reference.number.isdigit()):
        raise CaseMissing("the case's number is none", next_step="take it from the vendor's portal")
    return reference.number
