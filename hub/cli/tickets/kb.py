"""`hub kb` and `hub patches`: what vendors know, searched, read, rated and added to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.shared.options import AccountName, As, AsJson, Before, Limit, OverrideReason, TicketNumber

if TYPE_CHECKING:
    from hub.db.publications import Publication
    from hub.knowledge.search import SearchResult

kb = typer.Typer(help="Search and read vendors' articles.", no_args_is_help=True)
patches = typer.Typer(help="Look at vendors' patches and releases.", no_args_is_help=True)

Vendor = Annotated[str, typer.Option("--vendor", help="Only this vendor, or this account.")]
Language = Annotated[str, typer.Option("--language", help="Only this language, such as en or fr.")]
ForTicket = Annotated[
    str, typer.Option("--ticket", metavar="TICKET", help="For this ticket, whose plan has to include patches.")
]
Named = Annotated[str, typer.Argument(metavar="NAME", help="Its id, number or reference.")]


@kb.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help='As in a search engine; "..." and -word too.')],
    live: Annotated[bool, typer.Option("--live", help="Ask the vendors too, those that can be asked.")] = False,
    vendor: Vendor = "",
    language: Language = "",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Search articles and patches, best first; says of each vendor how fresh its part of the answer is."""
    from hub.cli.shared.output import tell
    from hub.cli.shared.shell import with_hub
    from hub.knowledge import search as room

    query = " ".join(words)
    found = with_hub(
        lambda hub: room.search(hub.context, query, live=live, vendor=vendor, language=language, limit=limit)
    )
    told = {"hits": found.hits, "sources": found.sources, "partial": found.partial}
    tell(told, lambda: _show_answer(found), as_json=as_json)


def _show_answer(found: SearchResult) -> None:
    from hub.cli.shared.output import line, shown, table

    rows = [(one.account, one.kind, one.number or one.reference, one.title, one.changed_at) for one in found.hits]
    table(("account", "kind", "number", "title", "changed"), rows, wide="title", empty="nothing fits")
    for source in found.sources:
        age = f", as of {shown(source.as_of)}" if source.as_of else ""
        why = f": {source.why}; its mirrored copy stands{age}" if source.state == "failed" else ""
        line(f"{source.account}: {source.state}, {source.found} found{why or ('' if source.state == 'live' else age)}")


@kb.command("list")
def list_(
    vendor: Vendor = "", language: Language = "", limit: Limit = 50, before: Before = None, as_json: AsJson = False
) -> None:
    """List the articles that are mirrored, newest first."""
    _list("article", "hub kb list", vendor, language, limit, before, as_json=as_json)


@patches.command("list")
def list_patches(
    vendor: Vendor = "",
    language: Language = "",
    ticket: ForTicket = "",
    override: OverrideReason = "",
    limit: Limit = 50,
    before: Before = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """List patches and releases, newest first."""
    _entitled(ticket, override, as_name)
    _list("patch", "hub patches list", vendor, language, limit, before, as_json=as_json)


def _list(
    kind: str, command: str, vendor: str, language: str, limit: int, before: int | None, *, as_json: bool
) -> None:
    from hub.cli.shared.output import following, more, table, tell
    from hub.cli.shared.shell import with_hub
    from hub.knowledge import search as room

    found = with_hub(
        lambda hub: room.listed(hub.context, kind=kind, vendor=vendor, language=language, before=before, limit=limit)
    )

    def show() -> None:
        rows = [
            (
                one.id,
                one.account,
                one.number or one.reference,
                one.product,
                one.version,
                one.title,
                "withdrawn" if one.withdrawn else one.changed_at,
            )
            for one in found
        ]
        columns = ("id", "account", "number", "product", "version", "title", "changed")
        table(columns, rows, wide="title", empty="none is mirrored yet; a worker reads them, and so does `hub pull`")
        if found:
            more(command, len(found), limit, "--before", found[-1].id)

    tell({"items": found, "next_before": following(found, limit, lambda one: one.id)}, show, as_json=as_json)


@kb.command()
def show(name: Named, as_json: AsJson = False) -> None:
    """Show one article, as text."""
    _read(name, "article", as_json=as_json)


@patches.command("show")
def show_patch(
    name: Named, ticket: ForTicket = "", override: OverrideReason = "", as_name: As = "", as_json: AsJson = False
) -> None:
    """Show one patch, as text."""
    _entitled(ticket, override, as_name)
    _read(name, "patch", as_json=as_json)


def _entitled(ticket: str, override: str, as_name: str) -> None:
    """Raises NotIncluded when patches are wanted for a ticket whose plan has none."""
    from hub.cli.shared.shell import offer, who, with_storage
    from hub.customers import entitled
    from hub.sla.entitlements import PATCHES

    if not ticket:
        return
    ours, name = offer(), who(as_name)
    with_storage(lambda storage: entitled.require(storage, ticket, PATCHES, ours, who=name, override=override))


def _read(name: str, kind: str, *, as_json: bool) -> None:
    from hub.cli.shared.output import tell
    from hub.cli.shared.shell import with_hub
    from hub.knowledge import search as room

    found = with_hub(lambda hub: room.read(hub.context, name, kind))
    tell(found, lambda: _show(found), as_json=as_json)


def _show(one: Publication) -> None:
    from hub.cli.shared.output import facts, line

    names = ("account", "number", "reference", "language", "product", "version", "severity", "address", "changed_at")
    facts([("title", one.title), *((name, getattr(one, name)) for name in names), ("withdrawn", one.withdrawn or None)])
    line(f"\n{one.bare}")


@kb.command()
def rate(
    account: AccountName,
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="Of the article, from `hub kb search`.")],
    solved: Annotated[bool, typer.Option("--solved/--not-solved", help="Whether it solved the problem.")] = True,
    comment: Annotated[str, typer.Option("--comment", help="What was missing; masked before it leaves.")] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Tell a vendor whether an article helped."""
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import who, with_hub
    from hub.knowledge import contribute

    with_hub(
        lambda hub: contribute.rate(hub.context, account, reference, solved=solved, comment=comment, who=who(as_name))
    )
    told = {"account": account, "reference": reference, "solved": solved}
    words = f"{account} was told that {reference} {'helped' if solved else 'did not help'}"
    tell(told, lambda: line(words), as_json=as_json)


@kb.command()
def submit(
    number: TicketNumber,
    to: Annotated[str, typer.Option("--to", metavar="ACCOUNT", help="The account that takes articles.")],
    solution: Annotated[str, typer.Option("--solution", help="How it was solved, in words for everyone.")],
    preview: Annotated[bool, typer.Option("--preview", help="Show what would leave; nothing does.")] = False,
    expect: Annotated[
        str, typer.Option("--expect", metavar="HASH", help="A preview's hash: nothing else may leave.")
    ] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Offer a vendor an article that a solved ticket gave; all of it is masked first."""
    from hub.cli.shared.output import facts, line, tell
    from hub.cli.shared.shell import who, with_hub
    from hub.knowledge import contribute

    if preview:
        offer = with_hub(lambda hub: contribute.preview(hub.context, number, to, solution=solution))
        tell(offer, lambda: facts([*offer.draft.plain().items(), ("sha256", offer.sha256)]), as_json=as_json)
        return
    article = with_hub(
        lambda hub: contribute.submit(hub.context, number, to, solution=solution, who=who(as_name), expect=expect)
    )
    tell(article, lambda: line(f"offered as {article.reference}"), as_json=as_json)
