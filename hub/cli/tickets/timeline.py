"""`hub timeline`: a ticket's whole story, from all that the hub knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from hub.insights import Timeline, TimelineEntry

TAKEN = {"person": "an answer, ", "machine": "automatic, ", "unclear": "perhaps no answer, "}
"""What a vendor's comment was taken for."""


def timeline(
    name: Annotated[
        str, typer.Argument(metavar="TICKET|CASE|BOND", help="A ticket's or case's number, or a bond's key.")
    ],
    as_json: AsJson = False,
) -> None:
    """Tell all that happened to a ticket, here and at its vendors, in order."""
    from hub import insights
    from hub.cli.shared.output import tell
    from hub.cli.shared.shell import with_storage

    story = with_storage(lambda storage: insights.timeline(storage, name))
    tell(story, lambda: _show(story), as_json=as_json)


def _show(story: Timeline) -> None:
    from hub.cli.shared.output import line, shown

    line(f"{story.ticket.number}  {story.ticket.title}")
    for bond in story.bonds:
        case = bond.reference.number if bond.reference else "not opened yet"
        line(f"{bond.key}  {bond.account}, case {case}, {bond.state}")
        known = (("delivered", bond.delivered_at), ("stored", bond.stored_at), ("answered", bond.answered_at))
        if times := [f"{name} {shown(at)}" for name, at in known if at]:
            line(f"    {', '.join(times)}")
    line("")
    for moment in story.moments:
        line(f"{shown(moment.at)}  {_sentence(moment)}")
        if moment.what == "comment":
            line("\n".join(f"    | {row}" for row in moment.text.splitlines()))


def _sentence(moment: TimelineEntry) -> str:
    by = f" by {moment.who}" if moment.who else ""
    whose = "the vendor's" if moment.kind == "vendor" else "our"
    seen = moment.data.get("visibility", "")
    if moment.what == "comment":
        why = f"; {moment.data['why']}" if moment.data.get("why") else ""
        taken = TAKEN.get(str(moment.data.get("answer")), "automatic, " if moment.data.get("automatic") else "")
        return f"{whose} comment{by} ({taken}{seen}{why})"
    if moment.what == "attachment":
        size = moment.data.get("size")
        known = f", {size} bytes" if size is not None else ""
        return f"{whose} file {moment.text} ({seen}{known})"
    told = " ".join(
        f"{name}={_plain(value)}"
        for name, value in moment.data.items()
        if value not in ("", None, [], {}) and name not in {"operation", "trace", "sha256"}
    )
    return f"{moment.kind.replace('_', ' ')}{by}{'  ' + told if told else ''}"


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
