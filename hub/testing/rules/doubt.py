"""Endures: logins that end, replies that are lost, many calls at once, and calls that are given up."""

from __future__ import annotations

import asyncio
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from hub.errors import LoginRefused, TryLater
from hub.testing.bench import TestBed
from hub.testing.rule import NotApplicable, RuleBroken, require, rule, same
from hub.testing.rules.endures import caught, reads_of


@rule("endures")
async def one_login_for_all(bench: TestBed) -> None:
    """Fifty calls at once share one login."""
    async with bench.another() as account:
        before = bench.simulator.calls("login")
        reads = list(reads_of(bench, account, None).values())
        if not reads:
            raise NotApplicable("the account reads nothing")
        await asyncio.gather(*(reads[0]() for _ in range(50)))
    require(bench.simulator.calls("login") - before < 2, "fifty calls logged in more than once")


@rule("endures")
async def a_refused_login_asks_the_operator(bench: TestBed) -> None:
    """With wrong secrets every call raises LoginRefused, and they are not tried until the account is locked."""
    if not [name for name in wrong_secrets(bench) if not name.startswith("webhook")]:
        raise NotApplicable("the account logs in without a secret that could be wrong")
    settings = bench.settings.model_copy(update=wrong_secrets(bench))
    async with bench.another(settings) as account:
        reads = list(reads_of(bench, account, None).values())
        if not reads:
            raise NotApplicable("the account reads nothing")
        errors = await asyncio.gather(*(caught(reads[0](), "read") for _ in range(20)))
    kinds = {type(error) for error in errors}
    require(kinds == {LoginRefused}, f"wrong secrets give {sorted(kind.__name__ for kind in kinds)}")
    require(bench.simulator.calls("login") < 3, "a wrong password is tried again and again")


def wrong_secrets(bench: TestBed) -> dict[str, SecretStr]:
    """The account's secrets, each of the same kind and wrong."""
    return {
        name: SecretStr(_another_key() if "PRIVATE KEY" in value else "w" * max(8, len(value)))
        for name, value in bench.secrets().items()
        if "CERTIFICATE" not in value
    }


@cache
def _another_key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return made.private_bytes(*form).decode()


@rule("endures", "open_case", "read_case")
async def an_ended_login_is_renewed(bench: TestBed) -> None:
    """After the vendor ends all logins, a read and a write go through, and the write is stored once."""
    case = await bench.open()
    bench.simulator.expire_logins()
    await bench.read(case)
    bench.simulator.expire_logins()
    draft = await bench.draft()
    await bench.vendor.open_case(bench.account, draft)
    same("cases stored", 1, len(bench.stored("case", draft.key)))


@rule("endures", "open_case", "find_case")
async def a_lost_case_is_found(bench: TestBed) -> None:
    """When the reply to opening is lost, the error says in doubt, and the key finds the case that was stored."""
    draft = await bench.draft()
    await bench.news() if "changed_cases" in bench.can else None
    bench.fault("lost_reply", operation="create", times=1)
    error = await caught(bench.vendor.open_case(bench.account, draft), "open_case")
    require(error is not None and error.in_doubt, "the doubt is not told")
    same("cases stored", 1, len(bench.stored("case")))
    found = await bench.find(draft.key)
    require(found is not None and found.key == draft.key, "the case that was stored is not found by its key")


@rule("endures", "open_case", "add_comment", "read_case")
async def a_lost_comment_is_found(bench: TestBed) -> None:
    """When the reply to a comment is lost, the error says in doubt, and reading the case shows its key."""
    case = await bench.open()
    key = bench.key(case)
    bench.fault("lost_reply", operation="note", times=1)
    error = await caught(bench.add_comment(case, "Did it arrive?", key=key), "add_comment")
    if not bench.simulator.faults.injected["lost_reply"]:
        raise NotApplicable("comments are no calls of their own")
    require(error is not None and error.in_doubt, "the doubt is not told")
    keys = [one.key for one in (await bench.read(case)).comments if "Did it arrive?" in one.body]
    same("comments with the key", [key if bench.vendor.info.keeps_keys else ""], keys)


@rule("endures", "open_case", "add_attachment", "read_case")
async def a_lost_file_is_found(bench: TestBed) -> None:
    """When the reply to a file is lost, the error says in doubt, and reading the case shows it, with its key."""
    case = await bench.open()
    key = bench.key(case)
    for operation in ("attach", "note"):
        bench.fault("lost_reply", operation=operation, times=1)
    error = await caught(bench.add_file(case, b"evidence", "evidence.txt", key=key), "add_attachment")
    if not bench.simulator.faults.injected["lost_reply"]:
        raise NotApplicable("files are no calls of their own")
    require(error is not None and error.in_doubt, "the doubt is not told")
    bench.simulator.faults.clear()
    keys = [one.key for one in (await bench.read(case)).attachments]
    require(len(keys) < 2, "the file was stored twice")
    if bench.vendor.info.keeps_keys and keys:
        same("keys of the files", [key], keys)


@rule("endures", "open_case")
async def many_writes_at_once_are_one_each(bench: TestBed) -> None:
    """Ten cases opened at the same time are ten cases, each with its own key."""
    drafts = [await bench.draft() for _ in range(10)]
    cases = await asyncio.gather(*(bench.vendor.open_case(bench.account, one) for one in drafts))
    same("numbers", 10, len({case.reference.number for case in cases}))
    same("keys", sorted(one.key for one in drafts), sorted(one.key for one in bench.stored("case")))


@rule("endures", "read_case", "open_case")
async def a_cancelled_call_harms_nobody(bench: TestBed) -> None:
    """A call that is cancelled on its way leaves the account as good as it was."""
    case = await bench.open()
    bench.fault("delay_before", seconds=0.2, times=1)
    task = asyncio.create_task(bench.read(case))
    for _ in range(200):
        if bench.simulator.faults.injected["delay_before"]:
            break
        await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    require(task.cancelled(), "the call went on when it was cancelled")
    for _ in range(40):  # the vendor may still be busy with the call that was given up
        try:
            same("number", case.reference.number, (await bench.read(case)).reference.number)
        except TryLater:
            await asyncio.sleep(0.02)
        else:
            return
    raise RuleBroken("the account is not served any more")
