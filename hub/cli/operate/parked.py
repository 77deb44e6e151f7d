"""`hub parked`: operations that wait for a person."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from hub import insights
from hub.bonding.repair import parked
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import After, As, AsJson, Limit
from hub.cli.shared.output import Page, print_fields, print_line, print_page, print_result, print_table
from hub.cli.shared.runtime import acting_user, with_hub, with_storage
from hub.errors import BadInput
from hub.model import Operation, OperationState

app = new_app("Show, edit, retry or drop operations that need a person.")

Id = Annotated[int, typer.Argument(metavar="ID", help="The operation's id, from `hub parked list`.")]


@app.command("list")
def list_(
    in_doubt: Annotated[
        bool, typer.Option("--in-doubt", help="Also list operations in doubt, which the workers resolve.")
    ] = False,
    limit: Limit = 50,
    after: After = 0,
    as_json: AsJson = False,
) -> None:
    """List parked operations, oldest first."""
    states = [OperationState.PARKED, *([OperationState.IN_DOUBT] if in_doubt else [])]
    views = with_storage(lambda storage: insights.aside(storage, states, after=after, limit=limit))
    rows = [
        (
            view.operation.id,
            view.bond.ticket_number,
            view.bond.account,
            view.operation.kind,
            view.operation.who_acts,
            view.operation.reason,
        )
        for view in views
    ]
    columns = ("id", "ticket", "account", "operation", "who acts", "reason")
    page = Page(views, limit, "hub parked list", "--after", lambda view: int(view.operation.id))
    print_page(
        "operations",
        page,
        lambda: print_table(columns, rows, wide="reason", empty="no parked operations"),
        as_json=as_json,
    )


@app.command()
def show(operation_id: Id, as_json: AsJson = False) -> None:
    """Show an operation, with everything that it would send."""
    operation = with_hub(lambda hub: parked.show(hub.context, operation_id))
    fields = [
        ("operation", operation.id),
        ("key", operation.key),
        ("account", operation.account),
        ("kind", operation.kind),
        ("state", operation.state),
        ("attempts", operation.attempts),
        ("reason", operation.reason),
        ("who acts", operation.who_acts),
        ("created", operation.created_at),
        ("sent", operation.sent_at),
        *((f"would send {name}", _text(value)) for name, value in operation.payload.items()),
    ]
    print_result(operation, lambda: print_fields(fields), as_json=as_json)


@app.command()
def edit(
    operation_id: Id,
    change: Annotated[
        list[str],
        typer.Argument(metavar="NAME=VALUE", help="What to send instead; parts of a table as name.part=value."),
    ],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Edit what a parked operation would send; values are read as JSON where possible."""
    changes: dict[str, Any] = {}
    for pair in change:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput("a change has no name", next_step="write name=value")
        changes[name] = _value(value)
    operation = with_hub(lambda hub: parked.edit(hub.context, operation_id, changes, who=acting_user(as_name)))
    message = f"operation {operation.id} updated; send it with `hub parked replay {operation.id}`"
    _print(operation, message, as_json=as_json)


@app.command()
def replay(operation_id: Id, as_name: As = "", as_json: AsJson = False) -> None:
    """Retry a parked operation; if it may have arrived, the hub looks for it at the vendor first."""
    operation = with_hub(lambda hub: parked.replay(hub.context, operation_id, who=acting_user(as_name)))
    _print(operation, f"operation {operation.id} queued to be sent", as_json=as_json)


@app.command()
def ignore(operation_id: Id, as_name: As = "", as_json: AsJson = False) -> None:
    """Drop a parked operation; the operations queued behind it continue."""
    operation = with_hub(lambda hub: parked.ignore(hub.context, operation_id, who=acting_user(as_name)))
    _print(operation, f"operation {operation.id} will not be sent", as_json=as_json)


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _print(operation: Operation, message: str, *, as_json: bool) -> None:
    print_result(operation, lambda: print_line(message), as_json=as_json)
