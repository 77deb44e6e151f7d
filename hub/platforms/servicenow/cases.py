"""Cases: reads records as cases, and writes cases as fields.

Source: "Case API" of ServiceNow's documentation. Unknown and forbidden fields are dropped silently, so a new case is
read back. A contact's login may set only a few fields, so its key is at the start of the title.
"""

from __future__ import annotations

from typing import Any

from hub.errors import CaseRefused, FieldRefused, NotPermitted, VendorMisbehaved
from hub.model import AnyAccount, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus
from hub.platforms import texts
from hub.platforms.form import IntakeForm
from hub.platforms.servicenow import api
from hub.platforms.servicenow.journal import shield
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import ident, storable, text
from hub.platforms.words import VendorWords

FIELDS = (
    "sys_id,number,short_description,state,priority,account,assigned_to,close_notes,correlation_id,"
    "opened_at,sys_created_on,sys_updated_on,sys_mod_count"
)
TITLE_LIMIT = 160
_FINAL = frozenset({CaseStatus.CLOSED, CaseStatus.CANCELLED})


def case_from(record: api.Record, settings: Settings, words: VendorWords) -> Case:
    """The case of a record; raises VendorMisbehaved for unknown words and missing fields."""
    number, changed_at = ident(record, "number"), api.moment(record, "sys_updated_on")
    if not number or changed_at is None:
        raise VendorMisbehaved("a case has no number or no time of change")
    state, priority, title = text(record, "state"), text(record, "priority"), text(record, "short_description")
    own_key = text(record, "correlation_id")
    return Case(
        reference=CaseReference(number=number, id=ident(record, "sys_id")),
        status=words.status(state, settings.statuses),
        changed_at=changed_at,
        severity=words.severity(priority, settings.priorities) if priority else None,
        title=texts.untitled(title, own_key),
        resolution=text(record, "close_notes"),
        assignee=api.reference(record, "assigned_to"),
        key=own_key or texts.title_key(title),
        created_at=api.moment(record, "sys_created_on"),
        words={"status": state, "priority": priority},
    )


def new_values(draft: CaseDraft, settings: Settings, form: IntakeForm, words: VendorWords) -> dict[str, str]:
    """The fields of a new case; raises FieldRefused, IntakeIncomplete."""
    title, key = storable(draft.title, "title"), api.query_value(storable(draft.key, "key"))
    short = texts.titled(title, key if settings.is_external else "", TITLE_LIMIT)
    shortened = texts.untitled(short) != title
    description = storable(texts.details(draft, title if shortened else ""), "description")
    values = {
        **settings.extra_fields,
        "short_description": short,
        "priority": words.severity_word(draft.severity, settings.severity_words),
        "contact_type": "web",
        **form.answers(draft.answers, settings),
    }
    values |= {"account": settings.account_sys_id} if settings.account_sys_id else {}
    values |= {"contact": settings.contact_sys_id} if settings.contact_sys_id else {}
    if settings.is_external:
        return values | {
            "comments": fits(texts.marked(shield(description), f"{key}/{texts.OPENING}"), settings, "description")
        }
    return values | {
        "description": fits(description, settings, "description"),
        "correlation_id": key,
        "correlation_display": settings.correlation_display,
    }


def fits(body: str, settings: Settings, field: str) -> str:
    """The text; raises FieldRefused if it is longer than the vendor allows."""
    if len(body) > settings.text_limit:
        raise FieldRefused(
            f"the {field} is longer than {settings.text_limit} characters",
            field=field,
            next_step="shorten it, or send it as a file",
        )
    return body


async def open_case(account: AnyAccount, draft: CaseDraft, form: IntakeForm, words: VendorWords) -> Case:
    """Create the case, and read it back; words["dropped"] names the fields that the instance did not store."""
    values = new_values(draft, account.settings, form, words)
    reply = await account.client.send("POST", api.CASE, json=values)
    made = api.record(reply)
    record = await read_record(account, CaseReference(number=text(made, "number"), id=text(made, "sys_id")))
    case = case_from(record, account.settings, words)
    dropped = sorted(name for name in values if name != "comments" and not _kept(record, name, values[name]))
    return case.evolve(words={**case.words, "dropped": ", ".join(dropped)}) if dropped else case


