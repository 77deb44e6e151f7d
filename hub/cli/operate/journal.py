"""`hub journal`: the audit journal, shown and verified."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from hub import insights
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import After, AsJson, Limit
from hub.cli.shared.output import Page, print_line, print_page, print_result, progress
from hub.cli.shared.runtime import with_storage
from hub.cli.shared.text import count_of, format_value
from hub.db.journal import JournalFault
from hub.db.storage import Storage
from hub.errors import EXIT_CODES, Actor

app = new_app("Show the audit journal, and verify that it is complete and unaltered.")


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Verify the hash of every entry; exits with 70 if any entry was changed or is missing."""
    with progress("verifying the journal") as moved:

        async def work(storage: Storage) -> tuple[int, list[JournalFault]]:
            entries, faults = 0, list[JournalFault]()
            async for count, wrong in storage.verify():
                entries += count
                faults += wrong
                moved(entries, 0)
            return entries, faults

        entries, faults = with_storage(work)

    def show_faults() -> None:
        for fault in faults:
            print_line(f"{fault.chain} {fault.position}: {fault.what}")
        print_line(f"{count_of(entries, 'entry', 'entries')} verified, {count_of(len(faults), 'fault')}")

    print_result({"entries": entries, "ok": not faults, "faults": faults}, show_faults, as_json=as_json)
    if faults:
        raise typer.Exit(EXIT_CODES[Actor.DEVELOPER])


@app.command()
def show(
    chain: Annotated[str, typer.Argument(metavar="CHAIN", help="A ticket's number, account:NAME or customer:NUMBER.")],
    limit: Limit = 100,
    after: After = 0,
    as_json: AsJson = False,
) -> None:
    """Show the journal entries of a ticket, an account or a customer, oldest first."""
    entries = with_storage(lambda storage: insights.chain(storage, chain, after=after, limit=limit))

    def show_entries() -> None:
        for entry in entries:
            data = msgspec.json.encode(entry.data).decode()
            print_line(f"{entry.position:>4}  {format_value(entry.at)}  {entry.kind}  {data}")

    page = Page(entries, limit, f"hub journal show {chain}", "--after", lambda entry: int(entry.position))
    print_page("entries", page, show_entries, as_json=as_json)
