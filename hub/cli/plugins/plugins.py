"""`hub plugins`: what is installed, what each vendor can do, and how well each plugin is tested."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub import bootstrap
from hub.cli.plugins.abilities import abilities
from hub.cli.plugins.new import new
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_fields, print_line, print_paragraph, print_result, print_table
from hub.cli.shared.runtime import load_settings
from hub.errors import NotFound
from hub.vendors import Plugins

app = new_app(
    "List plugins and what their vendors can do, and create new ones.\n\nWithout a command, the plugins are listed.",
    no_args_is_help=False,
    invoke_without_command=True,
)


@app.callback()
def plugins(context: typer.Context, as_json: AsJson = False) -> None:
    """List the plugins, if no command is given."""
    if context.invoked_subcommand is None:
        list_(as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the plugins, what each vendor can do, and which plugins failed to load or are blocked."""
    known = _load()
    entries = [_entry(known, name) for name in known.guards]

    def show_plugins() -> None:
        rows = [
            (name, known.versions.get(name, ""), vendor.info.title, vendor.info.platform, vendor.quality.tier)
            for name, vendor in known.vendors.items()
        ]
        print_table(("plugin", "version", "vendor", "platform", "quality"), rows, empty="no vendor plugins loaded")
        print_line()
        for entry in entries:
            for platform, can in _by_platform(entry).items():
                print_paragraph(f"{' '.join(filter(None, (entry['name'], platform)))}: {', '.join(abilities(can))}")
        for failure in known.failed:
            print_line(f"failed to load: {failure}")
        if known.blocked:
            print_line(f"blocked: {', '.join(known.blocked)}")

    failed = [vars(failure) for failure in known.failed]
    print_result({"loaded": entries, "failed": failed, "blocked": known.blocked}, show_plugins, as_json=as_json)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="PLUGIN", help="A plugin from `hub plugins`.")], as_json: AsJson = False
) -> None:
    """Show a plugin: its vendor, what that can do on each platform, and notes for operators."""
    known = _load()
    if name not in known.guards:
        raise NotFound(f"no plugin {name!r} is loaded", next_step="see `hub plugins`")
    entry, vendor = _entry(known, name), known.vendors.get(name)
    notes = vendor.info.notes if vendor else ()

    def show_plugin() -> None:
        fields: list[tuple[str, Any]] = [("plugin", name), ("version", entry["version"])]
        if vendor:
            fields += [("vendor", vendor.info.title), ("platform", vendor.info.platform), ("quality", entry["quality"])]
        print_fields(fields)
        for platform, can in _by_platform(entry).items():
            print_line(f"\n{platform or name}:")
            print_line("\n".join(f"  {ability}" for ability in abilities(can)))
        if notes:
            print_line("\nnotes:")
        for note in notes:
            print_paragraph(f"- {note}")

    print_result(entry | {"notes": notes}, show_plugin, as_json=as_json)


@app.command()
def quality(as_json: AsJson = False) -> None:
    """List the quality tier that each plugin claims, and the rules that it is exempt from."""
    sheets = {name: vendor.quality for name, vendor in sorted(_load().vendors.items())}

    def show_sheets() -> None:
        rows = [(name, sheet.tier, len(sheet.exempt)) for name, sheet in sheets.items()]
        print_table(("plugin", "tier", "exemptions"), rows, empty="no vendor plugins loaded")
        for name, sheet in sheets.items():
            for rule, reason in sheet.exempt.items():
                print_paragraph(f"{name} is exempt from {rule}: {reason}")

    print_result({name: sheet.plain() for name, sheet in sheets.items()}, show_sheets, as_json=as_json)


app.command()(new)


def _load() -> Plugins:
    return bootstrap.load_plugins(load_settings().settings)


def _entry(known: Plugins, name: str) -> dict[str, Any]:
    """One plugin as plain values, with the names of its hooks."""
    vendor = known.vendors.get(name)
    platforms = vendor.info.platforms if vendor else ()
    return {
        "name": name,
        "version": known.versions.get(name, ""),
        "vendor": vendor.info if vendor else None,
        "quality": vendor.quality.tier if vendor else None,
        "capabilities": sorted(hook.removeprefix("hub_") for hook in known.guards[name].hooks),
        "platforms": {platform: sorted(vendor.capabilities_on(platform)) for platform in platforms} if vendor else {},
    }


def _by_platform(entry: dict[str, Any]) -> dict[str, list[str]]:
    """The hooks by platform; under an empty name if there is no choice of platforms."""
    return entry["platforms"] or {"": entry["capabilities"]}
