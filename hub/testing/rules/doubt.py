"""Endures: expired logins, lost replies, concurrent calls and cancelled calls."""

from __future__ import annotations

import asyncio
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from hub.errors import LoginRefused, TryLater
from hub.testing.bed import TestBed
from hub.testing.checks import NotApplicable, RuleBroken, require, require_equal
from hub.testing.rule import rule
from hub.testing.rules.endures import caught, reads_of


@rule("endures")
async def concurrent_calls_share_a_login(bed: TestBed) -> None:
    """Fifty concurrent calls share one login."""
    async with bed.other_account() as account:
        before = bed.simulator.calls("login")
        reads = list(reads_of(bed, account, None).values())
        if not reads:
            raise NotApplicable("the account can read nothing")
        await asyncio.gather(*(reads[0]() for _ in range(50)))
    require(bed.simulator.calls("login") - before < 2, "fifty calls logged in more than once")


@rule("endures")
async def a_refused_login_asks_the_operator(bed: TestBed) -> None:
    """With wrong secrets every call raises LoginRefused, and the login is not retried until the account is locked."""
    if not [name for name in wrong_secrets(bed) if not name.startswith("webhook")]:
        raise NotApplicable("the account logs in without a secret")
    settings = bed.settings.model_copy(update=wrong_secrets(bed))
    async with bed.other_account(settings) as account:
        reads = list(reads_of(bed, account, None).values())
        if not reads:
            raise NotApplicable("the account can read nothing")
        errors = await asyncio.gather(*(caught(reads[0](), "read") for _ in range(20)))
    kinds = {type(error) for error in errors}
    require(kinds == {LoginRefused}, f"wrong secrets raise {sorted(kind.__name__ for kind in kinds)}")
    require(bed.simulator.calls("login") < 3, "the wrong secret is sent again and again")


def wrong_secrets(bed: TestBed) -> dict[str, SecretStr]:
    """A wrong value for each of the account's secrets, of the same kind."""
    return {
        name: SecretStr(_another_key() if "PRIVATE KEY" in value else "w" * max(8, len(value)))
        for name, value in bed.secrets().items()
        if "CERTIFICATE" not in value
    }


@cache
def _another_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()


@rule("endures", "open_case", "read_case")
async def an_expired_login_is_renewed(bed: TestBed) -> None:
    """After the vendor ends all logins, a read and a write succeed, and the write is stored once."""
    case = await bed.open()
    bed.simulator.expire_logins()
    await bed.read(case)
    bed.simulator.expire_logins()
    draft = await bed.draft()
    await bed.vendor.open_case(bed.account, draft)
    require_equal("cases stored", 1, len(bed.stored("case", draft.key)))


@rule("endures", "open_case", "find_case")
async def a_lost_case_is_found(bed: TestBed) -> None:
    """When the reply to opening a case is lost, the error is in doubt, and the key finds the stored case."""
    draft = await bed.draft()
    await bed.news() if "changed_cases" in bed.can else None
    bed.fault("lost_reply", operation="create", times=1)
    error = await caught(bed.vendor.open_case(bed.account, draft), "open_case")
    require(error is not None and error.in_doubt, "the error is not in doubt")
    require_equal("cases stored", 1, len(bed.stored("case")))
    case = await bed.find(draft.key)
    require(case is not None and case.key == draft.key, "the stored case is not found by its key")


@rule("endures", "open_case", "add_comment", "read_case")
async def a_lost_comment_is_found(bed: TestBed) -> None:
    """When the reply to a comment is lost, the error is in doubt, and reading the case shows the comment's key."""
    case = await bed.open()
    key = bed.key(case)
    bed.fault("lost_reply", operation="note", times=1)
    error = await caught(bed.add_comment(case, "Did it arrive?", key=key), "add_comment")
    if not bed.simulator.faults.injected["lost_reply"]:
        raise NotApplicable("comments are not sent in calls of their own")
    require(error is not None and error.in_doubt, "the error is not in doubt")
    keys = [comment.key for comment in (await bed.read(case)).comments if "Did it arrive?" in comment.body]
    require_equal("comments with the key", [key if bed.vendor.info.keeps_keys else ""], keys)


@rule("endures", "open_case", "add_attachment", "read_case")
async def a_lost_file_is_found(bed: TestBed) -> None:
    """When the reply to a file is lost, the error is in doubt, and reading the case shows the file with its key."""
    case = await bed.open()
    key = bed.key(case)
    for operation in ("attach", "note"):
        bed.fault("lost_reply", operation=operation, times=1)
    error = await caught(bed.add_file(case, b"evidence", "evidence.txt", key=key), "add_attachment")
    if not bed.simulator.faults.injected["lost_reply"]:
        raise NotApplicable("files are not sent in calls of their own")
    require(error is not None and error.in_doubt, "the error is not in doubt")
    bed.simulator.faults.clear()
    keys = [file.key for file in (await bed.read(case)).attachments]
    require(len(keys) < 2, "the file was stored twice")
    if bed.vendor.info.keeps_keys and keys:
        require_equal("keys of the files", [key], keys)


@rule("endures", "open_case")
async def concurrent_writes_are_stored_once_each(bed: TestBed) -> None:
    """Ten cases opened concurrently are stored as ten cases, each with its own key."""
    drafts = [await bed.draft() for _ in range(10)]
    cases = await asyncio.gather(*(bed.vendor.open_case(bed.account, draft) for draft in drafts))
    require_equal("numbers", 10, len({case.reference.number for case in cases}))
    require_equal("keys", sorted(draft.key for draft in drafts), sorted(entry.key for entry in bed.stored("case")))


@rule("endures", "read_case", "open_case")
async def a_cancelled_call_does_no_harm(bed: TestBed) -> None:
    """The account still works after a call was cancelled midway."""
    case = await bed.open()
    bed.fault("delay_before", seconds=0.2, times=1)
    task = asyncio.create_task(bed.read(case))
    for _ in range(200):
        if bed.simulator.faults.injected["delay_before"]:
            break
        await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    require(task.cancelled(), "the call continued after it was cancelled")
    for _ in range(40):  # the vendor may still be busy with the cancelled call
        try:
            require_equal("number", case.reference.number, (await bed.read(case)).reference.number)
        except TryLater:
            await asyncio.sleep(0.02)
        else:
            return
    raise RuleBroken("the account no longer works")
