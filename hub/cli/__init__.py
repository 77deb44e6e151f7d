"""The command line: a table of commands, each imported when it is called."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.shared.failures import INTERRUPTED, report
from hub.cli.shared.groups import LazyCommand, LazyGroup
from hub.cli.shared.options import GlobalOptions, set_global_options

__all__ = ["COMMANDS", "app", "execute", "main"]

COMMANDS = {
    "Get started": (
        ("demo", "demo:demo", "Show the hub at work with simulated vendors; needs no setup and leaves nothing behind."),
        ("init", "start.init:init", "Set up or upgrade the hub's database, and write an example hub.toml."),
        ("config", "start.config:app", "Explain all settings, and show those in effect."),
        ("check", "start.check:check", "Check the database and every account: login, permissions and settings."),
    ),
    "Tickets": (
        ("tickets", "tickets.tickets:app", "Add, import, list and change tickets."),
        ("escalate", "tickets.escalate:escalate", "Escalate a ticket to a vendor, which opens exactly one case."),
        ("comment", "tickets.comments:comment", "Comment on a ticket; private by default, masked before it is sent."),
        ("attach", "tickets.comments:attach", "Attach a file to a ticket; private by default."),
        ("timeline", "tickets.timeline:timeline", "Show a ticket's whole history, here and at its vendors."),
        ("bonds", "tickets.bonds:app", "Show which case belongs to which ticket, and link or unlink them."),
        ("conflicts", "tickets.conflicts:app", "Resolve fields that changed in both the ticket and the case."),
        ("kb", "tickets.kb:app", "Search, read, rate and submit vendors' knowledge articles."),
        ("patches", "tickets.patches:app", "List and show vendors' patches and releases."),
        ("session", "tickets.session:app", "Start remote support sessions, and read their reports."),
    ),
    "Service levels": (
        ("customers", "service_levels.customers:app", "Import, add, list and change customers."),
        ("contracts", "service_levels.contracts:app", "Add, change and assign contracts."),
        ("plans", "service_levels.plans:app", "List the support plans, and check what a plan includes."),
        ("calendar", "service_levels.calendar:app", "Show business calendars, and compare two offers."),
        ("clock", "service_levels.clock:app", "Show deadlines, and acknowledge, take over or mute tickets."),
        ("breaches", "service_levels.breaches:breaches", "List missed deadlines that are still unanswered."),
        ("policy", "service_levels.policy:app", "Show the escalation policy, and try out another one."),
        ("people", "service_levels.people:app", "List who receives notifications, and send a test message."),
        ("notices", "service_levels.notices:app", "List notifications, and retry those on hold."),
        ("appointments", "service_levels.appointments:app", "Schedule appointments and follow-up calls."),
        ("scorecard", "service_levels.scorecard:scorecard", "Show how quickly each vendor answers, by severity."),
    ),
    "Operate": (
        ("worker", "operate.worker:worker", "Send queued operations to vendors, and fetch their updates."),
        ("serve", "operate.serve:serve", "Receive vendors' webhooks, and answer health checks."),
        ("status", "operate.status:status", "Show queues, streams, workers and the last journal entry."),
        ("lanes", "operate.lanes:app", "Show, pause and resume accounts."),
        ("parked", "operate.parked:app", "Show, edit, retry or drop operations that need a person."),
        ("quarantine", "operate.quarantine:app", "Show, retry or dismiss incoming items that could not be read."),
        ("pull", "operate.pull:pull", "Fetch the updates of all accounts now."),
        ("reconcile", "operate.reconcile:reconcile", "Compare tickets with their cases, and apply the differences."),
        ("restored", "operate.restored:restored", "Tell the hub that its database was restored from a backup."),
        ("journal", "operate.journal:app", "Show the audit journal, and verify that it is complete and unaltered."),
    ),
    "Plugins": (
        ("plugins", "plugins.plugins:app", "List plugins and what their vendors can do, and create new ones."),
        ("simulate", "plugins.simulate:simulate", "Run a simulated vendor on a local port."),
        ("x", "plugins.own_commands:app", "Run a command that a plugin provides."),
    ),
}
"""By heading of the help: each command's name, its `module:object` below hub.cli, and what it does in one sentence."""


class Commands(LazyGroup):
    """The program `hub`."""

    table = tuple(
        LazyCommand(name, f"hub.cli.{target}", text, panel=panel)
        for panel, commands in COMMANDS.items()
        for name, target, text in commands
    )


app = typer.Typer(name="hub", cls=Commands, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # slow to import, and rarely needed

        typer.echo(f"rjr-hub {version('rjr-hub')}")
        raise typer.Exit


@app.callback()
def hub(
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="The settings file; default: HUB_CONFIG, ./hub.toml or the user's own, in this order.",
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Log everything, and print a trace with each error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Links support tickets with vendors' cases, and keeps the two in step.

    Start with `hub demo` or `hub init`. Every command has --help and --json.
    """
    del version
    set_global_options(GlobalOptions(config=config_file, debug=debug))


def execute(args: list[str]) -> int:
    """Run one command line and return its exit code; errors go to stderr, as JSON if --json was given."""
    set_global_options(GlobalOptions())
    try:
        code = typer.main.get_command(app).main(args=args, prog_name="hub", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - every error gets its exit code
        return report(error, args)
    if code == INTERRUPTED:  # typer turns Ctrl-C into an exit code
        return report(KeyboardInterrupt(), args)
    return code if isinstance(code, int) else 0


def main() -> None:
    """The program `hub`."""
    sys.exit(execute(sys.argv[1:]))
