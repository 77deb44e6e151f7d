"""`hub parked`: operations that wait for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.shared.options import After, As, AsJson, Limit

if TYPE_CHECKING:
    from hub.model import Operation

app = typer.Typer(help="Look at, mend, send again or ignore operations that wait for a person.", no_args_is_help=True)

Id = Annotated[int, typer.Argument(metavar="ID", help="The operation's id, from `hub parked list`.")]


@app.command("list")
def list_(
    in_doubt: Annotated[
        bool, typer.Option("--in-doubt", help="Those in doubt too; the hub settles them by itself.")
    ] = False,
    limit: Limit = 50,
    after: After = 0,
    as_json: AsJson = False,
) -> None:
    """List parked operations, oldest first."""
    from hub import insights
    from hub.cli.shared.output import following, more, table, tell
    from hub.cli.shared.shell import with_storage
    from hub.model import OperationState

    states = [OperationState.PARKED, *([OperationState.IN_DOUBT] if in_doubt else [])]
    found = with_storage(lambda storage: insights.aside(storage, states, after=after, limit=limit))
    rows = [
        (
            one.operation.id,
            one.bond.ticket_number,
            one.bond.account,
            one.operation.kind,
            one.operation.who_acts,
            one.operation.reason,
        )
        for one in found
    ]

    def show() -> None:
        columns = ("id", "ticket", "account", "operation", "who acts", "reason")
        table(columns, rows, wide="reason", empty="nothing is parked")
        if found:
            more("hub parked list", len(found), limit, "--after", found[-1].operation.id)

    last = following(found, limit, lambda one: one.operation.id)
    tell({"operations": found, "next_after": last}, show, as_json=as_json)


@app.command()
def show(operation_id: Id, as_json: AsJson = False) -> None:
    """Show an operation whole, with what it would send."""
    from hub.bonding.repair import parked
    from hub.cli.shared.output import facts, tell
    from hub.cli.shared.shell import with_hub

    one = with_hub(lambda hub: parked.show(hub.context, operation_id))
    pairs = [
        ("operation", one.id),
        ("key", one.key),
        ("account", one.account),
        ("kind", one.kind),
        ("state", one.state),
        ("tries", one.attempts),
        ("reason", one.reason),
        ("who acts", one.who_acts),
        ("asked for", one.created_at),
        ("sent", one.sent_at),
        *((f"would send {name}", _text(value)) for name, value in one.payload.items()),
    ]
    tell(one, lambda: facts(pairs), as_json=as_json)


@app.command()
def edit(
    operation_id: Id,
    change: Annotated[
        list[str],
        typer.Argument(metavar="NAME=VALUE...", help="What it is to send; parts of a table as name.part=value."),
    ],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Mend what a parked operation would send. A value that reads as JSON is taken as such."""
    from hub.bonding.repair import parked
    from hub.cli.shared.shell import who, with_hub
    from hub.errors import BadInput

    changes: dict[str, Any] = {}
    for pair in change:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput("a change has no name", next_step="write name=value")
        changes[name] = _value(value)
    one = with_hub(lambda hub: parked.edit(hub.context, operation_id, changes, who=who(as_name)))
    _tell(one, f"operation {one.id} is mended; send it with `hub parked replay {one.id}`", as_json=as_json)


@app.command()
def replay(operation_id: Id, as_name: As = "", as_json: AsJson = False) -> None:
    """Send a parked operation again; one that may have arrived is looked for first."""
    from hub.bonding.repair import parked
    from hub.cli.shared.shell import who, with_hub

    one = with_hub(lambda hub: parked.replay(hub.context, operation_id, who=who(as_name)))
    _tell(one, f"operation {one.id} goes out again", as_json=as_json)


@app.command()
def ignore(operation_id: Id, as_name: As = "", as_json: AsJson = False) -> None:
    """Decide that a parked operation need not leave; what waits behind it goes on."""
    from hub.bonding.repair import parked
    from hub.cli.shared.shell import who, with_hub

    one = with_hub(lambda hub: parked.ignore(hub.context, operation_id, who=who(as_name)))
    _tell(one, f"operation {one.id} will not leave", as_json=as_json)


def _value(text: str) -> Any:
    import msgspec

    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return text


def _text(value: Any) -> str:
    import msgspec

    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _tell(one: Operation, text: str, *, as_json: bool) -> None:
    from hub.cli.shared.output import line, tell

    tell(one, lambda: line(text), as_json=as_json)
