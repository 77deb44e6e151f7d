"""`hub pull`: fetches the updates of all accounts now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from hub import errors
from hub.bootstrap import Hub
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_result, print_table, progress
from hub.cli.shared.runtime import with_hub
from hub.work import once
from hub.work.once import StreamResult


def pull(
    account: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Only this account.")] = "",
    as_json: AsJson = False,
) -> None:
    """Fetch the updates of all accounts now.

    Each stream is read to its end, due or not, while workers go on as usual.
    """
    with progress("fetching updates") as moved:

        async def work(hub: Hub) -> list[StreamResult]:
            context, items = hub.context, dict[tuple[str, str], int]()

            def count(result: StreamResult) -> None:
                items[result.account, result.stream] = result.items
                moved(sum(items.values()), 0)

            accounts = [context.vendor_account(account)] if account else list(context.accounts.values())
            return await once.pull(context, accounts, lease_seconds=hub.settings.lease_seconds, told=count)

        results = with_hub(work)
    columns = ("account", "stream", "items", "cases", "comments", "files", "note")
    rows = [
        (
            result.account,
            result.stream,
            result.items,
            result.cases,
            result.comments,
            result.attachments,
            result.error or result.skipped,
        )
        for result in results
    ]
    print_result(
        {"streams": results}, lambda: print_table(columns, rows, empty="no account has a stream"), as_json=as_json
    )
    if code := exit_code(result.error for result in results):
        raise typer.Exit(code)


def exit_code(messages: Iterable[str]) -> int:
    """The exit code of the first error among messages such as `RateLimited: wait`; 0 if there is none."""
    for message in filter(None, messages):
        kind = getattr(errors, message.partition(":")[0], errors.HubError)
        return errors.EXIT_CODES[kind.actor]
    return 0
