"""`hub conflicts`: fields that changed in both the ticket and the case."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from hub import insights
from hub.bonding.repair import conflicts
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import After, As, AsJson, Limit
from hub.cli.shared.output import Page, print_line, print_page, print_result, print_table
from hub.cli.shared.runtime import acting_user, with_hub, with_storage

app = new_app("Resolve fields that changed in both the ticket and the case.")


@app.command("list")
def list_(limit: Limit = 50, after: After = 0, as_json: AsJson = False) -> None:
    """List unresolved conflicts, oldest first."""
    open_conflicts = with_storage(lambda storage: insights.conflicts(storage, after=after, limit=limit))
    rows = [
        (conflict.id, conflict.ticket_number, conflict.case_number, conflict.field, conflict.ours, conflict.theirs)
        for conflict in open_conflicts
    ]
    columns = ("id", "ticket", "case", "field", "ours", "theirs")
    page = Page(open_conflicts, limit, "hub conflicts list", "--after")
    print_page("conflicts", page, lambda: print_table(columns, rows, empty="no conflicts"), as_json=as_json)


@app.command()
def resolve(
    conflict_id: Annotated[int, typer.Argument(metavar="ID", help="The conflict's id, from `hub conflicts list`.")],
    take: Annotated[
        Literal["ours", "theirs"],
        typer.Option("--take", help="ours: send the ticket's value to the case. theirs: take the case's value over."),
    ],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Resolve a conflict with our value or the vendor's."""
    conflict = with_hub(lambda hub: conflicts.resolve(hub.context, conflict_id, take, who=acting_user(as_name)))
    message = f"{conflict.field} of {conflict.ticket_number} resolved: {take}"
    print_result(conflict, lambda: print_line(message), as_json=as_json)
