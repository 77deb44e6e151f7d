"""Cases: incidents of the forms HPD:IncidentInterface_Create and HPD:IncidentInterface.

Source: BMC Helix ITSM, "The REST API references" of the incident forms; the open XSOAR pack BmcITSM.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hub.errors import CaseMissing, CaseRefused, FieldRefused, VendorMisbehaved, VendorUnavailable
from hub.http import Client
from hub.model import Account, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus, Severity
from hub.platforms.form import IntakeForm
from hub.platforms.texts import ident, moment, person, storable, text

from . import client as ar
from .mapping import case_severity, case_status, severity_words, status_words
from .settings import BmcSettings
from .texts import bracketed_key, details, fits, full_title, summary, without_key

FORM = IntakeForm(__package__)
INCIDENT = "HPD:IncidentInterface"
CREATE = "HPD:IncidentInterface_Create"
NUMBER = "Incident Number"
CHANGED = "Last Modified Date"
FIELDS = (
    NUMBER,
    "Entry ID",
    "Request ID",
    "Description",
    "Detailed Decription",
    "Status",
    "Status_Reason",
    "Priority",
    "Impact",
    "Urgency",
    "Resolution",
    "Assignee",
    "Submit Date",
    CHANGED,
    "Vendor Ticket Number",
)
_FINAL = frozenset({CaseStatus.CLOSED, CaseStatus.CANCELLED})


def fields(settings: BmcSettings) -> tuple[str, ...]:
    """The fields that a case is read from."""
    return FIELDS if settings.key_field in FIELDS else (*FIELDS, settings.key_field)


def case_from(row: ar.Row, settings: BmcSettings) -> Case:
    """The case that a row tells; raises VendorMisbehaved for unknown words, missing and ill-typed fields."""
    values = row.values
    status, reason, priority = (text(values, name) for name in ("Status", "Status_Reason", "Priority"))
    number, changed_at = ident(values, NUMBER), moment(values, CHANGED)
    if not number or changed_at is None:
        raise VendorMisbehaved(f"an entry of {INCIDENT} lacks its number or its time of change")
    short = text(values, "Description")
    in_title = settings.correlation == "description"
    return Case(
        reference=CaseReference(number=number, id=_url_id(row)),
        status=case_status(status, reason, settings.statuses, settings.pending_reasons),
        changed_at=changed_at,
        severity=case_severity(priority, settings.priorities) if priority else None,
        title=full_title(without_key(short) if in_title else short, text(values, "Detailed Decription")),
        resolution=text(values, "Resolution"),
        assignee=person(values, "Assignee"),
        key=bracketed_key(short) if in_title else text(values, settings.key_field),
        created_at=moment(values, "Submit Date"),
        words={
            "status": status,
            "status_reason": reason,
            "priority": priority,
            "impact": text(values, "Impact"),
            "urgency": text(values, "Urgency"),
        },
    )


def _url_id(row: ar.Row) -> str:
    return row.id or (text(row.values, "Entry ID") or text(row.values, "Request ID")).partition("|")[0]


async def open_case(account: Account[BmcSettings], draft: CaseDraft) -> Case:
    """Create the incident and read it back; whether it exists already is not asked here."""
    values = new_values(draft, account.settings)
    made = await ar.create(account.client, CREATE, values, (NUMBER, "Incident_Entry_ID", "Create Date"))
    number = text(made.values, NUMBER)
    if not number and made.id:
        number = text((await ar.read(account.client, CREATE, made.id, (NUMBER,))).values, NUMBER)
    case = await find_number(account, number) if number else await find_case(account, storable(draft.key, "key"))
    if case is None:
        raise VendorUnavailable(
            "the case was stored but can't be found yet",
            next_step="it is looked for by its key",
            account=account.name,
            in_doubt=True,
        )
    return case


def new_values(draft: CaseDraft, settings: BmcSettings) -> dict[str, Any]:
    """The create form's fields for a draft; raises FieldRefused, IntakeIncomplete."""
    in_title = settings.correlation == "description"
    key, marker = storable(draft.key, "key"), draft.key if in_title else ""
    words = severity_words(draft.severity, settings.severity_words)
    values = {
        "z1D_Action": "CREATE",
        "Login_ID": settings.contact_login,
        "First_Name": settings.contact_first_name,
        "Last_Name": settings.contact_last_name,
        "Company": settings.company,
        "Description": summary(storable(draft.title, "title"), settings.summary_limit, marker),
        "Detailed_Decription": storable(details(draft, settings.summary_limit, marker), "description"),
        "Impact": words.impact,
        "Urgency": words.urgency,
        "Status": settings.open_status,
        "Assigned Support Company": settings.assigned_company,
        "Assigned Support Organization": settings.assigned_organization,
        "Assigned Group": settings.assigned_group,
        **FORM.answers(draft.answers, settings),
    }
    if not in_title:
        values[settings.key_field] = key
    return {name: value for name, value in values.items() if value}


