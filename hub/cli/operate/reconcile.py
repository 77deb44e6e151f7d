"""`hub reconcile`: compares bonds with their cases and reports each difference."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import typer

from hub import insights
from hub.bonding.inbound import reconcile as reconciling
from hub.bonding.inbound.reconcile import Difference
from hub.bonding.inbound.streams import error_text
from hub.bonding.judgement.states import WATCHED
from hub.bootstrap import Hub
from hub.cli.operate.pull import exit_code
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_line, print_result, print_table, progress
from hub.cli.shared.runtime import with_hub
from hub.cli.shared.text import count_of
from hub.errors import LeaseLost, VendorError
from hub.model import Bond
from hub.work.once import Guest, closed, guest

_BATCH = 50


def reconcile(
    name: Annotated[
        str, typer.Argument(metavar="TICKET|BOND", help="Only the bonds of this ticket, or this bond; default: all.")
    ] = "",
    report: Annotated[bool, typer.Option("--report", help="Report the differences without applying them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare tickets with their cases, and apply the differences.

    With --report nothing is changed; run it first after a backup was restored.
    """
    with progress("comparing bonds with their cases") as moved:
        result = with_hub(lambda hub: _compare(hub, name, mend=not report, moved=moved))

    def show() -> None:
        rows = [
            (difference.ticket, difference.case, difference.what, difference.ours, difference.theirs)
            for difference in result["differences"]
        ]
        print_table(("ticket", "case", "difference", "ours", "theirs"), rows, empty="no differences")
        for failure in result["errors"]:
            print_line(f"{failure['ticket']} could not be compared: {failure['error']}")
        print_line(
            f"{count_of(result['compared'], 'bond')} compared, {count_of(len(result['differences']), 'difference')}"
        )

    print_result(result, show, as_json=as_json)
    if code := exit_code(failure["error"] for failure in result["errors"]):
        raise typer.Exit(code)


async def _compare(hub: Hub, name: str, *, mend: bool, moved: Callable[[int, int], None]) -> dict[str, Any]:
    differences: list[Difference] = []
    errors: list[dict[str, str]] = []
    compared = after = 0
    named = [view.bond for view in await insights.bonds_named(hub.storage, name)] if name else None
    wanted = {bond.account for bond in named} if named is not None else set(hub.context.accounts)
    accounts = [vendor_account for name, vendor_account in hub.context.accounts.items() if name in wanted]
    async with guest(hub.context, accounts, lease_seconds=hub.settings.lease_seconds) as seat:
        while batch := named or await insights.watched(hub.storage, after=after, limit=_BATCH):
            after = batch[-1].id
            results = await asyncio.gather(*(_compare_bond(hub, seat, bond, mend=mend) for bond in batch))
            for bond, result in zip(batch, results, strict=True):
                if isinstance(result, str):
                    errors.append({"ticket": bond.ticket_number, "bond": bond.key, "error": result})
                elif result is not None:
                    compared += 1
                    differences += result
            moved(compared, 0)
            if named:
                break
    return {"compared": compared, "differences": differences, "errors": errors}


async def _compare_bond(hub: Hub, seat: Guest, bond: Bond, *, mend: bool) -> list[Difference] | str | None:
    """The differences of one bond; or why it could not be compared; or None if there is nothing to compare."""
    if bond.reference is None or bond.state not in WATCHED:
        return None
    vendor_account = hub.context.accounts.get(bond.account)
    if vendor_account is None:
        return f"SettingsError: can't use account {bond.account}; see `hub check`"
    if why := await closed(hub.context, vendor_account, seat):
        return f"NotPermitted: {why}"
    try:
        return await reconciling.reconcile(hub.context, vendor_account, bond, mend=mend)
    except (VendorError, LeaseLost) as error:
        return error_text(error)
