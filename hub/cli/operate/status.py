"""`hub status`: how the hub stands, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from hub.insights import Status


def status(as_json: AsJson = False) -> None:
    """Show queues, lanes, streams, workers and the journal's last entry."""
    from hub import insights
    from hub.cli.shared.output import tell
    from hub.cli.shared.shell import with_storage

    found = with_storage(insights.status)
    tell(found, lambda: _show(found), as_json=as_json)


def _show(found: Status) -> None:
    from hub.cli.operate.lanes import show_lanes
    from hub.cli.shared.output import age, line, shown, table

    show_lanes(found.lanes)
    line("")
    rows = [
        (
            one.account,
            one.kind,
            age((found.at - one.finished_at).total_seconds()) if one.finished_at else "never",
            one.items,
            one.failures,
            one.error,
        )
        for one in found.streams
    ]
    table(("account", "stream", "last run", "items", "failures", "error"), rows, wide="error", empty="no streams")
    line("")
    seen = [(one.id, age(one.seen_seconds), shown(one.started_at)) for one in found.workers]
    table(("worker", "last sign", "since"), seen, empty="no worker is at work; start one with `hub worker`")
    line(f"\nlast journal entry: {shown(found.last_entry) or 'none'}")
