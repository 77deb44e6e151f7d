"""What `hub kb` and `hub patches` share: options, lists and the text of one publication."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.shared.output import Page, print_fields, print_line, print_page, print_result, print_table
from hub.cli.shared.runtime import with_hub
from hub.db.publications import Publication
from hub.knowledge import search as knowledge

Vendor = Annotated[str, typer.Option("--vendor", metavar="VENDOR", help="Only this vendor or account.")]
Language = Annotated[str, typer.Option("--language", metavar="LANGUAGE", help="Only this language, such as en or fr.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The id, number or reference.")]

_FIELDS = ("account", "number", "reference", "language", "product", "version", "severity", "address", "changed_at")


def list_publications(
    kind: str, command: str, vendor: str, language: str, limit: int, before: int | None, *, as_json: bool
) -> None:
    """Print one page of the cached articles or patches."""
    publications = with_hub(
        lambda hub: knowledge.listed(
            hub.context, kind=kind, vendor=vendor, language=language, before=before, limit=limit
        )
    )
    rows = [
        (
            publication.id,
            publication.account,
            publication.number or publication.reference,
            publication.product,
            publication.version,
            publication.title,
            "withdrawn" if publication.withdrawn else publication.changed_at,
        )
        for publication in publications
    ]
    columns = ("id", "account", "number", "product", "version", "title", "changed")
    empty = "none cached yet; a worker or `hub pull` fetches them"
    page = Page(publications, limit, command, "--before")
    print_page("items", page, lambda: print_table(columns, rows, wide="title", empty=empty), as_json=as_json)


def show_publication(name: str, kind: str, *, as_json: bool) -> None:
    """Print one article or patch, as text."""
    publication = with_hub(lambda hub: knowledge.read(hub.context, name, kind))
    print_result(publication, lambda: _show(publication), as_json=as_json)


def _show(publication: Publication) -> None:
    fields = [(name.removesuffix("_at"), getattr(publication, name)) for name in _FIELDS]
    print_fields([("title", publication.title), *fields, ("withdrawn", publication.withdrawn or None)])
    print_line(f"\n{publication.bare}")
