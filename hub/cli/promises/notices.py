"""`hub notices`: what people were told or are to be told, and what could not be."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hub.cli.shared.options import After, As, AsJson, Limit

app = typer.Typer(help="Look at what people are told, and have it told again.", no_args_is_help=True)


class NoticeFilter(StrEnum):
    """What became of a notice."""

    PARKED = "parked"
    READY = "ready"
    DONE = "done"
    DROPPED = "dropped"


@app.command("list")
def list_(
    state: Annotated[NoticeFilter, typer.Option("--state", help="Which of them.")] = NoticeFilter.PARKED,
    ticket: Annotated[str, typer.Option("--ticket", help="Only this ticket's.")] = "",
    limit: Limit = 50,
    after: After = 0,
    as_json: AsJson = False,
) -> None:
    """List notices, oldest first; by default those that are parked."""
    from hub.cli.shared.output import following, more, table, tell
    from hub.cli.shared.shell import with_storage
    from hub.model import NoticeState
    from hub.notify import queue

    states = [NoticeState(state), *([NoticeState.MERGED] if state is NoticeFilter.READY else [])]
    found = with_storage(lambda storage: queue.listed(storage, states, ticket=ticket, after=after, limit=limit))
    rows = [(one.id, one.ticket, one.step, one.whom, one.since, one.reason) for one in found]

    def show() -> None:
        table(("id", "about", "step", "whom", "since", "reason"), rows, empty=f"no notice is {state}")
        if found:
            more(f"hub notices list --state {state}", len(found), limit, "--after", found[-1].id)

    tell({"notices": found, "next_after": following(found, limit, lambda one: one.id)}, show, as_json=as_json)


@app.command()
def retry(
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID...]", help="From `hub notices list`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are parked.")] = False,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Have parked notices told or done again, to whoever is set by now; who was told already is left alone."""
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import who, with_storage
    from hub.errors import BadInput
    from hub.notify import queue

    if bool(ids) == everything:
        raise BadInput("name the notices, or give --all", next_step="see `hub notices list`")
    found = with_storage(lambda storage: queue.retry(storage, set(ids or ()), who=who(as_name)))
    count = len(found)
    tell(
        {"retried": count}, lambda: line(f"{count} notice{'' if count == 1 else 's'} to be told again"), as_json=as_json
    )
