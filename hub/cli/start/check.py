"""`hub check`: whether the database, the plugins and the accounts work."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from hub import bootstrap
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_line, print_result
from hub.cli.shared.runtime import load_settings, run
from hub.context import VendorAccount
from hub.errors import EXIT_CODES, Actor, HubError, NotFound
from hub.model import Finding
from hub.settings import Loaded


def check(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Only this account; default: all.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check the database and every account: login, permissions and settings.

    Opens no case. Exits with 78 if anything fails, including a plugin or an account that can't be loaded.
    """
    loaded = load_settings()
    plugins = bootstrap.load_plugins(loaded.settings)
    accounts, broken = bootstrap.find_accounts(loaded, plugins)
    failed = [*plugins.failed, *broken]
    if account:
        accounts = {
            name: vendor_account
            for name, vendor_account in accounts.items()
            if account in {name, vendor_account.account.settings.vendor}
        }
        failed = [failure for failure in failed if account in {failure.name, failure.name.removeprefix("account ")}]
        if not accounts and not failed:
            raise NotFound(
                f"there is no account {account!r}",
                next_step=f"choose one of: {', '.join(loaded.settings.accounts) or 'none'}",
            )
    findings = run(_check_all(loaded, accounts))
    findings["plugins"] = [
        Finding(name=failure.name, ok=False, message=f"{failure.reason} ({failure.where})", next_step="")
        for failure in failed
    ]
    ok = all(finding.ok for part in findings.values() for finding in part)

    def show() -> None:
        for part, results in findings.items():
            for finding in results:
                print_line(f"{'ok    ' if finding.ok else 'FAILED'}  {part}: {finding.name}: {finding.message}")
                if not finding.ok and finding.next_step:
                    print_line(f"        next: {finding.next_step}")
        if not loaded.settings.accounts:
            print_line(f"no accounts yet; add one to {loaded.place}")
        for note in loaded.notes:
            print_line(f"note    {note}")

    print_result({"ok": ok, "findings": findings, "notes": loaded.notes}, show, as_json=as_json)
    if not ok:
        raise typer.Exit(EXIT_CODES[Actor.OPERATOR])


async def _check_all(loaded: Loaded, accounts: dict[str, VendorAccount]) -> dict[str, list[Finding]]:
    try:
        async with bootstrap.open_storage(loaded.settings, connections=1) as storage:
            await storage.hub_id()
        database = Finding(name="database", ok=True, message="reachable and set up")
    except HubError as error:
        database = Finding(name="database", ok=False, message=error.message, next_step=error.next_step)
    try:
        findings = await asyncio.gather(*map(_check_account, accounts.values()))
    finally:
        await asyncio.gather(*(vendor_account.account.client.close() for vendor_account in accounts.values()))
    return {"hub": [database]} | dict(zip(accounts, findings, strict=True))


async def _check_account(vendor_account: VendorAccount) -> list[Finding]:
    try:
        return list(await vendor_account.vendor.check_account(vendor_account.account))
    except HubError as error:
        return [Finding(name="check", ok=False, message=error.message, next_step=error.next_step)]
