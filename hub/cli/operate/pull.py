"""`hub pull`: all news of the vendors, read now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from hub.bootstrap import Hub
    from hub.work.once import StreamResult


def pull(
    once: Annotated[
        bool, typer.Option("--once", help="Read each stream once to its end; this is what it does.")
    ] = True,
    account: Annotated[str, typer.Option("--account", help="Only this account.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read the news of all accounts now, due or not, beside whatever workers there are."""
    del once
    from hub.cli.shared.output import progress, table, tell
    from hub.cli.shared.shell import with_hub

    with progress("reading news") as moved:

        async def work(hub: Hub) -> list[StreamResult]:
            from hub.work.once import pull as read_all

            context, items = hub.context, dict[tuple[str, str], int]()

            def told(read: StreamResult) -> None:
                items[read.account, read.stream] = read.items
                moved(sum(items.values()), 0)

            accounts = [context.vendor_account(account)] if account else list(context.accounts.values())
            return await read_all(context, accounts, lease_seconds=hub.settings.lease_seconds, told=told)

        reads = with_hub(work)
    columns = ("account", "stream", "items", "cases", "comments", "files", "note")
    rows = [
        (one.account, one.stream, one.items, one.cases, one.comments, one.attachments, one.error or one.skipped)
        for one in reads
    ]
    tell({"streams": reads}, lambda: table(columns, rows, empty="no account has a stream to read"), as_json=as_json)
    if code := exit_code([one.error for one in reads]):
        raise typer.Exit(code)


def exit_code(told: list[str]) -> int:
    """The exit code for errors told as `Class: words`; that of the first, 0 when there is none."""
    from hub import errors

    for text in filter(None, told):
        kind = getattr(errors, text.partition(":")[0], errors.HubError)
        return errors.EXIT_CODES[kind.actor]
    return 0
