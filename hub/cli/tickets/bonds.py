"""`hub bonds`: which case belongs to which ticket, linked and unlinked."""

from __future__ import annotations

from typing import Annotated

import typer

from hub import insights
from hub.bonding.repair import link
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import As, AsJson, Before, Limit, TicketNumber
from hub.cli.shared.output import Page, print_fields, print_line, print_page, print_result, print_table
from hub.cli.shared.runtime import acting_user, with_hub, with_storage
from hub.errors import BadInput
from hub.insights import BondView
from hub.model import Bond, BondState

app = new_app("Show which case belongs to which ticket, and link or unlink them.")

Key = Annotated[
    str,
    typer.Argument(metavar="BOND", help="The bond's key, or the number of a case or ticket that has only one bond."),
]


def case_of(bond: Bond) -> str:
    """The number of the bond's case; empty until the case is open."""
    return bond.reference.number if bond.reference else ""


@app.command("list")
def list_(
    account: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Only bonds with this account.")] = "",
    state: Annotated[str, typer.Option("--state", metavar="STATE", help="Only bonds in this state.")] = "",
    limit: Limit = 50,
    before: Before = None,
    as_json: AsJson = False,
) -> None:
    """List bonds, newest first."""
    if state and state not in set(BondState):
        raise BadInput(f"there is no state {state!r}", next_step=f"choose one of: {', '.join(BondState)}")
    bonds = with_storage(
        lambda storage: insights.bonds(storage, before=before, limit=limit, account=account, state=state)
    )
    rows = [(bond.ticket_number, bond.account, case_of(bond), bond.state, bond.waiting, bond.parked) for bond in bonds]
    columns = ("ticket", "account", "case", "state", "waiting", "parked")
    page = Page(bonds, limit, "hub bonds list", "--before")
    print_page("bonds", page, lambda: print_table(columns, rows, empty="no bonds"), as_json=as_json)


@app.command()
def show(key: Key, as_json: AsJson = False) -> None:
    """Show a bond, with every operation that was sent or is queued."""
    views = with_storage(lambda storage: insights.bonds_named(storage, key))

    def show_bonds() -> None:
        for view in views:
            _show(view)

    print_result({"bonds": views}, show_bonds, as_json=as_json)


def _show(view: BondView) -> None:
    bond = view.bond
    print_fields(
        [
            ("bond", bond.key),
            ("ticket", bond.ticket_number),
            ("account", bond.account),
            ("case", case_of(bond)),
            ("state", bond.state),
            ("severity", bond.severity),
            ("since", bond.created_at),
            ("delivered", bond.delivered_at),
            ("stored", bond.stored_at),
            ("answered", bond.answered_at),
            *((f"case {name}", value) for name, value in bond.picture.items()),
        ]
    )
    rows = [
        (operation.position, operation.kind, operation.state, operation.attempts, operation.reason)
        for operation in view.operations
    ]
    print_table(("no", "operation", "state", "attempts", "reason"), rows, wide="reason", empty="no operations")
    print_line()


@app.command()
def connect(
    number: TicketNumber,
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's number at the vendor.")],
    account: Annotated[
        str,
        typer.Option(
            "--account", "--vendor", metavar="ACCOUNT", help="The account, or its vendor if that has only one account."
        ),
    ],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Link a ticket to a case that already exists at the vendor."""
    bond = with_hub(lambda hub: link.connect(hub.context, number, account, case, who=acting_user(as_name)))
    _print(bond, f"{number} linked to case {case_of(bond)} at {bond.account}", as_json=as_json)


@app.command()
def unlink(key: Key, as_name: As = "", as_json: AsJson = False) -> None:
    """Unlink a ticket from its case; queued operations are dropped, and the case stays as it is."""
    bond = with_hub(lambda hub: link.unlink(hub.context, key, who=acting_user(as_name)))
    case = f"case {case_of(bond)}" if case_of(bond) else "its case, which is not open yet"
    _print(bond, f"{bond.ticket_number} unlinked from {case}", as_json=as_json)


@app.command()
def relink(key: Key, as_name: As = "", as_json: AsJson = False) -> None:
    """Link an unlinked ticket to its case again."""
    bond = with_hub(lambda hub: link.relink(hub.context, key, who=acting_user(as_name)))
    _print(bond, f"{bond.ticket_number} linked to case {case_of(bond)} again", as_json=as_json)


def _print(bond: Bond, message: str, *, as_json: bool) -> None:
    print_result(bond, lambda: print_line(message), as_json=as_json)
