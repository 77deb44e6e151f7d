"""The command line: one of the hub's doors. Commands are a few lines over the hub's rooms; heavy imports come late."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.demo import demo
from hub.cli.operate import config, init, journal, lanes, parked, pull, reconcile, restored, serve, status, worker
from hub.cli.plugins import extra, plugin, plugins, simulate
from hub.cli.promises import (
    appointments,
    breaches,
    calendar,
    clock,
    contracts,
    customers,
    notices,
    people,
    plans,
    policy,
    scorecard,
)
from hub.cli.shared.shell import Options, set_options
from hub.cli.tickets import bonds, conflicts, escalate, kb, session, speak, tickets, timeline

__all__ = ["app", "execute", "main"]

app = typer.Typer(
    name="hub", no_args_is_help=True, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rjr-hub {version('rjr-hub')}")
        raise typer.Exit


@app.callback()
def hub(
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="The settings file; by default HUB_CONFIG, ./hub.toml or the user's."
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Log everything, and show where a fault comes from.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Bonds support tickets with the cases of vendors, and keeps the two in step.

    Begin with `hub init`, or look at `hub demo`. Every command has --help and --json.
    """
    del version
    set_options(Options(config=config_file, debug=debug))


app.command("init")(init.init)
app.command("demo")(demo)
app.add_typer(tickets.app, name="tickets")
app.command("escalate")(escalate.escalate)
app.command("comment")(speak.comment)
app.command("attach")(speak.attach)
app.add_typer(customers.app, name="customers")
app.add_typer(contracts.app, name="contracts")
app.add_typer(plans.app, name="plans")
app.add_typer(appointments.app, name="appointments")
app.add_typer(calendar.app, name="calendar")
app.add_typer(clock.app, name="clock")
app.command("breaches")(breaches.breaches)
app.add_typer(policy.app, name="policy")
app.add_typer(notices.app, name="notices")
app.add_typer(people.app, name="people")
app.command("scorecard")(scorecard.scorecard)
app.add_typer(bonds.app, name="bonds")
app.command("timeline")(timeline.timeline)
app.command("pull")(pull.pull)
app.command("worker")(worker.worker)
app.command("serve")(serve.serve)
app.command("status")(status.status)
app.add_typer(parked.app, name="parked")
app.add_typer(conflicts.app, name="conflicts")
app.command("reconcile")(reconcile.reconcile)
app.command("restored")(restored.restored)
app.add_typer(kb.kb, name="kb")
app.add_typer(kb.patches, name="patches")
app.add_typer(session.app, name="session")
app.add_typer(journal.app, name="journal")
app.add_typer(lanes.app, name="lanes")
app.command("plugins")(plugins.plugins)
app.add_typer(plugin.app, name="plugin")
app.command("x", context_settings=extra.PASS_ON)(extra.extra)
app.command("check")(plugins.check)
app.add_typer(config.app, name="config")
app.command("simulate")(simulate.simulate)


def execute(args: list[str]) -> int:
    """Run one command line and return its exit code; errors are told on stderr, as JSON where --json was asked."""
    from hub.cli.shared.failures import INTERRUPTED, report

    set_options(Options())
    try:
        code = typer.main.get_command(app).main(args=args, prog_name="hub", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - every error gets its exit code
        return report(error, args)
    if code == INTERRUPTED:  # typer has caught it by itself
        return report(KeyboardInterrupt(), args)
    return code if isinstance(code, int) else 0


def main() -> None:
    """The program `hub`."""
    import sys

    sys.exit(execute(sys.argv[1:]))
