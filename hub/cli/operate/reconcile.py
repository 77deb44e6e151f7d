"""`hub reconcile`: bonds compared with their cases, each difference named."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.bonding.inbound.reconcile import Difference
    from hub.bootstrap import Hub
    from hub.model import Bond
    from hub.work.once import Guest

_BATCH = 50


def reconcile(
    name: Annotated[
        str, typer.Argument(metavar="[TICKET|BOND]", help="Only these bonds; all live ones by default.")
    ] = "",
    report: Annotated[bool, typer.Option("--report", help="Only name the differences; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare bonds with their cases, name each difference, and take the vendors' news in.

    With --report nothing is changed: the first thing to do after a backup was restored.
    """
    from hub.cli.operate.pull import exit_code
    from hub.cli.shared.output import line, progress, table, tell
    from hub.cli.shared.shell import with_hub

    with progress("comparing bonds with their cases") as moved:
        result = with_hub(lambda hub: _compare(hub, name, mend=not report, moved=moved))

    def show() -> None:
        rows = [(one.ticket, one.case, one.what, one.ours, one.theirs) for one in result["differences"]]
        table(("ticket", "case", "what", "ours", "theirs"), rows, empty="no differences")
        for one in result["errors"]:
            line(f"{one['ticket']} could not be compared: {one['error']}")
        line(f"{result['compared']} bonds compared, {len(result['differences'])} differences")

    tell(result, show, as_json=as_json)
    if code := exit_code([one["error"] for one in result["errors"]]):
        raise typer.Exit(code)


async def _compare(hub: Hub, name: str, *, mend: bool, moved: Callable[[int, int], None]) -> dict[str, Any]:
    from hub import insights
    from hub.work.once import guest

    differences: list[Difference] = []
    errors: list[dict[str, str]] = []
    compared = after = 0
    named = [view.bond for view in await insights.bonds_named(hub.storage, name)] if name else None
    wanted = {bond.account for bond in named} if named is not None else set(hub.context.accounts)
    accounts = [vendor_account for name, vendor_account in hub.context.accounts.items() if name in wanted]
    async with guest(hub.context, accounts, lease_seconds=hub.settings.lease_seconds) as seat:
        while batch := named or await insights.watched(hub.storage, after=after, limit=_BATCH):
            after = batch[-1].id
            found = await asyncio.gather(*(_one(hub, seat, bond, mend=mend) for bond in batch))
            for bond, told in zip(batch, found, strict=True):
                if isinstance(told, str):
                    errors.append({"ticket": bond.ticket_number, "bond": bond.key, "error": told})
                elif told is not None:
                    compared += 1
                    differences += told
            moved(compared, 0)
            if named:
                break
    return {"compared": compared, "differences": differences, "errors": errors}


async def _one(hub: Hub, seat: Guest, bond: Bond, *, mend: bool) -> list[Difference] | str | None:
    """The differences of one bond; why it could not be compared; None when there is nothing to compare."""
    from hub.bonding.inbound.reconcile import reconcile as compare
    from hub.bonding.inbound.streams import error_text
    from hub.bonding.judgement.states import WATCHED
    from hub.errors import LeaseLost, StorageUnavailable, VendorError
    from hub.work.once import closed

    if bond.reference is None or bond.state not in WATCHED:
        return None
    vendor_account = hub.context.accounts.get(bond.account)
    if vendor_account is None:
        return f"SettingsError: account {bond.account} can't be used; see `hub check`"
    if why := await closed(hub.context, vendor_account, seat):
        return f"NotPermitted: {why}"
    try:
        return await compare(hub.context, vendor_account, bond, mend=mend)
    except (VendorError, LeaseLost) as error:
        return error_text(error)
    except StorageUnavailable:
        raise
