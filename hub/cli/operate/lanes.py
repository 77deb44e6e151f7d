"""`hub lanes`: each account's queue of outgoing operations, paused and resumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from hub import insights
from hub.bonding.repair import lanes
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import AccountName, As, AsJson
from hub.cli.shared.output import print_line, print_result, print_table
from hub.cli.shared.runtime import acting_user, with_hub, with_storage
from hub.cli.shared.text import format_age
from hub.insights import LaneView

app = new_app("Show, pause and resume accounts.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List each account's queue of outgoing operations, and why it is stopped."""
    views = with_storage(insights.lanes)
    print_result({"lanes": views}, lambda: print_lanes(views), as_json=as_json)


def print_lanes(views: Sequence[LaneView]) -> None:
    """Print lanes as a table, and below it the reason for each one that is stopped."""
    rows = [
        (
            view.lane.account,
            view.queue.waiting,
            format_age(view.queue.oldest_seconds) if view.queue.waiting else "",
            view.queue.in_doubt,
            view.queue.parked,
            view.queue.seats,
            _state(view),
        )
        for view in views
    ]
    columns = ("account", "waiting", "oldest", "in doubt", "parked", "seats", "state")
    print_table(columns, rows, empty="no accounts yet; they appear when the first worker starts")
    for view in views:
        if reason := _reason(view):
            print_line(f"{view.lane.account} is {_state(view)}: {reason}")


def _state(view: LaneView) -> str:
    if view.lane.paused_at is not None:
        return "paused"
    on_hold = f"on hold for {view.queue.hold_seconds:.0f} s" if view.queue.hold_seconds > 0 else ""
    return f"circuit open {on_hold}".strip() if view.lane.circuit == "open" else on_hold or "open"


def _reason(view: LaneView) -> str:
    """Why a lane is stopped; empty if it is not, or if no reason was given."""
    if view.lane.paused_at is not None:
        return view.lane.pause_reason
    return view.lane.note if view.queue.hold_seconds > 0 else ""


@app.command()
def pause(
    account: AccountName,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="The reason, shown in `hub lanes list`.")],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Pause an account: nothing is sent or fetched until it is resumed."""
    lane = with_hub(lambda hub: lanes.pause(hub.context, account, reason, who=acting_user(as_name)))
    print_result(lane, lambda: print_line(f"account {lane.account} paused"), as_json=as_json)


@app.command()
def resume(account: AccountName, as_name: As = "", as_json: AsJson = False) -> None:
    """Resume an account: clears the pause and resets the circuit breaker."""
    lane = with_hub(lambda hub: lanes.resume(hub.context, account, who=acting_user(as_name)))
    print_result(lane, lambda: print_line(f"account {lane.account} resumed"), as_json=as_json)
