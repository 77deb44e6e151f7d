"""`hub bonds`: which ticket and case belong together, tied and untied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.shared.options import As, AsJson, Before, Limit, TicketNumber

if TYPE_CHECKING:
    from hub.model import Bond

app = typer.Typer(help="See which ticket and case belong together; tie and untie them.", no_args_is_help=True)

Key = Annotated[
    str, typer.Argument(metavar="BOND", help="The bond's key, or a case or ticket number that has just one.")
]


def case_of(bond: Bond) -> str:
    """The number of the bond's case; empty when it has none yet."""
    return bond.reference.number if bond.reference else ""


@app.command("list")
def list_(
    account: Annotated[str, typer.Option("--account", help="Only those with this account.")] = "",
    state: Annotated[str, typer.Option("--state", help="Only those in this state.")] = "",
    limit: Limit = 50,
    before: Before = None,
    as_json: AsJson = False,
) -> None:
    """List bonds, newest first."""
    from hub import insights
    from hub.cli.shared.output import following, more, table, tell
    from hub.cli.shared.shell import with_storage
    from hub.errors import BadInput
    from hub.model import BondState

    if state and state not in set(BondState):
        raise BadInput(f"no bond is ever {state!r}", next_step=f"choose one of: {', '.join(BondState)}")
    found = with_storage(
        lambda storage: insights.bonds(storage, before=before, limit=limit, account=account, state=state)
    )
    rows = [(one.ticket_number, one.account, case_of(one), one.state, one.waiting, one.parked) for one in found]

    def show() -> None:
        table(("ticket", "account", "case", "state", "waiting", "parked"), rows, empty="no bonds")
        if found:
            more("hub bonds list", len(found), limit, "--before", found[-1].id)

    after = following(found, limit, lambda one: one.id)
    tell({"bonds": found, "next_before": after}, show, as_json=as_json)


@app.command()
def show(key: Key, as_json: AsJson = False) -> None:
    """Show a bond and all that left or waits on it."""
    from hub import insights
    from hub.cli.shared.output import facts, line, table, tell
    from hub.cli.shared.shell import with_storage

    views = with_storage(lambda storage: insights.bonds_named(storage, key))

    def told() -> None:
        for view in views:
            bond = view.bond
            facts(
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
            rows = [(one.position, one.kind, one.state, one.attempts, one.reason) for one in view.operations]
            table(("no", "operation", "state", "tries", "reason"), rows, wide="reason", empty="no operations")
            line("")

    tell({"bonds": views}, told, as_json=as_json)


@app.command()
def connect(
    number: TicketNumber,
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's number at the vendor.")],
    account: Annotated[
        str, typer.Option("--account", "--vendor", help="The account, or the vendor that has just one.")
    ],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Tie a ticket to a case that is at the vendor already."""
    from hub.bonding.repair import link as bonding
    from hub.cli.shared.shell import who, with_hub

    bond = with_hub(lambda hub: bonding.connect(hub.context, number, account, case, who=who(as_name)))
    _tell(bond, f"{number} is tied to case {case_of(bond)} of {bond.account}", as_json=as_json)


@app.command()
def unlink(key: Key, as_name: As = "", as_json: AsJson = False) -> None:
    """Untie a bond; what waits on it is ignored, and nothing happens at the vendor."""
    from hub.bonding.repair import link as bonding
    from hub.cli.shared.shell import who, with_hub

    bond = with_hub(lambda hub: bonding.unlink(hub.context, key, who=who(as_name)))
    _tell(bond, f"{bond.ticket_number} and case {case_of(bond) or 'to come'} are untied", as_json=as_json)


@app.command()
def relink(key: Key, as_name: As = "", as_json: AsJson = False) -> None:
    """Tie an untied bond to its case again."""
    from hub.bonding.repair import link as bonding
    from hub.cli.shared.shell import who, with_hub

    bond = with_hub(lambda hub: bonding.relink(hub.context, key, who=who(as_name)))
    _tell(bond, f"{bond.ticket_number} is tied to case {case_of(bond)} again", as_json=as_json)


def _tell(bond: Bond, text: str, *, as_json: bool) -> None:
    from hub.cli.shared.output import line, tell

    tell(bond, lambda: line(text), as_json=as_json)
