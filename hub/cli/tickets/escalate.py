"""`hub escalate`: opens a case for a ticket at a vendor, after a preview if one is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from hub.bonding.outbound import escalate as escalation
from hub.bonding.outbound.escalate import Preview
from hub.cli.shared import options
from hub.cli.shared.options import As, AsJson, Expect, TicketNumber
from hub.cli.shared.output import print_line, print_result
from hub.cli.shared.runtime import acting_user, with_hub
from hub.errors import BadInput


def escalate(
    number: TicketNumber,
    vendor: Annotated[
        str,
        typer.Option("--vendor", metavar="VENDOR", help="The vendor; if it has several accounts, the product decides."),
    ] = "",
    account: Annotated[
        str, typer.Option("--account", metavar="ACCOUNT", help="The account, instead of --vendor.")
    ] = "",
    preview: options.Preview = False,
    expect: Expect = "",
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Answers to the vendor's questions, as TOML or JSON."),
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="NAME=VALUE", help="One answer; overrides the file. May be repeated."),
    ] = None,
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="The reason, added to the ticket as a private comment.")
    ] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Escalate a ticket to a vendor, which opens exactly one case.

    The case is queued and sent by a worker. If the vendor needs an answer that the ticket does not contain, nothing is
    queued and the questions are listed.
    """
    where = account or vendor
    if not where:
        raise BadInput("no vendor was named", next_step="give --vendor or --account")
    given = _answers(answers, answer or [])
    if preview:
        shown = with_hub(lambda hub: escalation.preview(hub.context, number, where, given))
        print_result(_plain(shown), lambda: _show(shown, where), as_json=as_json)
        return
    who = acting_user(as_name)
    bond = with_hub(lambda hub: escalation.escalate(hub.context, number, where, given, who=who, why=why, expect=expect))
    message = f"{number} queued for {bond.account} as {bond.key}; follow it with `hub timeline {number}`"
    print_result(bond, lambda: print_line(message), as_json=as_json)


def _plain(shown: Preview) -> dict[str, Any]:
    plain = shown.plain()
    try:
        return plain | {"body": shown.body.decode()}
    except UnicodeDecodeError:
        plain["body_base64"] = plain.pop("body")
        return plain


def _show(shown: Preview, where: str) -> None:
    print_line(f"{shown.method} {shown.path}\n")
    print_line(shown.body.decode(errors="replace"))
    print_line(f"\nsha256 {shown.sha256}")
    print_line(f"to send exactly this: hub escalate {shown.ticket} --vendor {where} --expect {shown.sha256}")
    print_line("(with the same answers, if you gave any)")


def _answers(file: Path | None, pairs: list[str]) -> dict[str, str]:
    """The answers of the file, overridden by the single ones. Raises BadInput."""
    answers = _read_answers(file) if file else {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise BadInput("an answer has no name", next_step="write --answer name=value")
        answers[name.strip()] = value
    return answers


def _read_answers(file: Path) -> dict[str, str]:
    decode = msgspec.json.decode if file.suffix.lower() == ".json" else msgspec.toml.decode
    try:
        table: dict[str, str | int | float | bool] = decode(file.read_bytes(), type=dict[str, str | int | float | bool])
    except OSError as error:
        raise BadInput(f"can't read {file}: {error.strerror}", next_step="check the path") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadInput(
            f"{file.name} is not a table of answers", next_step='write name = "answer" lines, or a JSON object'
        ) from None
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode() for name, value in table.items()
    }
