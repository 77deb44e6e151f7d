"""Cases: rows read as the hub's values, and values written as fields.

Source: "Case API" of ServiceNow's documentation. Fields that are not known or not allowed are dropped in silence, so
a new case is read back; a contact's login may set few of them, so its key stands at the head of the title.
"""

from __future__ import annotations

from typing import Any

from hub.errors import CaseRefused, FieldRefused, NotPermitted, VendorMisbehaved
from hub.model import AnyAccount, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus
from hub.platforms import texts
from hub.platforms.form import IntakeForm
from hub.platforms.servicenow import wire
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import storable, text
from hub.platforms.words import VendorWords

FIELDS = (
    "sys_id,number,short_description,state,priority,account,assigned_to,close_notes,correlation_id,"
    "opened_at,sys_created_on,sys_updated_on,sys_mod_count"
)
OPENING = "open"  # the last part of the key of the comment that holds a new case's text
TITLE_LIMIT = 160
_FINAL = frozenset({CaseStatus.CLOSED, CaseStatus.CANCELLED})


def case_from(row: wire.Record, settings: Settings, words: VendorWords) -> Case:
    """The case that a record tells; raises VendorMisbehaved for unknown words and missing fields."""
    number, changed_at = text(row, "number"), wire.moment(row, "sys_updated_on")
    if not number or changed_at is None:
        raise VendorMisbehaved("a case lacks its number or its time of change")
    state, priority, title = text(row, "state"), text(row, "priority"), text(row, "short_description")
    return Case(
        reference=CaseReference(number=number, id=text(row, "sys_id")),
        status=words.status(state, settings.statuses),
        changed_at=changed_at,
        severity=words.severity(priority, settings.priorities) if priority else None,
        title=texts.untitled(title),
        resolution=text(row, "close_notes"),
        assignee=wire.reference(row, "assigned_to"),
        key=text(row, "correlation_id") or texts.title_key(title),
        created_at=wire.moment(row, "sys_created_on"),
        words={"status": state, "priority": priority},
    )


def new_values(draft: CaseDraft, settings: Settings, form: IntakeForm, words: VendorWords) -> dict[str, str]:
    """The fields of a new case; raises FieldRefused, IntakeIncomplete."""
    title, key = storable(draft.title, "title"), wire.value(storable(draft.key, "key"))
    short = texts.titled(title, key if settings.is_external else "", TITLE_LIMIT)
    cut = texts.untitled(short) != title
    whole = storable(texts.details(draft, title if cut else ""), "description")
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
        return values | {"comments": fits(texts.marked(whole, f"{key}/{OPENING}"), settings, "description")}
    return values | {
        "description": fits(whole, settings, "description"),
        "correlation_id": key,
        "correlation_display": settings.correlation_display,
    }


def fits(body: str, settings: Settings, field: str) -> str:
    """The text, unless it is longer than the vendor keeps; raises FieldRefused, which names the field."""
    if len(body) > settings.text_limit:
        raise FieldRefused(
            f"the {field} is longer than {settings.text_limit} characters",
            field=field,
            next_step="shorten it, or send it as a file",
        )
    return body


async def open_case(account: AnyAccount, draft: CaseDraft, form: IntakeForm, words: VendorWords) -> Case:
    """Store the case, and read it back; words["dropped"] names the fields that the instance did not keep."""
    values = new_values(draft, account.settings, form, words)
    reply = await account.client.send("POST", wire.CASE, json=values)
    ident = text(wire.one(reply), "sys_id")
    row = await read_row(account, CaseReference(number=text(wire.one(reply), "number"), id=ident))
    case = case_from(row, account.settings, words)
    gone = sorted(name for name in values if name != "comments" and not _kept(row, name, values[name]))
    return case.evolve(words={**case.words, "dropped": ", ".join(gone)}) if gone else case


