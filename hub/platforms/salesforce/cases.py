"""Cases: reads records of Case, and writes cases as fields.

Source: the describe of Case in the object reference; "Insert or Update (Upsert) a Record Using an External ID".
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hub.errors import CaseMissing, CaseRefused, FieldRefused, VendorMisbehaved, VendorUnavailable
from hub.model import AnyAccount, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus, Severity
from hub.platforms import texts
from hub.platforms.form import IntakeForm
from hub.platforms.salesforce import api, soql
from hub.platforms.salesforce.settings import Settings
from hub.platforms.texts import ident, moment, storable, text
from hub.platforms.words import VendorWords

FIELDS = (
    "Id",
    "CaseNumber",
    "Subject",
    "Status",
    "Priority",
    "IsClosed",
    "IsEscalated",
    "IsDeleted",
    "MasterRecordId",
    "Owner.Name",
    "CreatedDate",
    "SystemModstamp",
)
SUBJECT_LIMIT = 255
_FINAL = frozenset({CaseStatus.CLOSED, CaseStatus.CANCELLED})


def fields(settings: Settings) -> str:
    """The fields of a case, as a query lists them."""
    own = (settings.external_id_field, settings.resolution_field)
    return ", ".join((*FIELDS, *(name for name in own if name)))


def case_from(record: api.Record, settings: Settings, words: VendorWords) -> Case:
    """The case of a record; raises VendorMisbehaved for unknown words and missing fields."""
    number, changed_at = ident(record, "CaseNumber"), moment(record, "SystemModstamp")
    if not number or changed_at is None:
        raise VendorMisbehaved("a case has no number or no time of change")
    status, priority = text(record, "Status"), text(record, "Priority")
    return Case(
        reference=CaseReference(number=number, id=ident(record, "Id")),
        status=_status(status, record.get("IsClosed") is True, settings, words),
        changed_at=changed_at,
        severity=_severity(priority, record.get("IsEscalated") is True, settings, words) if priority else None,
        title=text(record, "Subject"),
        resolution=text(record, settings.resolution_field) if settings.resolution_field else "",
        assignee=texts.person(api.parent(record, "Owner"), "Name"),
        key=text(record, settings.external_id_field),
        created_at=moment(record, "CreatedDate"),
        words={"status": status, "priority": priority},
    )


def _status(word: str, closed: bool, settings: Settings, words: VendorWords) -> CaseStatus:
    """The meaning of a status; an unknown status of a closed case means closed."""
    if closed and word not in words.statuses and word not in settings.statuses:
        return CaseStatus.CLOSED
    return words.status(word, settings.statuses)


def _severity(word: str, escalated: bool, settings: Settings, words: VendorWords) -> Severity:
    """The severity of a priority; if 1 and 2 have the same word, the escalation flag distinguishes them."""
    severity = words.severity(word, settings.priorities)
    first, second = (words.severity_word(level, settings.severity_words) for level in (Severity.S1, Severity.S2))
    shared = settings.escalated_flag and first == second == word
    return (Severity.S1 if escalated else Severity.S2) if shared else severity


def _priority(severity: Severity, settings: Settings, words: VendorWords) -> dict[str, Any]:
    values: dict[str, Any] = {"Priority": words.severity_word(severity, settings.severity_words)}
    if settings.escalated_flag:
        values["IsEscalated"] = severity is Severity.S1
    return values


def new_values(draft: CaseDraft, settings: Settings, form: IntakeForm, words: VendorWords) -> dict[str, Any]:
    """The fields of a new case without the key; raises FieldRefused, IntakeIncomplete.

    There is no status: if the case exists already, an upsert must not reset it.
    """
    title = storable(draft.title, "title")
    subject = texts.shortened(title, SUBJECT_LIMIT)
    values = {
        **settings.case_constants,
        "Subject": subject,
        "Description": storable(texts.details(draft, "" if subject == title else title), "description"),
        **_priority(draft.severity, settings, words),
        **form.answers(draft.answers, settings),
    }
    if settings.product_field and draft.product:
        values[settings.product_field] = storable(draft.product, "product")
    return values


async def open_case(account: AnyAccount, draft: CaseDraft, form: IntakeForm, words: VendorWords) -> Case:
    """Upsert the case by its key, and read it; also after a refusal, as a parallel call may have stored it."""
    settings, key = account.settings, storable(draft.key, "key")
    path = f"{settings.root}/sobjects/Case/{settings.external_id_field}/{quote(key, safe='')}"
    refused: CaseRefused | None = None
    try:
        api.created_id(await account.client.send("PATCH", path, json=new_values(draft, settings, form, words)))
    except FieldRefused:
        raise
    except CaseRefused as error:
        refused = error
    case = await find_case(account, key, words)
    if case is None and refused is not None:
        raise refused
    if case is None:
        raise VendorUnavailable(
            "the case was stored but can't be found yet",
            next_step="the hub looks for it by its key",
            account=account.name,
            in_doubt=True,
        )
    return case


async def find_case(account: AnyAccount, key: str, words: VendorWords) -> Case | None:
    """The case with the key, or None."""
    settings = account.settings
    condition = f"{settings.external_id_field} = {soql.literal(key)}"
    page = await api.fetch_page(account, f"SELECT {fields(settings)} FROM Case WHERE {condition} LIMIT 2")
    # the org ignores upper and lower case in this comparison
    field = settings.external_id_field
    found = [record for record in page.records if text(record, field).casefold() == key.casefold()]
    if len(found) > 1:
        raise CaseRefused(
            "several cases have the same key", next_step="ask the vendor to merge them", account=account.name
        )
    return case_from(found[0], settings, words) if found else None


async def read_record(account: AnyAccount, reference: CaseReference) -> api.Record:
    """The case's record; raises CaseMissing, also for a case in the vendor's recycle bin."""
    condition = (
        f"Id = {soql.literal(soql.identifier(reference.id))}"
        if reference.id
        else f"CaseNumber = {soql.literal(reference.number)}"
    )
    query = f"SELECT {fields(account.settings)} FROM Case WHERE {condition} LIMIT 1"
    page = await api.fetch_page(account, query)
    if not page.records:
        raise CaseMissing(f"the vendor has no case {reference.number}", account=account.name)
    return page.records[0]


def changed_values(case: Case, changes: CaseChanges, settings: Settings, words: VendorWords) -> dict[str, Any]:
    """The fields that differ from the current case; raises FieldRefused if the vendor has no word for a status."""
    values: dict[str, Any] = {}
    if changes.severity is not None and changes.severity != case.severity:
        values |= _priority(changes.severity, settings, words)
    if changes.title is not None:
        subject = texts.shortened(storable(changes.title, "title"), SUBJECT_LIMIT)
        values |= {"Subject": subject} if subject != case.title else {}
    field = settings.resolution_field
    if field and changes.resolution is not None and changes.resolution != case.resolution:
        values[field] = storable(changes.resolution, "resolution")
    both_final = changes.status in _FINAL and case.status in _FINAL
    if changes.status is not None and changes.status != case.status and not both_final:
        word = words.status_word(changes.status, settings.status_words)
        values |= {"Status": word} if word != case.words.get("status") else {}
    return values


async def change_case(account: AnyAccount, record: api.Record, values: dict[str, Any]) -> None:
    """Write the values, if there are any."""
    if values:
        await api.update(account, f"Case/{soql.identifier(text(record, 'Id'))}", values)
