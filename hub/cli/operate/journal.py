"""`hub journal`: the record of all that happened, read and verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.shared.options import After, AsJson, Limit

if TYPE_CHECKING:
    from hub.db.journal import JournalFault
    from hub.db.storage import Storage

app = typer.Typer(help="Read the record of all that happened, and prove that it is whole.", no_args_is_help=True)

FAULTY = 70


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Compare every entry with its hash; exits with 70 and names each fault if one was changed or is missing."""
    from hub.cli.shared.output import line, progress, tell
    from hub.cli.shared.shell import with_storage

    with progress("verifying the journal") as moved:

        async def work(storage: Storage) -> tuple[int, list[JournalFault]]:
            entries, found = 0, []
            async for read, wrong in storage.verify():
                entries += read
                found += wrong
                moved(entries, 0)
            return entries, found

        entries, faults = with_storage(work)

    def show() -> None:
        for fault in faults:
            line(f"{fault.chain} {fault.position}: {fault.what}")
        line(f"{entries} entries read, {len(faults)} faults")

    tell({"entries": entries, "ok": not faults, "faults": faults}, show, as_json=as_json)
    if faults:
        raise typer.Exit(FAULTY)


@app.command()
def show(
    chain: Annotated[str, typer.Argument(metavar="CHAIN", help="A ticket's number, or account:NAME.")],
    limit: Limit = 100,
    after: After = 0,
    as_json: AsJson = False,
) -> None:
    """Show the entries of one chain, oldest first."""
    import msgspec

    from hub import insights
    from hub.cli.shared.output import following, line, more, shown, tell
    from hub.cli.shared.shell import with_storage

    events = with_storage(lambda storage: insights.chain(storage, chain, after=after, limit=limit))

    def told() -> None:
        for one in events:
            data = msgspec.json.encode(one.data).decode()
            line(f"{one.position:>4}  {shown(one.at)}  {one.kind}  {data}")
        if events:
            more(f"hub journal show {chain}", len(events), limit, "--after", events[-1].position)

    last = following(events, limit, lambda one: one.position)
    tell({"entries": events, "next_after": last}, told, as_json=as_json)
