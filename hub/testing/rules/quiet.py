"""Keeps quiet: no secret and no customer's text is shown anywhere, and nobody but the vendor is spoken to."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from hub.errors import HubError
from hub.model import CaseChanges, Severity
from hub.testing.bench import TestBed
from hub.testing.rule import NotApplicable, require, rule
from hub.testing.rules.doubt import wrong_secrets
from hub.testing.stage import parrot, sent_away
from hub.testing.watch import overheard, strangers, watched
from hub.vendors import Vendor

PRIVATE = "Zanzibar-Quokka-93417"
"""Planted in every text of the scenario; nothing that the hub shows may hold it."""
SHORTEST = 5
"""Characters of a secret below which finding it proves nothing."""
ELSEWHERE = "http://203.0.113.7:9"
"""An address that nobody may call (RFC 5737)."""


async def _all_of_it(bench: TestBed) -> list[HubError]:
    """One of everything, each with the planted text; the errors that came of it."""
    errors: list[HubError] = []

    async def done(call: Awaitable[Any]) -> Any:
        try:
            return await call
        except HubError as error:
            errors.append(error)
            return None

    vendor, account = bench.vendor, bench.account
    vendor.connect(bench.settings)
    if "check_account" in bench.can:
        await done(vendor.check_account(account))
    if "open_case" in bench.can:
        case = await done(bench.open(title=f"Fails {PRIVATE}", description=f"Since {PRIVATE}"))
        if case is not None:
            if "add_comment" in bench.can:
                await done(bench.add_comment(case, f"Note {PRIVATE}"))
            if "add_attachment" in bench.can:
                await done(bench.add_file(case, PRIVATE.encode(), f"{PRIVATE}.txt"))
            if "change_case" in bench.can:
                changes = CaseChanges(severity=Severity.S2, title=f"Now {PRIVATE}")
                await done(vendor.change_case(account, case.reference, changes))
            if "read_case" in bench.can:
                await done(bench.read(case))
    if "find_case" in bench.can:
        await done(vendor.find_case(account, "RJR-000001-7F3KQ"))
    if "search_articles" in bench.can:
        await done(vendor.search_articles(account, PRIVATE))
    for stream in ("cases", "articles", "patches", "sessions"):
        if f"changed_{stream}" in bench.can:
            await done(bench.news(stream=stream))
    return errors


async def _in_all_weathers(bench: TestBed) -> list[HubError]:
    """The scenario in calm, then with a vendor that fails, repeats what it heard, and answers nonsense."""
    errors = await _all_of_it(bench)
    for status in (400, 401, 403, 404, 409, 422, 500, 200):
        bench.simulator.meddle = parrot(status)
        errors += await _all_of_it(bench)
        bench.simulator.meddle = None
        bench.simulator.expire_logins()
    with contextlib.suppress(NotApplicable):
        bench.fault("unknown_status")
        errors += await _all_of_it(bench)
    bench.simulator.faults.clear()
    async with bench.another(bench.settings.model_copy(update=wrong_secrets(bench))) as other:
        mine, bench.account = bench.account, other
        errors += await _all_of_it(bench)
        bench.account = mine
    return errors


class WeatherRecord(NamedTuple):
    """What the scenario in all weathers left behind."""

    errors: list[HubError]
    lines: list[str]
    strangers: list[str]
    secrets: dict[str, str]

    def secret_in(self, text: str) -> str:
        """The setting whose secret the text holds, or nothing."""
        return secret_in(self.secrets, text)


_seen: WeakKeyDictionary[Vendor, dict[str, WeatherRecord]] = WeakKeyDictionary()


async def _observed(bench: TestBed) -> WeatherRecord:
    """What is seen and heard of the scenario; played once for each system, as several rules look at it."""
    known = _seen.setdefault(bench.vendor, {})
    if bench.platform not in known:
        with overheard() as lines, watched() as heard:
            errors = await _in_all_weathers(bench)
        known[bench.platform] = WeatherRecord(errors, lines, strangers(heard, bench.url, *bench.also), bench.secrets())
    return known[bench.platform]


def secret_in(secrets: dict[str, str], text: str) -> str:
    """The name of the secret that the text holds, or nothing."""
    return next((name for name, value in secrets.items() if len(value) >= SHORTEST and value in text), "")


def _shown(error: HubError) -> str:
    return f"{error} {error!r} {error.describe()} {error.next_step}"


@rule("keeps quiet")
async def no_secret_is_logged(bench: TestBed) -> None:
    """No line of any log, down to debugging, holds a secret of the account, whatever the vendor answers."""
    seen = await _observed(bench)
    for line in seen.lines:
        if name := seen.secret_in(line):
            require(False, f"a line of the log holds {name}: {line.partition(' ')[0]}")


@rule("keeps quiet")
async def no_text_is_logged(bench: TestBed) -> None:
    """No line of any log holds what a customer wrote, and nothing is printed."""
    lines = (await _observed(bench)).lines
    loud = [line.partition(" ")[0] for line in lines if PRIVATE in line]
    require(not loud, f"a customer's text is logged by {sorted(set(loud))}")
    require(not [line for line in lines if line.startswith("printed:")], "the plugin prints")


@rule("keeps quiet")
async def no_secret_is_in_an_error(bench: TestBed) -> None:
    """No error quotes a secret, even when the vendor repeats it."""
    seen = await _observed(bench)
    for error in seen.errors:
        name = seen.secret_in(_shown(error))
        require(not name, f"{type(error).__name__} quotes {name}")


@rule("keeps quiet")
async def no_text_is_in_an_error(bench: TestBed) -> None:
    """No error quotes what a customer wrote, even when the vendor repeats it."""
    for error in (await _observed(bench)).errors:
        require(PRIVATE not in _shown(error), f"{type(error).__name__} quotes a customer's text")


@rule("keeps quiet")
async def errors_name_what_they_are_about(bench: TestBed) -> None:
    """Every error has words, and one of the vendor's names account and operation."""
    for error in (await _observed(bench)).errors:
        require(error.message, f"{type(error).__name__} has no words")
        told = error.describe()
        if "account" in vars(error):
            require(told.get("account") and told.get("operation"), f"{type(error).__name__} names no account")


