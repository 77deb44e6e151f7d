"""`hub timeline`: everything that happened to a ticket, from all that the hub stores."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub import insights
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_line, print_result
from hub.cli.shared.runtime import with_storage
from hub.cli.shared.text import format_value
from hub.insights import Timeline, TimelineEntry

JUDGED = {"person": "an answer, ", "machine": "automatic, ", "unclear": "possibly an answer, "}
"""What a vendor's comment was judged to be."""

HIDDEN = {"operation", "trace", "sha256"}
"""Journal data that is left out of the history."""


def timeline(
    name: Annotated[
        str, typer.Argument(metavar="TICKET|CASE|BOND", help="A ticket's or case's number, or a bond's key.")
    ],
    as_json: AsJson = False,
) -> None:
    """Show a ticket's whole history, here and at its vendors."""
    history = with_storage(lambda storage: insights.timeline(storage, name))
    print_result(history, lambda: _show(history), as_json=as_json)


def _show(history: Timeline) -> None:
    print_line(f"{history.ticket.number}  {history.ticket.title}")
    for bond in history.bonds:
        case = bond.reference.number if bond.reference else "not open yet"
        print_line(f"{bond.key}  {bond.account}, case {case}, {bond.state}")
        times = (("delivered", bond.delivered_at), ("stored", bond.stored_at), ("answered", bond.answered_at))
        if reached := [f"{name} {format_value(at)}" for name, at in times if at]:
            print_line(f"    {', '.join(reached)}")
    print_line()
    for entry in history.moments:
        print_line(f"{format_value(entry.at)}  {_describe(entry)}")
        if entry.what == "comment":
            print_line("\n".join(f"    | {line}" for line in entry.text.splitlines()))


def _describe(entry: TimelineEntry) -> str:
    by = f" by {entry.who}" if entry.who else ""
    whose = "the vendor's" if entry.kind == "vendor" else "our"
    visibility = entry.data.get("visibility", "")
    if entry.what == "comment":
        why = f"; {entry.data['why']}" if entry.data.get("why") else ""
        judged = JUDGED.get(str(entry.data.get("answer")), "automatic, " if entry.data.get("automatic") else "")
        return f"{whose} comment{by} ({judged}{visibility}{why})"
    if entry.what == "attachment":
        size = entry.data.get("size")
        bytes_ = f", {size} bytes" if size is not None else ""
        return f"{whose} file {entry.text} ({visibility}{bytes_})"
    data = " ".join(
        f"{name}={_plain(value)}"
        for name, value in entry.data.items()
        if value not in ("", None, [], {}) and name not in HIDDEN
    )
    return f"{entry.kind.replace('_', ' ')}{by}{'  ' + data if data else ''}"


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
