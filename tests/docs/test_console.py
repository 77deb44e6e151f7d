"""Facts about the commands that pages show in `console` blocks: run in order, they print what the page says."""

from __future__ import annotations

import fnmatch
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from book import PAGES, ROOT, blocks, name_of, steps

PORT = "8431"
"""The port that pages name; each run has a free one in its place."""

PATIENCE = 60.0
"""Seconds until what a worker does in the background must have come true."""

READS = ("hub check", "hub timeline", "hub status", "hub bonds", "hub parked list")
"""Commands that may be asked again until they say what the page says: a worker is busy meanwhile."""

WITH_COMMANDS = [page for page in PAGES if steps(page) and name_of(page) != "docs/how-to/operate.md"]


class Shell:
    """A bash in a folder of its own, as a person's terminal would be; everything it started ends with it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        bin_folder = Path(sys.executable).parent
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "XDG_"))}
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=kept
            | {
                "HOME": str(folder),
                "PATH": f"{bin_folder}:{kept['PATH']}",
                "COLUMNS": "100",
                "NO_COLOR": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, command: str) -> tuple[int, str]:
        """The exit code and all that was printed; a command that ends in `&` only has to start."""
        end = f"end-{secrets.token_hex(8)}"
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        command = command.replace(PORT, self.port)
        self._bash.stdin.write(f"{command}\necho {end} $?\n")
        self._bash.stdin.flush()
        told: list[str] = []
        for line in self._bash.stdout:
            if end in line:
                return int(line.rpartition(" ")[2]), "".join(told).replace(self.port, PORT)
            told.append(line)
        raise AssertionError(f"the shell ended during {command!r}: {''.join(told)}")

    def close(self) -> None:
        """End the shell and whatever it started, politely first."""
        for ending in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._bash.pid, ending)
                self._bash.communicate(timeout=30)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell in a fresh folder, with the hub's commands and without settings."""
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="hub-docs-"))
    opened = Shell(folder)
    yield opened
    opened.close()
    shutil.rmtree(folder, ignore_errors=True)


def missing(printed: str, wanted: tuple[str, ...]) -> str:
    """The first wanted line that was not printed in its turn; empty when all were."""
    lines = iter([" ".join(line.split()) for line in printed.splitlines()])
    for want in wanted:
        escaped = re.sub(r"([*?\[])", r"[\1]", " ".join(want.split()))
        pattern = escaped.replace("...", "*")
        if not any(fnmatch.fnmatchcase(line, pattern) for line in lines):
            return want
    return ""


def follow(shell: Shell, page: Path) -> None:
    """Run the page's commands in order, and hold what they print against the page."""
    for step in steps(page):
        until = time.monotonic() + PATIENCE
        while True:
            code, printed = shell.run(step.command)
            lacking = missing(printed, step.printed)
            patient = step.command.startswith(READS) and time.monotonic() < until
            if (code == 0 and not lacking) or not patient:
                break
        told = f"{name_of(page)}: $ {step.command}\n{printed}"
        assert code == 0, told
        assert not lacking, f"not printed: {lacking}\n{told}"


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_the_commands_of_a_page_do_what_it_says(shell, page):
    """Run in order in an empty folder, each command succeeds and prints what the page shows."""
    follow(shell, page)


def test_first_steps_are_among_the_pages_that_are_run():
    """The page for beginners shows commands that are run here."""
    assert ROOT / "docs/start/README.md" in WITH_COMMANDS


def test_a_line_that_was_not_printed_is_missed():
    """The comparison wants every line, in order, and lets `...` stand for anything."""
    assert missing("a  b\nc 12 d\n", ("a b", "c ... d")) == ""
    assert missing("c d\na b\n", ("a b", "c d")) == "c d"
    assert missing("case [1]\n", ("case [1]",)) == ""
    assert missing("case 1\n", ("case [1]",)) == "case [1]"


def test_blocks_have_a_kind():
    """Every fenced block says what it holds, so that commands can be told from the rest."""
    kinds = {"text", "console", "toml", "ini", "python"}
    wild = [
        f"{name_of(page)}: {opening}"
        for page in PAGES
        for opening in re.findall(r"^```(.*)$", page.read_text("utf-8"), re.MULTILINE)[::2]
        if opening not in kinds
    ]
    assert wild == []
    assert blocks(ROOT / "docs/how-to/operate.md", "console")
