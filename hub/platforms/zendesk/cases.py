"""Tickets and requests: reads records as cases, and writes cases as fields.

Source: zenpy's recordings, and the descriptions of the endpoints in api-evangelist/zendesk, tickets and requests. The
answer to a create is the record as stored. Unknown fields are ignored without an error.
"""

from __future__ import annotations

from typing import Any

from hub.errors import CaseMissing, CaseRefused, VendorMisbehaved
from hub.model import AnyAccount, Case, CaseDraft, CaseReference
from hub.platforms import texts
from hub.platforms.form import IntakeForm
from hub.platforms.items import parse_each, reference
from hub.platforms.texts import moment, storable, text
from hub.platforms.words import VendorWords
from hub.platforms.zendesk import api
from hub.platforms.zendesk.settings import Settings

DELETED = "deleted"  # a status of exports


def key_of(record: api.Record, settings: Settings) -> str:
    """The key of a case: of a ticket in external_id, of a request at the start of its subject."""
    return text(record, "external_id") if settings.is_agent else texts.title_key(text(record, "subject"))


def case_from(record: api.Record, settings: Settings, words: VendorWords) -> Case:
    """The case of a record; raises CaseMissing for a deleted case, VendorMisbehaved for unknown words."""
    status, priority = text(record, "status"), text(record, "priority")
    if status == DELETED:
        raise CaseMissing("the ticket was deleted at the vendor")
    changed_at = moment(record, "updated_at")
    if changed_at is None:
        raise VendorMisbehaved("a case has no time of change")
    subject, assignee = text(record, "subject"), record.get("assignee_id")
    return Case(
        reference=CaseReference(number=str(texts.number(record, "id"))),
        status=words.status(status, settings.statuses),
        changed_at=changed_at,
        severity=words.severity(priority, settings.priorities) if priority else None,
        title=subject if settings.is_agent else texts.untitled(subject),
        assignee=f"agent {assignee}" if isinstance(assignee, int) else "",
        key=key_of(record, settings),
        created_at=moment(record, "created_at"),
        words={"status": status, "priority": priority or None},
    )


def new_values(draft: CaseDraft, settings: Settings, words: VendorWords, form: IntakeForm) -> dict[str, Any]:
    """The fields of a new ticket or request; raises FieldRefused, IntakeIncomplete.

    An answer goes into its own field if the settings name one, or into the description.
    """
    title, key = storable(draft.title, "title"), storable(draft.key, "key")
    agent = settings.is_agent
    subject = texts.titled(title, "" if agent else key, settings.subject_limit)
    shortened = (subject if agent else texts.untitled(subject)) != title
    priority = words.severity_word(draft.severity, settings.severity_words)
    custom, lines, ticket_type = dict(settings.custom_fields), list[str](), str(settings.ticket_type)
    titles = {line.field: line.question.title for line in form.lines}
    for field, value in form.answers(draft.answers, settings).items():
        if field == "type" and agent:
            ticket_type = value
        elif field in settings.field_ids:
            custom[settings.field_ids[field]] = value
        else:
            lines.append(f"{titles[field]}: {value}")
    lines += [] if agent else [f"Severity: {int(draft.severity)}"]  # some vendors hide the priority from customers
    body = "\n\n".join([texts.details(draft, title if shortened else ""), *(["\n".join(lines)] if lines else [])])
    comment: dict[str, Any] = {"body": storable(body, "description")}
    optional: dict[str, Any] = {
        "ticket_form_id": settings.ticket_form_id,
        "custom_fields": [{"id": ident, "value": value} for ident, value in custom.items()] or None,
    }
    if agent:
        comment["public"] = True
        sender = {"name": settings.requester_name, "email": settings.requester_email}
        optional |= {
            "external_id": key,
            "type": ticket_type or None,
            "tags": list(settings.tags) or None,
            "group_id": settings.group_id,
            "requester": {name: value for name, value in sender.items() if value} if settings.requester_email else None,
        }
    return {"subject": subject, "comment": comment, "priority": priority} | {
        name: value for name, value in optional.items() if value is not None
    }


async def open_case(account: AnyAccount, draft: CaseDraft, form: IntakeForm, words: VendorWords) -> Case:
    """Create a case with the key; the case as stored.

    A repeated ticket key gets the first answer again for two hours; requests have no such protection.
    """
    settings: Settings = account.settings
    path, name = api.case_endpoint(settings)
    values = {name: new_values(draft, settings, words, form)}
    headers = {"Idempotency-Key": draft.key} if settings.is_agent else None
    reply = await account.client.send("POST", path, json=values, headers=headers)
    return case_from(api.record(reply, name), settings, words)


async def find_case(account: AnyAccount, key: str, words: VendorWords) -> Case | None:
    """The case with the key, or None; raises CaseRefused if several have it, which Zendesk allows."""
    settings: Settings = account.settings
    records = await (_tickets(account, key) if settings.is_agent else _requests(account, key))
    found = {texts.number(record, "id"): record for record in records}
    if len(found) > 1:
        raise CaseRefused(
            "several cases have the same key", next_step="ask the vendor to merge them", account=account.name
        )
    return next((case_from(record, settings, words) for record in found.values()), None)


def _with_key(rows: list[Any], key: str, settings: Settings) -> tuple[api.Record, ...]:
    """The records with the key; rows that can't be read don't have it."""

    def parse(row: Any) -> api.Record | None:
        record = texts.record(row)
        return record if key and record.get("status") != DELETED and key_of(record, settings) == key else None

    return parse_each(rows, parse, lambda row: reference(row, "id")).items


async def _tickets(account: AnyAccount, key: str) -> tuple[api.Record, ...]:
    reply = await account.client.get("/tickets", params={"external_id": key})
    return _with_key(api.rows(reply, reply.json(dict), "tickets"), key, account.settings)


async def _requests(account: AnyAccount, key: str) -> tuple[api.Record, ...]:
    """From the newest requests, which are current, or from the search, whose index lags behind."""
    settings: Settings = account.settings
    newest, pages = {"sort_by": "created_at", "sort_order": "desc"}, 0
    async for reply, answer in api.fetch_pages(account, "/requests", newest):
        pages += 1
        if found := _with_key(api.rows(reply, answer, "requests"), key, settings):
            return found
        if pages == settings.find_pages:
            break
    if '"' in key:
        return ()
    reply = await account.client.get("/requests/search", params={"query": f'"{key}"', "per_page": api.SIZE})
    return _with_key(api.rows(reply, reply.json(dict), "requests"), key, settings)


async def read_record(account: AnyAccount, reference: CaseReference) -> api.Record:
    """The case's record; raises CaseMissing."""
    path, name = api.case_endpoint(account.settings)
    return api.record(await account.client.get(f"{path}/{ident(reference)}"), name)


async def write(account: AnyAccount, reference: CaseReference, values: dict[str, Any]) -> api.Record:
    """Write values to a case; the complete answer."""
    path, name = api.case_endpoint(account.settings)
    reply = await account.client.send("PUT", f"{path}/{ident(reference)}", json={name: values})
    api.record(reply, name)
    return reply.json(dict)


def ident(reference: CaseReference) -> str:
    """The case's number as part of an address; raises CaseMissing for an invalid number."""
    if not (reference.number.isascii() and reference.number.isdigit()):
        raise CaseMissing("the case's number is not valid", next_step="look it up in the vendor's portal")
    return reference.number
