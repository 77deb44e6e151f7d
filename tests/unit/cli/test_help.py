"""What `hub --help` and every other help shows: named groups, whole sentences, 80 columns, and nothing heavy."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import typer

from hub.cli import COMMANDS, app, execute
from hub.cli.plugins.abilities import ABILITIES, INTERNAL, abilities
from hub.cli.shared.groups import loaded, summary
from hub.hooks import HOOKS

ROOT = typer.main.get_command(app)
HEAVY = {"sqlalchemy", "psycopg", "httpx", "aiohttp", "alembic", "uvicorn", "structlog", "rich.table"}


def _walk(command, path):
    """Every command below one, with its path."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _walk(loaded(below), f"{path} {name}")


EVERY = dict(_walk(ROOT, "hub"))


def _help(path, command):
    """The help of a command on a terminal of 80 columns."""
    return command.get_help(typer.Context(command, info_name=path, terminal_width=80))


@pytest.mark.parametrize("path", EVERY)
def test_help_is_whole_at_80_columns(path):
    """No line is longer than 80 columns, and nothing is cut: each command below is shown with its whole sentence."""
    command = EVERY[path]
    text = _help(path, command)
    assert max(map(len, text.splitlines())) <= 80
    words = " ".join(text.split())
    for name, below in getattr(command, "commands", {}).items():
        assert f" {name} {summary(below)}" in words
    assert not re.search(r"\w\.\.\.|…", words)


@pytest.mark.parametrize("path", EVERY)
def test_the_summary_is_a_full_sentence(path):
    """The first sentence of a command's help begins with a capital letter and ends with a full stop."""
    text = summary(EVERY[path])
    assert re.fullmatch(r"[A-Z].+\w\.", text)
    assert len(text.split()) > 2


@pytest.mark.parametrize("path", [path for path in EVERY if not hasattr(EVERY[path], "commands")])
def test_every_command_prints_json(path):
    """A command has --json."""
    assert any("--json" in param.opts for param in EVERY[path].params)


def test_every_command_is_in_a_group():
    """The help shows each command once, under the heading of its group, and the table says what its module says."""
    shown = re.findall(
        r"^([A-Z][\w ]+):$|^  ([a-z-]+)  ", _help("hub", ROOT).partition("Get started:")[2], re.MULTILINE
    )
    groups = {}
    heading = "Get started"
    for group, name in shown:
        heading = group or heading
        if name:
            groups.setdefault(heading, []).append(name)
    assert groups == {group: [name for name, _, _ in commands] for group, commands in COMMANDS.items()}
    for commands in COMMANDS.values():
        for name, _, text in commands:
            assert summary(EVERY[f"hub {name}"]) == text


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_and_version_load_nothing_heavy(words):
    """Neither imports the libraries of the database, of vendors, of services or of tables, nor any command."""
    code = (
        f"import sys; from hub.cli import execute; execute({words});"
        f"print(sorted(name for name in sys.modules if name in {HEAVY} or name.startswith('hub.cli.tickets')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_misspelt_command_is_corrected(capsys):
    """The error names the command that was probably meant."""
    assert execute(["ticket"]) == 64
    assert "Did you mean 'tickets'" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "completed"), [("hub esc", {"escalate"}), ("hub tickets c", {"change", "close"})])
def test_the_shell_completes_commands(typed, completed):
    """Bash is given the commands that begin with what was typed, at the top and within a group."""
    asked = {"_HUB_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli"], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == completed


def test_every_hook_has_operators_words():
    """Each hook is either shown by `hub plugins` in words, or named as one that operators don't need to know."""
    assert set(ABILITIES) | INTERNAL == {hook.capability for hook in HOOKS.values()}
    assert not set(ABILITIES) & INTERNAL
    assert abilities(["simulator", "settings", "open_case"]) == ["opens cases", "can be simulated"]