def _kept(record: api.Record, name: str, wanted: str) -> bool:
    return wanted == "" or api.reference(record, name) == wanted


async def find_case(account: AnyAccount, key: str, words: VendorWords) -> Case | None:
    """The case with the key, or None; raises NotPermitted if the instance can't search for it."""
    settings, wanted = account.settings, api.query_value(key)
    condition = f"short_descriptionSTARTSWITH[{wanted}]" if settings.is_external else f"correlation_id={wanted}"
    page = await api.fetch_visible(account, api.CASE, params(settings, f"{condition}^ORDERBYsys_created_on"))
    records = [row for row in page.rows if isinstance(row, dict)]
    found = [record for record in records if _key(record, settings).casefold() == key.casefold()]
    if len(found) != len(records):
        # an instance ignores a part of a query that it can't use, and then returns cases without the key
        raise NotPermitted(
            "the instance does not search for the key",
            account=account.name,
            next_step="ask the vendor for read access to the field with the key, or use the other access_profile",
        )
    if len(found) > 1:
        raise CaseRefused(
            "several cases have the same key", next_step="ask the vendor to merge them", account=account.name
        )
    return case_from(found[0], settings, words) if found else None


def _key(record: api.Record, settings: Settings) -> str:
    if settings.is_external:
        return texts.title_key(text(record, "short_description"))
    return text(record, "correlation_id")


def params(settings: Settings, query: str) -> dict[str, Any]:
    """The parameters of a list of cases."""
    return {
        "sysparm_query": query,
        "sysparm_fields": FIELDS,
        "sysparm_limit": settings.page_size,
        "sysparm_display_value": "false",
        "sysparm_reference_fields": "false",
    }


async def read_record(account: AnyAccount, reference: CaseReference) -> api.Record:
    """The case's record; raises CaseMissing, also for a case that the login can't see."""
    last = api.sys_id(reference.id) if reference.id else _number(reference.number)
    return api.record(await account.client.get(f"{api.CASE}/{last}", params={"sysparm_display_value": "false"}))


def _number(number: str) -> str:
    if not (number.isascii() and number.isalnum()):
        raise FieldRefused(
            "the case's number contains invalid characters", next_step="look it up in the vendor's portal"
        )
    return number


def changed_values(case: Case, changes: CaseChanges, settings: Settings, words: VendorWords) -> dict[str, str]:
    """The fields that differ from the current case; raises FieldRefused and CaseRefused."""
    values: dict[str, str] = {}
    if changes.severity is not None and changes.severity != case.severity:
        _require_permission(settings, "severity")
        values["priority"] = words.severity_word(changes.severity, settings.severity_words)
    if changes.title is not None:
        short = texts.titled(storable(changes.title, "title"), "", TITLE_LIMIT)
        if texts.untitled(short, case.key) != case.title:
            _require_permission(settings, "title")
            values["short_description"] = short
    both_final = changes.status in _FINAL and case.status in _FINAL
    if changes.status is not None and changes.status != case.status and not both_final:
        word = words.status_word(changes.status, settings.status_words)
        values |= {"state": word} if word != case.words.get("status") else {}
    if changes.resolution and changes.resolution != case.resolution and not settings.is_external:
        values["close_notes"] = fits(storable(changes.resolution, "resolution"), settings, "resolution")
        values |= {"resolution_code": settings.resolution_code} if settings.resolution_code else {}
    if values and case.status in _FINAL:
        raise CaseRefused(
            "a closed case can't be changed at this vendor", next_step="open a new case that refers to this one"
        )
    return values


def _require_permission(settings: Settings, field: str) -> None:
    if settings.is_external:
        raise FieldRefused(
            f"a contact's login can't change the {field}",
            field=field,
            next_step="ask for it in a comment, or ask the vendor for an integration user",
        )


async def write(account: AnyAccount, case_id: str, values: dict[str, str]) -> None:
    """Change a case."""
    api.record(await account.client.send("PUT", f"{api.CASE}/{api.sys_id(case_id)}", json=values))
