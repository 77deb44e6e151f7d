"""`hub lanes`: the outgoing work of each account, stopped and freed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.shared.options import AccountName, As, AsJson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.insights import LaneView

app = typer.Typer(help="See, stop and free the work of each account.", no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the lanes: what waits, and what stops them."""
    from hub import insights
    from hub.cli.shared.output import tell
    from hub.cli.shared.shell import with_storage

    found = with_storage(insights.lanes)
    tell({"lanes": found}, lambda: show_lanes(found), as_json=as_json)


def show_lanes(found: Sequence[LaneView]) -> None:
    """Print lanes as a table."""
    from hub.cli.shared.output import age, line, table

    rows = [
        (
            one.lane.account,
            one.queue.waiting,
            age(one.queue.oldest_seconds) if one.queue.waiting else "",
            one.queue.in_doubt,
            one.queue.parked,
            one.queue.seats,
            standing(one),
        )
        for one in found
    ]
    columns = ("account", "waiting", "oldest", "in doubt", "parked", "seats", "state")
    table(columns, rows, empty="no lanes yet; the first worker makes them")
    for one in found:
        if why := _why(one):
            line(f"{one.lane.account} is {standing(one)}: {why}")


def standing(one: LaneView) -> str:
    """How a lane stands, in a word or two."""
    if one.lane.paused_at is not None:
        return "paused"
    held = f"held {one.queue.hold_seconds:.0f} s" if one.queue.hold_seconds > 0 else ""
    return f"circuit open {held}".strip() if one.lane.circuit == "open" else held or "open"


def _why(one: LaneView) -> str:
    """Why a lane stands still; empty when it doesn't or nobody said."""
    if one.lane.paused_at is not None:
        return one.lane.pause_reason
    return one.lane.note if one.queue.hold_seconds > 0 else ""


@app.command()
def pause(
    account: AccountName,
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever looks next.")],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Let nothing leave to an account, and read nothing from it, until it is resumed."""
    from hub.bonding.repair import lanes
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import who, with_hub

    lane = with_hub(lambda hub: lanes.pause(hub.context, account, reason, who=who(as_name)))
    tell(lane, lambda: line(f"account {lane.account} is paused"), as_json=as_json)


@app.command()
def resume(account: AccountName, as_name: As = "", as_json: AsJson = False) -> None:
    """Free an account: pause and open circuit are lifted, and the workers go on at once."""
    from hub.bonding.repair import lanes
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import who, with_hub

    lane = with_hub(lambda hub: lanes.resume(hub.context, account, who=who(as_name)))
    tell(lane, lambda: line(f"account {lane.account} is free"), as_json=as_json)