async def find_number(account: Account[BmcSettings], number: str) -> Case | None:
    """The case with this incident number, or None."""
    row = await _row_of_number(account.client, number, account.settings)
    return case_from(row, account.settings) if row else None


async def find_case(account: Account[BmcSettings], key: str) -> Case | None:
    """The oldest case that carries the key, or None."""
    settings = account.settings
    # LIKE takes brackets for a set of characters: look for the bare key, check the brackets afterwards
    condition = (
        f"{ar.field('Description')} LIKE {ar.literal(f'%{key}%')}"
        if settings.correlation == "description"
        else f"{ar.field(settings.key_field)} = {ar.literal(key)}"
    )
    rows = await ar.every(account.client, INCIDENT, condition, fields(settings), key=NUMBER, limit=settings.page_size)
    carrying = [row for row in rows if _carries(row, key, settings)]
    cases = [case_from(row, settings) for row in carrying]
    far = datetime.max.replace(tzinfo=UTC)
    return min(cases, key=lambda case: (case.created_at or far, case.reference.number), default=None)


def _carries(row: ar.Row, key: str, settings: BmcSettings) -> bool:
    held = text(row.values, settings.key_field)
    return (bracketed_key(held) if settings.correlation == "description" else held) == key


async def read_row(account: Account[BmcSettings], reference: CaseReference) -> ar.Row:
    """The incident's row; raises CaseMissing."""
    wanted = fields(account.settings)
    if reference.id:
        return await ar.read(account.client, INCIDENT, reference.id, wanted)
    row = await _row_of_number(account.client, reference.number, account.settings)
    if row is None:
        raise CaseMissing(f"there is no incident {reference.number}", account=account.name)
    return row


async def _row_of_number(client: Client, number: str, settings: BmcSettings) -> ar.Row | None:
    condition = f"{ar.field(NUMBER)} = {ar.literal(number)}"
    page = await ar.query(client, INCIDENT, condition, fields(settings), sort="", limit=1)
    return page.rows[0] if page.rows else None


async def change_case(account: Account[BmcSettings], reference: CaseReference, changes: CaseChanges) -> None:
    """Write what differs from the case as it stands; nothing leaves when nothing does."""
    row = await read_row(account, reference)
    for values in steps(case_from(row, account.settings), changes, account.settings):
        await ar.change(account.client, INCIDENT, _url_id(row) or reference.id, values)


def steps(case: Case, changes: CaseChanges, settings: BmcSettings) -> tuple[dict[str, Any], ...]:
    """What to write, one after the other: the vendor closes resolved cases only, so resolve others first.

    Cut off in between, the same changes lead on from where the case stands.
    """
    open_still = case.status not in _FINAL | {CaseStatus.RESOLVED}
    if changes.status == CaseStatus.CLOSED and open_still:
        first = changed_values(case, changes.evolve(status=CaseStatus.RESOLVED), settings)
        return first, _new_status(case, CaseStatus.CLOSED, "", settings)
    values = changed_values(case, changes, settings)
    return (values,) if values else ()


def changed_values(case: Case, changes: CaseChanges, settings: BmcSettings) -> dict[str, Any]:
    """The fields to write; raises FieldRefused and CaseRefused for what the vendor forbids."""
    values: dict[str, Any] = {}
    if changes.title is not None and changes.title != case.title:
        values["Description"] = _new_summary(case, changes.title, settings)
    if changes.severity is not None and changes.severity != case.severity:
        values["Impact"], values["Urgency"] = _new_severity(changes.severity, settings)
    if changes.resolution is not None and changes.resolution != case.resolution:
        values["Resolution"] = storable(changes.resolution, "resolution")
    if changes.status is not None and changes.status != case.status:
        values |= _new_status(case, changes.status, values.get("Resolution") or case.resolution, settings)
    return values


def _new_summary(case: Case, title: str, settings: BmcSettings) -> str:
    marker = case.key if settings.correlation == "description" else ""
    if not fits(storable(title, "title"), settings.summary_limit, marker):
        raise FieldRefused(
            "the new title does not fit the vendor's summary",
            field="title",
            next_step=f"keep it on one line within {settings.summary_limit} characters, the key included",
        )
    return summary(title, settings.summary_limit, marker)


def _new_severity(severity: Severity, settings: BmcSettings) -> tuple[str, str]:
    return severity_words(severity, settings.severity_words)


def _new_status(case: Case, status: CaseStatus, resolution: str, settings: BmcSettings) -> dict[str, str]:
    words = status_words(status, settings.status_words)
    if case.status in _FINAL:
        raise CaseRefused(
            f"a case that is {case.status} stays so at this vendor",
            next_step="open a new case and relate it to this one",
        )
    if status == CaseStatus.IN_PROGRESS and not case.assignee:
        raise CaseRefused(
            "a case without an assignee can't be in progress",
            next_step="let the vendor assign somebody, or set the status to open",
        )
    if status == CaseStatus.RESOLVED and not resolution:
        raise FieldRefused("a resolved case needs a resolution", field="resolution", next_step="say how it was solved")
    return {"Status": words.status} | ({"Status_Reason": words.reason} if words.reason else {})
