"""The account check: can the hub log in, see the forms it needs, and be taken for one person?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hub.errors import VendorError
from hub.model import Account, Finding

from . import cases, knowledge, notes
from . import client as ar
from .settings import BmcSettings

PEOPLE = "CTM:People"
GROUPS = "CTM:Support Group"
Check = Callable[[Account[BmcSettings]], Awaitable[Finding]]


async def check_account(account: Account[BmcSettings]) -> tuple[Finding, ...]:
    """One finding for each thing looked at; nothing is written at the vendor."""
    checks: dict[str, Check] = {
        "cases": _sees(cases.INCIDENT, cases.NUMBER),
        "new cases": _knows(cases.CREATE),
        "notes": _sees(notes.WORK_LOG, notes.ID),
        "knowledge": _sees(knowledge.MANAGER, knowledge.ID),
        "contact": _contact,
        "group": _group,
        "key": _key,
    }
    return tuple([await _looked(account, name, check) for name, check in checks.items()])


async def _looked(account: Account[BmcSettings], name: str, check: Check) -> Finding:
    try:
        return (await check(account)).evolve(name=name)
    except VendorError as error:
        return Finding(name=name, ok=False, message=error.message, next_step=error.next_step)


def _sees(form: str, key: str) -> Check:
    async def check(account: Account[BmcSettings]) -> Finding:
        await ar.query(account.client, form, "", (key,), sort="", limit=1)
        return Finding(name=form, ok=True, message=f"{form} can be read")

    return check


def _knows(form: str) -> Check:
    async def check(account: Account[BmcSettings]) -> Finding:
        await account.client.send("OPTIONS", ar.path(form), safe=True)
        return Finding(name=form, ok=True, message=f"{form} is there; that it may be written shows with the first case")

    return check


async def _count(account: Account[BmcSettings], form: str, condition: str, key: str) -> int:
    return len((await ar.query(account.client, form, condition, (key,), sort="", limit=2)).rows)


async def _contact(account: Account[BmcSettings]) -> Finding:
    settings = account.settings
    named = {
        "Remedy Login ID": settings.contact_login,
        "First Name": settings.contact_first_name,
        "Last Name": settings.contact_last_name,
    }
    condition = ar.both(*(f"{ar.field(name)} = {ar.literal(value)}" for name, value in named.items() if value))
    count = await _count(account, PEOPLE, condition, "Person ID")
    if count == 1:
        return Finding(name="contact", ok=True, message="the contact fits exactly one person")
    words = "no person" if count == 0 else "several people"
    return Finding(
        name="contact",
        ok=False,
        message=f"the contact fits {words}",
        next_step="set the contact's names and login as the vendor's people form has them",
    )


async def _group(account: Account[BmcSettings]) -> Finding:
    settings = account.settings
    if not settings.assigned_group:
        return Finding(name="group", ok=True, message="no support group is set; the vendor's own routing decides")
    condition = f"{ar.field('Support Group Name')} = {ar.literal(settings.assigned_group)}"
    if await _count(account, GROUPS, condition, "Support Group Name"):
        return Finding(name="group", ok=True, message="the support group exists")
    return Finding(
        name="group",
        ok=False,
        message="the support group is not known there",
        next_step="set assigned_group as the vendor writes it",
    )


async def _key(account: Account[BmcSettings]) -> Finding:
    """Whether cases can be searched by the field that carries the key, and whether any case carries one."""
    settings = account.settings
    name = settings.key_field
    if settings.correlation == "description":
        await _count(
            account, cases.INCIDENT, f"{ar.field(name)} LIKE {ar.literal('%hub account check%')}", cases.NUMBER
        )
        return Finding(name="key", ok=True, message=f"{name} can be searched; a case's own summary carries the key")
    if await _count(account, cases.INCIDENT, f"{ar.field(name)} != $NULL$", cases.NUMBER):
        return Finding(name="key", ok=True, message=f"{name} can be searched, and there are cases that carry a value")
    return Finding(
        name="key",
        ok=True,
        message=f"{name} can be searched, but no case carries a value: that it is kept is not proved",
        next_step="open a first case and see whether it has its key; if not, set correlation to description",
    )
