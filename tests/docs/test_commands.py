"""Facts about the commands that pages and error messages name: they are commands of the hub, with options that it has."""

from __future__ import annotations

import ast
import re
import shlex

import pytest
import typer
from book import PAGES, ROOT, hub_commands, name_of

from hub.cli import COMMANDS, app
from hub.cli.shared.groups import loaded

ROOT_COMMAND = typer.main.get_command(app)
TREE = {name: loaded(command) for name, command in ROOT_COMMAND.commands.items()}


def _wrong(line):
    """What keeps a line from being a command of the hub; empty when nothing does."""
    try:
        words = shlex.split(line.rstrip(".,;:"), comments=True)
    except ValueError:
        words = line.split()
    command, below, path = ROOT_COMMAND, TREE, "hub"
    while words and below and not words[0].startswith("-"):
        name = words.pop(0)
        if name not in below:
            return f"{path} has no command {name}"
        command, path = below[name], f"{path} {name}"
        below = getattr(command, "commands", {})
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
    for word in words:
        name = word.partition("=")[0]
        if name.startswith("--") and name not in known:
            return f"{path} has no option {name}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_name_commands_that_there_are(page):
    """Every command of the hub that a page names exists, with the options that it is given."""
    assert [f"hub {line}: {wrong}" for line in hub_commands(page) if (wrong := _wrong(line))] == []


def test_messages_name_commands_that_there_are():
    """A command between backticks in a text of the hub or of a plugin exists."""
    named = []
    for folder in ("hub", "plugins"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    text = "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    text = node.value
                else:
                    continue
                named += [(file.name, command) for command in re.findall(r"`hub ([^`]+)`", text)]
    assert len(named) > 5
    assert [f"{file}: hub {line}: {wrong}" for file, line in named if (wrong := _wrong(line))] == []


def test_wrong_commands_are_found_out():
    """The check itself knows a good command from a bad one."""
    assert _wrong("status") == ""
    assert "has no command" in _wrong("frobnicate")
    assert "has no command" in _wrong("tickets frobnicate")
    assert "has no option" in _wrong("status --frobnicate")


def test_the_reference_has_every_command():
    """The page of commands lists all commands of the hub, under the headings and in the order of the help."""
    text = (ROOT / "docs/reference/commands.md").read_text("utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Options before any command", *COMMANDS]
    listed = re.findall(r"^### hub ([\w-]+)$", text, re.MULTILINE)
    assert listed == list(TREE)
    below = [f"{name} {inner}" for name, command in TREE.items() for inner in getattr(command, "commands", {})]
    assert [" ".join(pair) for pair in re.findall(r"^#### hub ([\w-]+) ([\w-]+)$", text, re.MULTILINE)] == below
    assert below


def test_every_command_and_option_is_explained():
    """Every command has a sentence of help, and every option and argument too."""
    silent = []
    waiting = [("hub", ROOT_COMMAND), *((f"hub {name}", command) for name, command in TREE.items())]
    while waiting:
        path, command = waiting.pop()
        if not (command.help or "").strip():
            silent.append(path)
        silent += [
            f"{path} {param.name}"
            for param in command.params
            if param.name != "help" and not getattr(param, "help", "")
        ]
        if command is not ROOT_COMMAND:
            waiting += [(f"{path} {name}", inner) for name, inner in getattr(command, "commands", {}).items()]
    assert silent == []
