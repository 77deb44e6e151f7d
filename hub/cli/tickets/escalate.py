"""`hub escalate`: a ticket becomes a case at a vendor, after it was shown what would leave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.shared.options import As, AsJson, TicketNumber

if TYPE_CHECKING:
    from hub.bonding.outbound.escalate import Preview


def escalate(
    number: TicketNumber,
    to: Annotated[
        str, typer.Option("--vendor", metavar="VENDOR", help="The vendor; of several accounts the product decides.")
    ] = "",
    account: Annotated[str, typer.Option("--account", help="The account itself.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Show exactly what would leave; nothing does.")] = False,
    expect: Annotated[
        str, typer.Option("--expect", metavar="HASH", help="A preview's hash: nothing else may leave.")
    ] = "",
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="Answers to the vendor's form, TOML or JSON.")
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="NAME=VALUE", help="One answer; wins over the file. May be repeated."),
    ] = None,
    why: Annotated[str, typer.Option("--why", help="The reason, kept as a private comment.")] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Ask a vendor to take a ticket over: once this returns, one case will be opened, whatever happens.

    What the vendor's form needs and the ticket doesn't say is asked for. The workers send it.
    """
    from hub.bonding.outbound import escalate as bonding
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import who, with_hub
    from hub.errors import BadInput

    where = account or to
    if not where:
        raise BadInput("no vendor was named", next_step="give --vendor or --account")
    given = _answers(answers, answer or [])
    if preview:
        shown = with_hub(lambda hub: bonding.preview(hub.context, number, where, given))
        tell(_plain(shown), lambda: _show(shown, where), as_json=as_json)
        return
    bond = with_hub(
        lambda hub: bonding.escalate(hub.context, number, where, given, who=who(as_name), why=why, expect=expect)
    )
    told = f"{number} goes to {bond.account} as {bond.key}; follow it with `hub timeline {number}`"
    tell(bond, lambda: line(told), as_json=as_json)


def _plain(shown: Preview) -> dict[str, Any]:
    plain = shown.plain()
    try:
        return plain | {"body": shown.body.decode()}
    except UnicodeDecodeError:
        plain["body_base64"] = plain.pop("body")
        return plain


def _show(shown: Preview, where: str) -> None:
    from hub.cli.shared.output import line

    line(f"{shown.method} {shown.path}\n")
    line(shown.body.decode(errors="replace"))
    line(f"\nsha256 {shown.sha256}")
    line(f"send exactly this: hub escalate {shown.ticket} --vendor {where} --expect {shown.sha256}")
    line("(with the same answers, if you gave any)")


def _answers(file: Path | None, pairs: list[str]) -> dict[str, str]:
    """The answers of the file, then those given singly. Raises BadInput."""
    from hub.errors import BadInput

    found = _answers_of(file) if file else {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise BadInput("an answer has no name", next_step="write --answer name=value")
        found[name.strip()] = value
    return found


def _answers_of(file: Path) -> dict[str, str]:
    import msgspec

    from hub.errors import BadInput

    decode = msgspec.json.decode if file.suffix.lower() == ".json" else msgspec.toml.decode
    try:
        table: dict[str, str | int | float | bool] = decode(file.read_bytes(), type=dict[str, str | int | float | bool])
    except OSError as error:
        raise BadInput(f"{file} can't be read: {error.strerror}", next_step="check its path") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadInput(
            f"{file.name} is not a table of answers", next_step='write name = "answer" lines, or a JSON object'
        ) from None
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode() for name, value in table.items()
    }
