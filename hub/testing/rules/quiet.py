"""Keeps quiet: no secret or customer text is exposed anywhere, and only the vendor is called."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from hub.errors import HubError
from hub.model import CaseChanges, Severity
from hub.testing.bed import TestBed
from hub.testing.checks import NotApplicable, require
from hub.testing.rule import rule
from hub.testing.rules.doubt import wrong_secrets
from hub.testing.stage import echo, redirect
from hub.testing.watch import captured_output, other_hosts, recorded
from hub.vendors import Vendor

PRIVATE = "Zanzibar-Quokka-93417"
"""Part of every text in the scenario; nothing that the hub shows may contain it."""
SHORTEST = 5
"""Shortest secret, in characters, whose appearance proves anything."""
ELSEWHERE = "http://203.0.113.7:9"
"""An address that must never be called (RFC 5737)."""


async def _use_everything(bed: TestBed) -> list[HubError]:
    """Call every operation once, with the planted text; returns the errors."""
    errors: list[HubError] = []

    async def attempt(call: Awaitable[Any]) -> Any:
        try:
            return await call
        except HubError as error:
            errors.append(error)
            return None

    vendor, account = bed.vendor, bed.account
    vendor.connect(bed.settings)
    if "check_account" in bed.can:
        await attempt(vendor.check_account(account))
    if "open_case" in bed.can:
        case = await attempt(bed.open(title=f"Fails {PRIVATE}", description=f"Since {PRIVATE}"))
        if case is not None:
            if "add_comment" in bed.can:
                await attempt(bed.add_comment(case, f"Note {PRIVATE}"))
            if "add_attachment" in bed.can:
                await attempt(bed.add_file(case, PRIVATE.encode(), f"{PRIVATE}.txt"))
            if "change_case" in bed.can:
                changes = CaseChanges(severity=Severity.S2, title=f"Now {PRIVATE}")
                await attempt(vendor.change_case(account, case.reference, changes))
            if "read_case" in bed.can:
                await attempt(bed.read(case))
    if "find_case" in bed.can:
        await attempt(vendor.find_case(account, "RJR-000001-7F3KQ"))
    if "search_articles" in bed.can:
        await attempt(vendor.search_articles(account, PRIVATE))
    for stream in ("cases", "articles", "patches", "sessions"):
        if f"changed_{stream}" in bed.can:
            await attempt(bed.news(stream=stream))
    return errors


async def _use_with_failures(bed: TestBed) -> list[HubError]:
    """Run the scenario normally, then with failing replies, echoed requests, an unknown status and wrong secrets."""
    errors = await _use_everything(bed)
    for status in (400, 401, 403, 404, 409, 422, 500, 200):
        bed.simulator.rewrite = echo(status)
        errors += await _use_everything(bed)
        bed.simulator.rewrite = None
        bed.simulator.expire_logins()
    with contextlib.suppress(NotApplicable):
        bed.fault("unknown_status")
        errors += await _use_everything(bed)
    bed.simulator.faults.clear()
    async with bed.other_account(bed.settings.model_copy(update=wrong_secrets(bed))) as other:
        mine, bed.account = bed.account, other
        errors += await _use_everything(bed)
        bed.account = mine
    return errors


class ScenarioRecord(NamedTuple):
    """What the scenario exposed."""

    errors: list[HubError]
    lines: list[str]
    other_hosts: list[str]
    secrets: dict[str, str]

    def secret_in(self, text: str) -> str:
        """The setting whose secret the text contains, or an empty string."""
        return secret_in(self.secrets, text)


_records: WeakKeyDictionary[Vendor, dict[str, ScenarioRecord]] = WeakKeyDictionary()


async def _observed(bed: TestBed) -> ScenarioRecord:
    """What the scenario exposed; it runs once for each platform, since several rules use it."""
    records = _records.setdefault(bed.vendor, {})
    if bed.platform not in records:
        with captured_output() as lines, recorded() as events:
            errors = await _use_with_failures(bed)
        records[bed.platform] = ScenarioRecord(
            errors, lines, other_hosts(events, bed.url, *bed.other_urls), bed.secrets()
        )
    return records[bed.platform]


def secret_in(secrets: dict[str, str], text: str) -> str:
    """The name of the secret that the text contains, or an empty string."""
    return next((name for name, value in secrets.items() if len(value) >= SHORTEST and value in text), "")


def _shown(error: HubError) -> str:
    return f"{error} {error!r} {error.describe()} {error.next_step}"


@rule("keeps quiet")
async def no_secret_is_logged(bed: TestBed) -> None:
    """No log line at any level contains a secret of the account, whatever the vendor answers."""
    record = await _observed(bed)
    for line in record.lines:
        if name := record.secret_in(line):
            require(False, f"a log line contains {name}: {line.partition(' ')[0]}")


@rule("keeps quiet")
async def no_text_is_logged(bed: TestBed) -> None:
    """No log line contains text that a customer wrote, and nothing is printed."""
    lines = (await _observed(bed)).lines
    loggers = [line.partition(" ")[0] for line in lines if PRIVATE in line]
    require(not loggers, f"a customer's text is logged by {sorted(set(loggers))}")
    require(not [line for line in lines if line.startswith("printed:")], "the plugin prints")


@rule("keeps quiet")
async def no_secret_is_in_an_error(bed: TestBed) -> None:
    """No error contains a secret, even when the vendor echoes it."""
    record = await _observed(bed)
    for error in record.errors:
        name = record.secret_in(_shown(error))
        require(not name, f"{type(error).__name__} contains {name}")


@rule("keeps quiet")
async def no_text_is_in_an_error(bed: TestBed) -> None:
    """No error contains text that a customer wrote, even when the vendor echoes it."""
    for error in (await _observed(bed)).errors:
        require(PRIVATE not in _shown(error), f"{type(error).__name__} contains a customer's text")


@rule("keeps quiet")
async def errors_name_what_they_are_about(bed: TestBed) -> None:
    """Every error has a message, and a vendor's error names the account and the operation."""
    for error in (await _observed(bed)).errors:
        require(error.message, f"{type(error).__name__} has no message")
        details = error.describe()
        if "account" in vars(error):
            require(
                details.get("account") and details.get("operation"),
                f"{type(error).__name__} lacks account or operation",
            )


