"""The account check: can the hub log in, read what it needs, and store its key in a field?"""

from __future__ import annotations

from hub.errors import VendorError
from hub.model import AnyAccount, Finding
from hub.platforms.check import try_reading
from hub.platforms.freshdesk import words
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.words import VendorWords


async def check_account(account: AnyAccount, vendor_words: VendorWords) -> tuple[Finding, ...]:
    """One finding for each check; nothing is written."""
    settings: Settings = account.settings
    findings = [
        await try_reading(account, "login", "/agents/me"),
        await try_reading(account, "cases", "/tickets?per_page=1"),
    ]
    if settings.knowledge == "solutions":
        findings.append(await try_reading(account, "knowledge", "/solutions/categories"))
    findings += await _fields(account, vendor_words)
    has_requester = bool(settings.requester_email or settings.requester_id)
    findings.append(
        Finding(
            name="requester",
            ok=has_requester,
            message="new tickets have a requester" if has_requester else "no requester is set",
            next_step="" if has_requester else "set requester_email or requester_id",
        )
    )
    return tuple(findings)


async def _fields(account: AnyAccount, vendor_words: VendorWords) -> list[Finding]:
    settings: Settings = account.settings
    try:
        fields = (await account.client.get("/ticket_fields")).json(list)
        labels = await words.labels(account)
    except VendorError as error:
        return [Finding(name="fields", ok=False, message=error.message, next_step=error.next_step)]
    key_field = settings.external_id_field
    can_store = not key_field or key_field in {field.get("name") for field in fields if isinstance(field, dict)}
    meanings = {**vendor_words.statuses, **settings.statuses}
    unknown = [number for number, label in labels.items() if not {number, label} & set(meanings)]
    return [
        Finding(
            name="key",
            ok=can_store,
            message="tickets can store our key" if can_store else f"tickets have no field {key_field}",
            next_step="" if can_store else "ask the vendor to create it, or leave external_id_field empty",
        ),
        Finding(
            name="statuses",
            ok=not unknown,
            message=f"unknown statuses: {', '.join(unknown)}" if unknown else "all statuses are known",
            next_step="add their numbers to the account's statuses" if unknown else "",
        ),
    ]
