"""`hub notices`: notifications that were sent, are queued or are on hold."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hub.cli.shared.groups import new_app
from hub.cli.shared.options import After, As, AsJson, Limit, OneTicket
from hub.cli.shared.output import Page, print_line, print_page, print_result, print_table
from hub.cli.shared.runtime import acting_user, with_storage
from hub.cli.shared.text import count_of
from hub.errors import BadInput
from hub.notify import queue

app = new_app("List notifications, and retry those on hold.")


class NoticeFilter(StrEnum):
    """The states that `hub notices list` can show."""

    PARKED = "parked"
    READY = "ready"
    DONE = "done"
    DROPPED = "dropped"


EMPTY = {
    NoticeFilter.PARKED: "no notifications on hold",
    NoticeFilter.READY: "no notifications queued",
    NoticeFilter.DONE: "no notifications sent",
    NoticeFilter.DROPPED: "no notifications dropped",
}


@app.command("list")
def list_(
    state: Annotated[
        NoticeFilter, typer.Option("--state", help="On hold (parked), queued (ready), sent (done) or dropped.")
    ] = NoticeFilter.PARKED,
    ticket: OneTicket = "",
    limit: Limit = 50,
    after: After = 0,
    as_json: AsJson = False,
) -> None:
    """List notifications, oldest first; by default those on hold."""
    states = [state.value, *(["merged"] if state is NoticeFilter.READY else [])]
    notices = with_storage(lambda storage: queue.listed(storage, states, ticket=ticket, after=after, limit=limit))
    rows = [(notice.id, notice.ticket, notice.step, notice.whom, notice.since, notice.reason) for notice in notices]
    columns = ("id", "ticket", "step", "recipients", "since", "reason")
    page = Page(notices, limit, f"hub notices list --state {state}", "--after")
    print_page("notices", page, lambda: print_table(columns, rows, empty=EMPTY[state]), as_json=as_json)


@app.command()
def retry(
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID", help="Ids from `hub notices list`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All notifications on hold.")] = False,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Retry notifications on hold, using the current recipients.

    Recipients who have already received one do not get it again.
    """
    if bool(ids) == everything:
        raise BadInput("which notifications?", next_step="give ids from `hub notices list`, or --all")
    retried = with_storage(lambda storage: queue.retry(storage, set(ids or ()), who=acting_user(as_name)))
    message = f"{count_of(len(retried), 'notification')} queued to resend"
    print_result({"retried": len(retried)}, lambda: print_line(message), as_json=as_json)
