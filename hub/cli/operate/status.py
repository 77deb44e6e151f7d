"""`hub status`: the state of the hub on one screen."""

from __future__ import annotations

from hub import insights
from hub.cli.operate.lanes import print_lanes
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_line, print_result, print_table
from hub.cli.shared.runtime import with_storage
from hub.cli.shared.text import format_age, format_value
from hub.insights import Status


def status(as_json: AsJson = False) -> None:
    """Show queues, streams, workers and the last journal entry."""
    state = with_storage(insights.status)
    print_result(state, lambda: _show(state), as_json=as_json)


def _show(state: Status) -> None:
    print_lanes(state.lanes)
    print_line()
    streams = [
        (
            stream.account,
            stream.kind,
            format_age((state.at - stream.finished_at).total_seconds()) if stream.finished_at else "never",
            stream.items,
            stream.failures,
            stream.error,
        )
        for stream in state.streams
    ]
    columns = ("account", "stream", "last run", "items", "failures", "error")
    print_table(columns, streams, wide="error", empty="no streams yet")
    print_line()
    for count in state.quarantine:
        age = format_age((state.at - count.oldest).total_seconds())
        print_line(
            f"{count.account}: {count.items} items in quarantine, the oldest since {age}; see `hub quarantine list`"
        )
    workers = [(worker.id, format_age(worker.seen_seconds), worker.started_at) for worker in state.workers]
    print_table(("worker", "last seen", "started"), workers, empty="no worker is running; start one with `hub worker`")
    print_line(f"\nlast journal entry: {format_value(state.last_entry) or 'none'}")
