"""The account check: can the hub log in, see what it needs, and is the field of the key there?"""

from __future__ import annotations

from hub.errors import VendorError
from hub.model import AnyAccount, Finding
from hub.platforms.freshdesk import words
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.words import VendorWords


async def check_account(account: AnyAccount, known: VendorWords) -> tuple[Finding, ...]:
    """One finding for each thing looked at; nothing is written."""
    settings: Settings = account.settings
    found = [await _looked(account, "login", "/agents/me"), await _looked(account, "cases", "/tickets?per_page=1")]
    if settings.knowledge == "solutions":
        found.append(await _looked(account, "knowledge", "/solutions/categories"))
    found += await _fields(account, known)
    named = bool(settings.requester_email or settings.requester_id)
    found.append(
        Finding(
            name="requester",
            ok=named,
            message="new tickets have a requester" if named else "no requester is set",
            next_step="" if named else "set requester_email or requester_id",
        )
    )
    return tuple(found)


async def _looked(account: AnyAccount, name: str, path: str) -> Finding:
    try:
        (await account.client.get(path)).json()
    except VendorError as error:
        return Finding(name=name, ok=False, message=error.message, next_step=error.next_step)
    return Finding(name=name, ok=True, message=f"{name}: as it should be")


async def _fields(account: AnyAccount, known: VendorWords) -> list[Finding]:
    settings: Settings = account.settings
    try:
        told = (await account.client.get("/ticket_fields")).json(list)
        labels = await words.labels(account)
    except VendorError as error:
        return [Finding(name="fields", ok=False, message=error.message, next_step=error.next_step)]
    have = {one.get("name") for one in told if isinstance(one, dict)}
    field, findings = settings.external_id_field, list[Finding]()
    there = not field or field in have
    findings.append(
        Finding(
            name="key",
            ok=there,
            message="tickets can carry our key" if there else f"tickets have no field {field}",
            next_step="" if there else "let the vendor create it, or leave external_id_field empty",
        )
    )
    meanings = {**known.statuses, **settings.statuses}
    open_ones = [number for number, label in labels.items() if not {number, label} & set(meanings)]
    findings.append(
        Finding(
            name="statuses",
            ok=not open_ones,
            message=f"statuses without a meaning: {', '.join(open_ones)}" if open_ones else "all statuses are known",
            next_step="add their numbers to the account's statuses" if open_ones else "",
        )
    )
    return findings
