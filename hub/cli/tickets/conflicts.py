"""`hub conflicts`: fields that ticket and case changed at once."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from hub.cli.shared.options import After, As, AsJson, Limit

app = typer.Typer(help="Decide whose value holds where both sides changed one.", no_args_is_help=True)


@app.command("list")
def list_(limit: Limit = 50, after: After = 0, as_json: AsJson = False) -> None:
    """List conflicts that nobody has decided, oldest first."""
    from hub import insights
    from hub.cli.shared.output import following, more, table, tell
    from hub.cli.shared.shell import with_storage

    found = with_storage(lambda storage: insights.conflicts(storage, after=after, limit=limit))
    rows = [(one.id, one.ticket_number, one.case_number, one.field, one.ours, one.theirs) for one in found]

    def show() -> None:
        table(("id", "ticket", "case", "field", "ours", "theirs"), rows, empty="no conflicts")
        if found:
            more("hub conflicts list", len(found), limit, "--after", found[-1].id)

    last = following(found, limit, lambda one: one.id)
    tell({"conflicts": found, "next_after": last}, show, as_json=as_json)


@app.command()
def resolve(
    conflict_id: Annotated[int, typer.Argument(metavar="ID", help="From `hub conflicts list`.")],
    take: Annotated[
        Literal["ours", "theirs"], typer.Option("--take", help="ours goes to the case, theirs comes into the ticket.")
    ],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Decide a conflict."""
    from hub.bonding.repair import conflicts
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import who, with_hub

    one = with_hub(lambda hub: conflicts.resolve(hub.context, conflict_id, take, who=who(as_name)))
    tell(one, lambda: line(f"{one.field} of {one.ticket_number}: {take} holds"), as_json=as_json)
