"""`hub kb`: vendors' articles, searched, read, rated and submitted."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.shared.groups import new_app
from hub.cli.shared.options import AccountName, As, AsJson, Before, Expect, Limit, Preview, TicketNumber
from hub.cli.shared.output import print_fields, print_line, print_result, print_table
from hub.cli.shared.runtime import acting_user, with_hub
from hub.cli.shared.text import format_value
from hub.cli.tickets.publications import Language, Name, Vendor, list_publications, show_publication
from hub.knowledge import contribute
from hub.knowledge import search as knowledge
from hub.knowledge.search import SearchResult, SourceCoverage

app = new_app("Search, read, rate and submit vendors' knowledge articles.")


@app.command()
def search(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", help="Search terms; also quoted phrases, and -word to exclude.")
    ],
    live: Annotated[bool, typer.Option("--live", help="Also search at the vendors that support it.")] = False,
    vendor: Vendor = "",
    language: Language = "",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Search articles and patches, best match first; shows how current each vendor's results are."""
    query = " ".join(words)
    result = with_hub(
        lambda hub: knowledge.search(hub.context, query, live=live, vendor=vendor, language=language, limit=limit)
    )
    data = {"hits": result.hits, "sources": result.sources, "partial": result.partial}
    print_result(data, lambda: _show(result), as_json=as_json)


def _show(result: SearchResult) -> None:
    rows = [(hit.account, hit.kind, hit.number or hit.reference, hit.title, hit.changed_at) for hit in result.hits]
    print_table(("account", "kind", "number", "title", "changed"), rows, wide="title", empty="no matches")
    for source in result.sources:
        print_line(f"{source.account}: {source.state}, {source.found} found{_currency(source)}")


def _currency(source: SourceCoverage) -> str:
    """How current the results of one account are."""
    as_of = f", as of {format_value(source.as_of)}" if source.as_of else ""
    if source.state == "failed":
        return f": {source.why}; showing the cached copy{as_of}"
    return "" if source.state == "live" else as_of


@app.command("list")
def list_(
    vendor: Vendor = "", language: Language = "", limit: Limit = 50, before: Before = None, as_json: AsJson = False
) -> None:
    """List the cached articles, newest first."""
    list_publications("article", "hub kb list", vendor, language, limit, before, as_json=as_json)


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show an article as plain text."""
    show_publication(name, "article", as_json=as_json)


@app.command()
def rate(
    account: AccountName,
    reference: Annotated[
        str, typer.Argument(metavar="REFERENCE", help="The article's reference, from `hub kb search`.")
    ],
    solved: Annotated[bool, typer.Option("--solved/--not-solved", help="Whether it solved the problem.")] = True,
    comment: Annotated[
        str, typer.Option("--comment", metavar="TEXT", help="What was missing; masked before it is sent.")
    ] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Send the vendor feedback on whether an article helped."""
    who = acting_user(as_name)
    with_hub(lambda hub: contribute.rate(hub.context, account, reference, solved=solved, comment=comment, who=who))
    data = {"account": account, "reference": reference, "solved": solved}
    message = f"feedback sent to {account}: {reference} {'helped' if solved else 'did not help'}"
    print_result(data, lambda: print_line(message), as_json=as_json)


@app.command()
def submit(
    number: TicketNumber,
    to: Annotated[str, typer.Option("--to", metavar="ACCOUNT", help="An account whose vendor accepts articles.")],
    solution: Annotated[
        str, typer.Option("--solution", metavar="TEXT", help="The solution, written for every reader.")
    ],
    preview: Preview = False,
    expect: Expect = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Submit an article, written from a solved ticket, to a vendor; everything is masked first."""
    if preview:
        offer = with_hub(lambda hub: contribute.preview(hub.context, number, to, solution=solution))
        fields = [*offer.draft.plain().items(), ("sha256", offer.sha256)]
        print_result(offer, lambda: print_fields(fields), as_json=as_json)
        return
    who = acting_user(as_name)
    article = with_hub(
        lambda hub: contribute.submit(hub.context, number, to, solution=solution, who=who, expect=expect)
    )
    print_result(article, lambda: print_line(f"submitted as {article.reference}"), as_json=as_json)