@rule("keeps quiet")
async def no_secret_is_shown(bed: TestBed) -> None:
    """The representations of settings, account, connection, login and client contain no secret."""
    connection = bed.vendor.connect(bed.settings)
    for value in (bed.settings, bed.account, connection, getattr(connection, "auth", None), bed.account.client):
        name = secret_in(bed.secrets(), f"{value!r} {value!s}")
        require(not name, f"the representation of {type(value).__name__} contains {name}")


@rule("keeps quiet", "check_account")
async def no_secret_is_in_a_finding(bed: TestBed) -> None:
    """No finding of the account check contains a secret, whether the login is right, wrong or echoed by the vendor."""
    wrong = bed.settings.model_copy(update=wrong_secrets(bed))
    for settings, rewrite in ((bed.settings, None), (wrong, None), (bed.settings, echo(500))):
        bed.simulator.rewrite = rewrite
        async with bed.other_account(settings) as account:
            try:
                output = repr(await bed.vendor.check_account(account))
            except HubError as error:
                output = _shown(error)
        name = secret_in(bed.secrets(), output)
        require(not name, f"the check exposes {name}")


@rule("keeps quiet", "check_account")
async def the_check_detects_a_wrong_login(bed: TestBed) -> None:
    """The account check reports a problem when a secret is wrong."""
    if not [name for name in wrong_secrets(bed) if not name.startswith("webhook")]:
        raise NotApplicable("the account logs in without a secret")
    settings = bed.settings.model_copy(update=wrong_secrets(bed))
    async with bed.other_account(settings) as account:
        try:
            findings = await bed.vendor.check_account(account)
        except HubError:
            return
    require(not all(finding.ok for finding in findings), "the check accepts a wrong login")


@rule("keeps quiet")
async def only_the_vendor_is_called(bed: TestBed) -> None:
    """No host other than the account's own is looked up or called, even when the vendor fails."""
    hosts = (await _observed(bed)).other_hosts
    require(not hosts, f"called: {hosts}")


@rule("keeps quiet")
async def redirects_are_not_followed(bed: TestBed) -> None:
    """Redirects and links to another host are not followed."""
    with recorded() as events:
        bed.simulator.rewrite = redirect(f"{ELSEWHERE}/x")
        await _use_everything(bed)
        bed.simulator.rewrite = None
        bed.simulator.expire_logins()
        ours, theirs = bed.url.encode(), ELSEWHERE.encode()

        def link_elsewhere(_: Any, reply: Any) -> Any:
            reply.body = reply.body.replace(ours, theirs)
            reply.headers = {name: str(v).replace(bed.url, ELSEWHERE) for name, v in reply.headers.items()}
            return reply

        bed.simulator.rewrite = link_elsewhere
        await _use_everything(bed)
    hosts = other_hosts(events, bed.url, *bed.other_urls)
    require(not hosts, f"called: {hosts}")


@rule("keeps quiet", "changed_cases", "open_case")
async def quarantine_reasons_quote_nothing(bed: TestBed) -> None:
    """The reason for quarantining a case contains no text of the case."""
    await bed.open(title=f"Fails {PRIVATE}", description=PRIVATE)
    bed.fault("unknown_status")
    for quarantined in (await bed.news()).quarantined:
        require(PRIVATE not in quarantined.reason, "a reason contains text of the case")
