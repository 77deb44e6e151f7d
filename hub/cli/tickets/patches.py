"""`hub patches`: vendors' patches and releases, for tickets whose plan includes them."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.shared.groups import new_app
from hub.cli.shared.options import As, AsJson, Before, Limit, OverrideReason
from hub.cli.shared.runtime import acting_user, load_offer, with_storage
from hub.cli.tickets.publications import Language, Name, Vendor, list_publications, show_publication
from hub.customers import entitled
from hub.sla.entitlements import PATCHES

app = new_app("List and show vendors' patches and releases.")

ForTicket = Annotated[
    str, typer.Option("--ticket", metavar="TICKET", help="The ticket that it is for; its plan must include patches.")
]


@app.command("list")
def list_(
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
    _require_patches(ticket, override, as_name)
    list_publications("patch", "hub patches list", vendor, language, limit, before, as_json=as_json)


@app.command()
def show(
    name: Name, ticket: ForTicket = "", override: OverrideReason = "", as_name: As = "", as_json: AsJson = False
) -> None:
    """Show a patch as plain text."""
    _require_patches(ticket, override, as_name)
    show_publication(name, "patch", as_json=as_json)


def _require_patches(ticket: str, override: str, as_name: str) -> None:
    """Raises NotIncluded when a ticket is named whose plan does not include patches."""
    if not ticket:
        return
    offer, who = load_offer(), acting_user(as_name)
    with_storage(lambda storage: entitled.require(storage, ticket, PATCHES, offer, who=who, override=override))
