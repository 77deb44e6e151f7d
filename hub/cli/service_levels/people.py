"""`hub people`: who receives notifications, and a test message to them."""

from __future__ import annotations

from secrets import token_hex
from typing import Annotated

import typer

from hub.bootstrap import load_people, open_transport
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_line, print_result, print_table
from hub.cli.shared.runtime import load_offer, load_settings, run
from hub.errors import NotFound
from hub.model.base import utc_now
from hub.notify.messages import Fact, compose, notified_roles
from hub.notify.recipients import Recipient, Stakeholders, find_recipients, roles_without_recipient
from hub.settings import HubSettings
from hub.sla.policy import read_policy

app = new_app("List who receives notifications, and send a test message.")

WAYS = {"mail": "e-mail", "webhook": "webhook"}


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the recipients, and the roles in the policy that have none."""
    settings = load_settings().settings
    directory = load_people(settings)
    missing = roles_without_recipient(directory, notified_roles(read_policy(load_offer(), settings.policy).steps))
    rows = [
        (name, person.addresses, "yes" if person.webhook else "", person.language)
        for name, person in directory.people.items()
    ]

    def show() -> None:
        print_table(("name", "addresses", "webhook", "language"), rows, empty="no recipients are configured")
        print_missing(missing)

    people = [
        {"name": name, "addresses": person.addresses, "webhook": bool(person.webhook), "language": person.language}
        for name, person in directory.people.items()
    ]
    print_result({"people": people, "nobody": missing}, show, as_json=as_json)


def print_missing(missing: list[str]) -> None:
    """Print which roles have no recipient, if any."""
    if missing:
        print_line(f"no recipient for {', '.join(missing)}; notifications on hold")


@app.command("test")
def try_(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A role or person from the people file, or an e-mail address.")
    ],
    as_json: AsJson = False,
) -> None:
    """Send a test message now, over every configured channel."""
    settings = load_settings().settings
    recipients, missing = find_recipients(load_people(settings), [name], Stakeholders())
    if missing:
        raise NotFound(missing[0], next_step="see `hub people list`")
    run(_send(settings, recipients))
    data = [{"way": recipient.way, "to": recipient.to} for recipient in recipients]

    def show() -> None:
        for recipient in recipients:
            print_line(f"sent to {recipient.to} by {WAYS[recipient.way]}")

    print_result({"told": data}, show, as_json=as_json)


async def _send(settings: HubSettings, recipients: list[Recipient]) -> None:
    async with open_transport(settings) as post:
        for recipient in recipients:
            fact = Fact(about="test", ticket="", step="test", since=utc_now())
            await post.send(compose(token_hex(16), recipient, [fact], load_people(settings)))
