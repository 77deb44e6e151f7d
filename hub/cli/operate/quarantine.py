"""`hub quarantine`: incoming items that could not be read or stored."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.bonding.repair import quarantine
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import As, AsJson, Limit
from hub.cli.shared.output import print_fields, print_line, print_result, print_table
from hub.cli.shared.runtime import acting_user, with_storage
from hub.db.quarantine import QuarantinedItem
from hub.errors import BadInput

app = new_app("Show, retry or dismiss incoming items that could not be read.")

Account = Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Only this account.")]
Reference = Annotated[
    str, typer.Argument(metavar="[REFERENCE]", help="The item's reference, from `hub quarantine list`.")
]
Everything = Annotated[bool, typer.Option("--all", help="All items, or all of the account.")]


@app.command("list")
def list_(account: Account = "", limit: Limit = 50, as_json: AsJson = False) -> None:
    """List items in quarantine, oldest first, with the reason and when each is fetched again."""
    items = with_storage(lambda storage: quarantine.quarantined(storage, account=account, limit=limit))
    rows = [(item.account, item.kind, item.reference, item.seen_at, _next(item), item.reason) for item in items]
    columns = ("account", "stream", "reference", "since", "next try", "reason")
    print_result(
        {"items": items},
        lambda: print_table(columns, rows, wide="reason", empty="nothing is in quarantine"),
        as_json=as_json,
    )


@app.command()
def show(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="The item's reference.")],
    account: Account = "",
    as_json: AsJson = False,
) -> None:
    """Show an item in quarantine."""
    items = with_storage(lambda storage: quarantine.show(storage, reference, account=account))

    def print_items() -> None:
        for item in items:
            fields = [
                ("account", item.account),
                ("stream", item.kind),
                ("reference", item.reference),
                ("since", item.seen_at),
                ("tries", item.tries),
                ("next try", _next(item)),
                ("reason", item.reason),
            ]
            print_fields(fields)

    print_result({"items": items}, print_items, as_json=as_json)


@app.command()
def retry(
    reference: Reference = "", everything: Everything = False, account: Account = "", as_json: AsJson = False
) -> None:
    """Fetch items again now; the workers do it within seconds."""
    _check(reference, everything=everything)
    items = with_storage(lambda storage: quarantine.retry(storage, reference, account=account))
    print_result({"items": items}, lambda: print_line(f"items to be fetched again: {len(items)}"), as_json=as_json)


@app.command()
def dismiss(
    reference: Reference = "",
    everything: Everything = False,
    account: Account = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Take items out of quarantine without reading them; the next change of the same item is read as usual."""
    _check(reference, everything=everything)
    who = acting_user(as_name)
    items = with_storage(lambda storage: quarantine.dismiss(storage, reference, account=account, who=who))
    print_result({"items": items}, lambda: print_line(f"items dismissed: {len(items)}"), as_json=as_json)


def _check(reference: str, *, everything: bool) -> None:
    if bool(reference) is everything:
        raise BadInput("name one item, or pass --all", next_step="see `hub quarantine list`")


def _next(item: QuarantinedItem) -> object:
    return item.due_at or "needs a person"
