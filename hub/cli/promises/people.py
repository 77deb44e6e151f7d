"""`hub people`: who is told in which role, and a trial of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from hub.notify.recipients import Recipient
    from hub.settings import HubSettings

app = typer.Typer(help="See who is told, and send a test.", no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List who is told and how, and the roles of the policy that mean nobody."""
    from hub.bootstrap import people_of
    from hub.cli.shared.output import line, table, tell
    from hub.cli.shared.shell import offer, settings
    from hub.notify.messages import roles
    from hub.notify.recipients import unset
    from hub.sla.policy import read_policy

    chosen = settings().settings
    known = people_of(chosen)
    nobody = unset(known, roles(read_policy(offer(), chosen.policy).steps))
    rows = [(name, one.addresses, "yes" if one.webhook else "", one.language) for name, one in known.people.items()]

    def show() -> None:
        table(("who", "addresses", "webhook", "language"), rows, empty="nobody is set")
        if nobody:
            line(f"nobody is set for {', '.join(nobody)}: what they should be told is parked")

    people = [
        {"name": name, "addresses": one.addresses, "webhook": bool(one.webhook), "language": one.language}
        for name, one in known.people.items()
    ]
    tell({"people": people, "nobody": nobody}, show, as_json=as_json)


@app.command("test")
def try_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A role or person of the people's file, or an address.")],
    as_json: AsJson = False,
) -> None:
    """Send a test message, now, by every way that is set."""
    from hub.bootstrap import people_of
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import run, settings
    from hub.errors import NotFound
    from hub.notify.recipients import Stakeholders, whom

    chosen = settings().settings
    found, missing = whom(people_of(chosen), [name], Stakeholders())
    if missing:
        raise NotFound(missing[0], next_step="see `hub people list`")
    run(_send(chosen, found))
    told = [{"way": one.way, "to": one.to} for one in found]
    tell({"told": told}, lambda: line("\n".join(f"told {one.to} by {one.way}" for one in found)), as_json=as_json)


async def _send(chosen: HubSettings, found: list[Recipient]) -> None:
    from secrets import token_hex

    from hub.bootstrap import open_post, people_of
    from hub.model.base import utc_now
    from hub.notify.messages import Fact, write

    async with open_post(chosen) as post:
        for one in found:
            fact = Fact(about="test", ticket="", step="test", since=utc_now())
            await post.send(write(token_hex(16), one, [fact], people_of(chosen)))
