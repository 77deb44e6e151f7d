"""Cases: rows of Case read as the hub's values, and values written as fields.

Source: the describe of Case in the object reference; "Insert or Update (Upsert) a Record Using an External ID".
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hub.errors import CaseMissing, CaseRefused, FieldRefused, VendorMisbehaved, VendorUnavailable
from hub.model import AnyAccount, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus, Severity
from hub.platforms import texts
from hub.platforms.form import IntakeForm
from hub.platforms.salesforce import soql
from hub.platforms.salesforce.settings import Settings
from hub.platforms.texts import moment, storable, text
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
    """The fields that a case is read from, as a query lists them."""
    own = (settings.external_id_field, settings.resolution_field)
    return ", ".join((*FIELDS, *(name for name in own if name)))


def case_from(row: soql.Record, settings: Settings, words: VendorWords) -> Case:
    """The case that a record tells; raises VendorMisbehaved for unknown words and missing fields."""
    number, changed_at = text(row, "CaseNumber"), moment(row, "SystemModstamp")
    if not number or changed_at is None:
        raise VendorMisbehaved("a case lacks its number or its time of change")
    status, priority = text(row, "Status"), text(row, "Priority")
    return Case(
        reference=CaseReference(number=number, id=text(row, "Id")),
        status=_status(status, row.get("IsClosed") is True, settings, words),
        changed_at=changed_at,
        severity=_severity(priority, row.get("IsEscalated") is True, settings, words) if priority else None,
        title=text(row, "Subject"),
        resolution=text(row, settings.resolution_field) if settings.resolution_field else "",
        assignee=text(soql.inner(row, "Owner"), "Name"),
        key=text(row, settings.external_id_field),
        created_at=moment(row, "CreatedDate"),
        words={"status": status, "priority": priority},
    )


def _status(word: str, closed: bool, settings: Settings, words: VendorWords) -> CaseStatus:
    """The meaning of a status; one that nobody knows but that closes the case is closed."""
    if closed and word not in words.statuses and word not in settings.statuses:
        return CaseStatus.CLOSED
    return words.status(word, settings.statuses)


def _severity(word: str, escalated: bool, settings: Settings, words: VendorWords) -> Severity:
    """The severity of a priority; where 1 and 2 share their word, the escalation flag tells them apart."""
    severity = words.severity(word, settings.priorities)
    first, second = (words.severity_word(one, settings.severity_words) for one in (Severity.S1, Severity.S2))
    shared = settings.escalated_flag and first == second == word
    return (Severity.S1 if escalated else Severity.S2) if shared else severity


def _priority(severity: Severity, settings: Settings, words: VendorWords) -> dict[str, Any]:
    written: dict[str, Any] = {"Priority": words.severity_word(severity, settings.severity_words)}
    if settings.escalated_flag:
        written["IsEscalated"] = severity is Severity.S1
    return written


def new_values(draft: CaseDraft, settings: Settings, form: IntakeForm, words: VendorWords) -> dict[str, Any]:
    """The fields of a new case, the key apart; raises FieldRefused, IntakeIncomplete.

    No status among them: should the case exist after all, an upsert must not set it back.
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
    """Upsert the case by its key, and read it; one that lost a race with itself is read just so."""
    settings, key = account.settings, storable(draft.key, "key")
    path = f"{settings.root}/sobjects/Case/{settings.external_id_field}/{quote(key, safe='')}"
    refused: CaseRefused | None = None
    try:
        soql.created(await account.client.send("PATCH", path, json=new_values(draft, settings, form, words)))
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
            next_step="it is looked for by its key",
            account=account.name,
            in_doubt=True,
        )
    return case


async def find_case(account: AnyAccount, key: str, words: VendorWords) -> Case | None:
    """The case that carries the key, or None."""
    settings = account.settings
    same = f"{settings.external_id_field} = {soql.literal(key)}"
    rows = await soql.page(account, f"SELECT {fields(settings)} FROM Case WHERE {same} LIMIT 2")
    # the field is compared without regard to case by the org
    found = [row for row in rows.records if text(row, settings.external_id_field).casefold() == key.casefold()]
    if len(found) > 1:
        raise CaseRefused("several cases carry one key", next_step="let the vendor merge them", account=account.name)
    return case_from(found[0], settings, words) if found else None


async def read_row(account: AnyAccount, reference: CaseReference) -> soql.Record:
    """The case's record; raises CaseMissing, also for one in the vendor's bin."""
    which = (
        f"Id = {soql.literal(soql.identifier(reference.id))}"
        if reference.id
        else f"CaseNumber = {soql.literal(reference.number)}"
    )
    query = f"SELECT {fields(account.settings)} FROM Case WHERE {which} LIMIT 1"
    rows = await soql.page(account, query)
    if not rows.records:
        raise CaseMissing(f"there is no case {reference.number}", account=account.name)
    return rows.records[0]


def changed_values(case: Case, changes: CaseChanges, settings: Settings, words: VendorWords) -> dict[str, Any]:
    """The fields that differ from the case as it stands; raises FieldRefused where the vendor has no word."""
    values: dict[str, Any] = {}
    if changes.severity is not None and changes.severity != case.severity:
        values |= _priority(changes.severity, settings, words)
    if changes.title is not None:
        subject = texts.shortened(storable(changes.title, "title"), SUBJECT_LIMIT)
        values |= {"Subject": subject} if subject != case.title else {}
    field = settings.resolution_field
    if field and changes.resolution is not None and changes.resolution != case.resolution:
        values[field] = storable(changes.resolution, "resolution")
    over = changes.status in _FINAL and case.status in _FINAL
    if changes.status is not None and changes.status != case.status and not over:
        word = words.status_word(changes.status, settings.status_words)
        values |= {"Status": word} if word != case.words.get("status") else {}
    return values


async def change_case(account: AnyAccount, row: soql.Record, values: dict[str, Any]) -> None:
    """Write the values, if there are any."""
    if values:
        ident = soql.identifier(text(row, "Id"))
        await soql.change(account, f"Case/{ident}", values)
