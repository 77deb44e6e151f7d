"""`hub plugins` and `hub check`: what is installed, and whether the accounts can do their work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from hub.context import VendorAccount
    from hub.model import Finding
    from hub.settings import Loaded

OPERATOR = 78


def plugins(
    quality: Annotated[
        bool, typer.Option("--quality", help="The tier that each claims, and the rules that it does not keep.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the plugins: what each can do, which failed and why, which are blocked; or how good they are."""
    from hub import bootstrap
    from hub.cli.shared.output import line, paragraph, table, tell
    from hub.cli.shared.shell import settings

    known = bootstrap.load_plugins(settings().settings)
    if quality:
        sheets = {name: vendor.quality for name, vendor in sorted(known.vendors.items())}

        def show_sheets() -> None:
            rows = [(name, sheet.tier, str(len(sheet.exempt))) for name, sheet in sheets.items()]
            table(("plugin", "tier", "exempt"), rows, empty="no vendor's plugin is loaded")
            for name, sheet in sheets.items():
                for rule, reason in sheet.exempt.items():
                    paragraph(f"{name} is exempt from {rule}: {reason}")

        tell({name: sheet.plain() for name, sheet in sheets.items()}, show_sheets, as_json=as_json)
        return
    loaded: list[dict[str, Any]] = [
        {
            "name": name,
            "version": known.versions.get(name, ""),
            "vendor": vendor.info if (vendor := known.vendors.get(name)) else None,
            "quality": vendor.quality.tier if vendor else None,
            "capabilities": sorted(hook.removeprefix("hub_") for hook in guard.hooks),
            "platforms": {one: sorted(vendor.capabilities_on(one)) for one in vendor.info.platforms} if vendor else {},
        }
        for name, guard in known.guards.items()
    ]
    failed = [vars(one) for one in known.failed]

    def show() -> None:
        rows = [
            (name, known.versions.get(name, ""), vendor.info.title, vendor.info.platform, vendor.quality.tier)
            for name, vendor in known.vendors.items()
        ]
        table(("plugin", "version", "vendor", "platform", "quality"), rows, empty="no vendor's plugin is loaded")
        for one in loaded:
            for where, can in (one["platforms"] or {"": one["capabilities"]}).items():
                paragraph(f"{' '.join(filter(None, (one['name'], where)))} can: {', '.join(can)}")
        for broken in known.failed:
            line(f"failed: {broken}")
        if known.blocked:
            line(f"blocked: {', '.join(known.blocked)}")

    told = {"loaded": loaded, "failed": failed, "blocked": known.blocked}
    tell(told, show, as_json=as_json)


def check(
    account: Annotated[str, typer.Argument(metavar="[ACCOUNT]", help="Only this one; all by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """Try the database and every account: can it log in, see what it needs, write where it must?

    Exits with 78 when anything is not in order; a plugin or an account that can't be used counts.
    """
    from hub import bootstrap
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import run, settings
    from hub.errors import NotFound
    from hub.model import Finding

    loaded = settings()
    known = bootstrap.load_plugins(loaded.settings)
    accounts, broken = bootstrap.find_accounts(loaded, known)
    failed = [*known.failed, *broken]
    chosen: dict[str, VendorAccount] = accounts
    if account:
        chosen = {name: one for name, one in accounts.items() if account in {name, one.account.settings.vendor}}
        failed = [one for one in failed if account in {one.name, one.name.removeprefix("account ")}]
        if not chosen and not failed:
            raise NotFound(
                f"there is no account {account!r}",
                next_step=f"configured: {', '.join(loaded.settings.accounts) or 'none'}",
            )
    found = run(_check(loaded, chosen))
    found["plugins"] = [
        Finding(name=one.name, ok=False, message=f"{one.reason} ({one.where})", next_step="") for one in failed
    ]
    ok = all(one.ok for findings in found.values() for one in findings)

    def show() -> None:
        for name, findings in found.items():
            for one in findings:
                line(f"{'ok   ' if one.ok else 'WRONG'}  {name}: {one.name}: {one.message}")
                if not one.ok and one.next_step:
                    line(f"         next: {one.next_step}")
        if not loaded.settings.accounts:
            line(f"no account is configured; describe one in {loaded.place}")
        for note in loaded.notes:
            line(f"note   {note}")

    tell({"ok": ok, "findings": found, "notes": loaded.notes}, show, as_json=as_json)
    if not ok:
        raise typer.Exit(OPERATOR)


async def _check(loaded: Loaded, accounts: dict[str, VendorAccount]) -> dict[str, list[Finding]]:
    from hub import bootstrap
    from hub.errors import HubError
    from hub.model import Finding

    try:
        async with bootstrap.open_storage(loaded.settings, connections=1) as storage:
            await storage.hub_id()
        database = Finding(name="database", ok=True, message="reached, and set up")
    except HubError as error:
        database = Finding(name="database", ok=False, message=error.message, next_step=error.next_step)
    try:
        found = await asyncio.gather(*(_account(vendor_account) for vendor_account in accounts.values()))
    finally:
        await asyncio.gather(*(vendor_account.account.client.close() for vendor_account in accounts.values()))
    return {"hub": [database]} | dict(zip(accounts, found, strict=True))


async def _account(vendor_account: VendorAccount) -> list[Finding]:
    from hub.errors import HubError
    from hub.model import Finding

    try:
        return list(await vendor_account.vendor.check_account(vendor_account.account))
    except HubError as error:
        return [Finding(name="check", ok=False, message=error.message, next_step=error.next_step)]