@rule("keeps quiet")
async def no_secret_is_shown(bench: TestBed) -> None:
    """Settings, account, connection, login and client show no secret when they are printed."""
    connection = bench.vendor.connect(bench.settings)
    for one in (bench.settings, bench.account, connection, getattr(connection, "auth", None), bench.account.client):
        shown = f"{one!r} {one!s}"
        name = secret_in(bench.secrets(), shown)
        require(not name, f"{type(one).__name__} shows {name}")


@rule("keeps quiet", "check_account")
async def no_secret_is_in_a_finding(bench: TestBed) -> None:
    """What the check of an account finds holds no secret, the login being right, wrong, or repeated by the vendor."""
    wrong = bench.settings.model_copy(update=wrong_secrets(bench))
    for settings, meddle in ((bench.settings, None), (wrong, None), (bench.settings, parrot(500))):
        bench.simulator.meddle = meddle
        async with bench.another(settings) as account:
            try:
                told = repr(await bench.vendor.check_account(account))
            except HubError as error:
                told = _shown(error)
        name = secret_in(bench.secrets(), told)
        require(not name, f"the check tells {name}")


@rule("keeps quiet", "check_account")
async def the_check_sees_a_wrong_login(bench: TestBed) -> None:
    """The check of an account with a wrong secret does not find it in order."""
    if not [name for name in wrong_secrets(bench) if not name.startswith("webhook")]:
        raise NotApplicable("the account logs in without a secret that could be wrong")
    settings = bench.settings.model_copy(update=wrong_secrets(bench))
    async with bench.another(settings) as account:
        try:
            findings = await bench.vendor.check_account(account)
        except HubError:
            return
    require(not all(one.ok for one in findings), "a wrong login is found in order")


@rule("keeps quiet")
async def only_the_vendor_is_called(bench: TestBed) -> None:
    """In fair weather and foul no host is looked up or called but the account's own."""
    found = (await _observed(bench)).strangers
    require(not found, f"called: {found}")


@rule("keeps quiet")
async def nobody_is_followed_elsewhere(bench: TestBed) -> None:
    """A redirect to another host, and links that lead there, are not followed."""
    with watched() as heard:
        bench.simulator.meddle = sent_away(f"{ELSEWHERE}/x")
        await _all_of_it(bench)
        bench.simulator.meddle = None
        bench.simulator.expire_logins()
        ours, theirs = bench.url.encode(), ELSEWHERE.encode()

        def linked(_: Any, reply: Any) -> Any:
            reply.body = reply.body.replace(ours, theirs)
            reply.headers = {name: str(v).replace(bench.url, ELSEWHERE) for name, v in reply.headers.items()}
            return reply

        bench.simulator.meddle = linked
        await _all_of_it(bench)
    found = strangers(heard, bench.url, *bench.also)
    require(not found, f"called: {found}")


@rule("keeps quiet", "changed_cases", "open_case")
async def what_is_set_aside_is_not_quoted(bench: TestBed) -> None:
    """The reason for setting a case aside names what is wrong and quotes no text of the case."""
    await bench.open(title=f"Fails {PRIVATE}", description=PRIVATE)
    bench.fault("unknown_status")
    for one in (await bench.news()).quarantined:
        require(PRIVATE not in one.reason, "a reason quotes the text of the case")