def _kept(row: wire.Record, name: str, wanted: str) -> bool:
    return wanted == "" or wire.reference(row, name) == wanted


async def find_case(account: AnyAccount, key: str, words: VendorWords) -> Case | None:
    """The case that carries the key, or None; raises NotPermitted where the instance does not search for it."""
    settings, wanted = account.settings, wire.value(key)
    which = f"short_descriptionSTARTSWITH[{wanted}]" if settings.is_external else f"correlation_id={wanted}"
    rows = await wire.listed(account, wire.CASE, params(settings, f"{which}^ORDERBYsys_created_on"), every=False)
    carries = [row for row in rows.records if _key(row, settings).casefold() == key.casefold()]
    if len(carries) != len(rows.records):
        # an instance ignores the part of a query that it can't use: what it shows then says nothing of the key
        raise NotPermitted(
            "the instance does not search for the key",
            account=account.name,
            next_step="let the vendor allow reading the field that carries it, or use the other access_profile",
        )
    if len(carries) > 1:
        raise CaseRefused("several cases carry one key", next_step="let the vendor merge them", account=account.name)
    return case_from(carries[0], settings, words) if carries else None


def _key(row: wire.Record, settings: Settings) -> str:
    if settings.is_external:
        return texts.title_key(text(row, "short_description"))
    return text(row, "correlation_id")


def params(settings: Settings, query: str) -> dict[str, Any]:
    """The parameters of a list of cases."""
    return {
        "sysparm_query": query,
        "sysparm_fields": FIELDS,
        "sysparm_limit": settings.page_size,
        "sysparm_display_value": "false",
        "sysparm_reference_fields": "false",
    }


async def read_row(account: AnyAccount, reference: CaseReference) -> wire.Record:
    """The case's record; raises CaseMissing, also for one that is hidden from us."""
    which = wire.sys_id(reference.id) if reference.id else _number(reference.number)
    return wire.one(await account.client.get(f"{wire.CASE}/{which}", params={"sysparm_display_value": "false"}))


def _number(number: str) -> str:
    if not (number.isascii() and number.isalnum()):
        raise FieldRefused("the case's number holds odd characters", next_step="take it from the vendor's portal")
    return number


def changed_values(case: Case, changes: CaseChanges, settings: Settings, words: VendorWords) -> dict[str, str]:
    """The fields that differ from the case as it stands; raises FieldRefused and CaseRefused."""
    values: dict[str, str] = {}
    if changes.severity is not None and changes.severity != case.severity:
        _may(settings, "severity")
        values["priority"] = words.severity_word(changes.severity, settings.severity_words)
    if changes.title is not None:
        short = texts.titled(storable(changes.title, "title"), "", TITLE_LIMIT)
        if texts.untitled(short) != case.title:
            _may(settings, "title")
            values["short_description"] = short
    both_over = changes.status in _FINAL and case.status in _FINAL
    if changes.status is not None and changes.status != case.status and not both_over:
        word = words.status_word(changes.status, settings.status_words)
        values |= {"state": word} if word != case.words.get("status") else {}
    if changes.resolution and changes.resolution != case.resolution and not settings.is_external:
        values["close_notes"] = fits(storable(changes.resolution, "resolution"), settings, "resolution")
        values |= {"resolution_code": settings.resolution_code} if settings.resolution_code else {}
    if values and case.status in _FINAL:
        raise CaseRefused(
            "a closed case can't be changed at this vendor", next_step="open a new case that names this one"
        )
    return values


def _may(settings: Settings, field: str) -> None:
    if settings.is_external:
        raise FieldRefused(
            f"a contact's login can't change the {field}",
            field=field,
            next_step="ask for it in a comment, or have the vendor give an integration user",
        )


async def write(account: AnyAccount, ident: str, values: dict[str, str]) -> None:
    """Change a case."""
    wire.one(await account.client.send("PUT", f"{wire.CASE}/{wire.sys_id(ident)}", json=values))
