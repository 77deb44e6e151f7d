"""Facts about the commands that pages show in `console` blocks: run in order, they print what the page says."""

from __future__ import annotations

import contextlib
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
from book import PAGES, ROOT, Step, blocks, name_of, steps

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
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        bin_folder = Path(sys.executable).parent
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "XDG_"))}
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=kept | {"HOME": str(folder), "PATH": f"{bin_folder}:{kept['PATH']}", "COLUMNS": "100", "NO_COLOR": "1"},
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
        noted = self._folder / "data/postgres/postmaster.pid"
        if noted.is_file():  # whoever would have stopped the database was killed
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(noted.read_text("utf-8").split()[0]), signal.SIGQUIT)


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


def follow(shell: Shell, page: Path, asked: list[Step]) -> None:
    """Run commands of the page in order, and hold what they print against the page."""
    for step in asked:
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
    follow(shell, page, steps(page))


PREPARED = """
export HUB_DATA_DIR="$PWD/data" HUB_ACCOUNTS__NORTHWIND__PASSWORD=s3cret
hub simulate bmc_remedy --port 8431 > simulator.txt &
hub init
cat >> hub.toml <<'END'
[accounts.northwind]
vendor = "bmc_remedy"
base_url = "http://127.0.0.1:8431"
username = "rjr_hub"
contact_first_name = "RjR"
contact_last_name = "Service Desk"
company = "RjR Support"
settle_seconds = 1
END
hub tickets add --title "Checkout fails" --severity S2
hub tickets add --title "Login fails" --severity S2
"""
"""A hub with two tickets and an account at a simulated vendor."""

WORK = """
hub worker 2> worker.txt &
worker=$!
until hub bonds list --json | python -c 'import json, sys
sys.exit(any(bond["waiting"] or bond["state"] != "open" for bond in json.load(sys.stdin)["bonds"]))'; do :; done
kill $worker && wait $worker
"""
"""A worker that runs until nothing waits any more."""

LEDGER = """python -c 'import json, urllib.request
entries = json.load(urllib.request.urlopen("http://127.0.0.1:8431/_sim/ledger"))["entries"]
print(*sorted(entry["kind"] for entry in entries if entry.get("by") == "rjr_hub"))'"""
"""What the hub stored at the vendor, by kind."""


def _all(shell: Shell, commands: str) -> str:
    code, printed = shell.run(f"( set -e; {commands.strip()} )" if "export" not in commands else commands.strip())
    assert code == 0, printed
    return printed


def _patiently(shell: Shell, command: str) -> None:
    """Ask again until it succeeds: what was started beside us may not be up yet."""
    until = time.monotonic() + PATIENCE
    while (told := shell.run(command))[0] != 0:
        assert time.monotonic() < until, told[1]


def test_a_restored_hub_opens_no_second_case(shell):
    """Backup and restore as the page says: what was sent after the backup is found at the vendor, not sent again."""
    page = ROOT / "docs/how-to/operate.md"
    (script,) = blocks(page, "python")
    asked = steps(page)
    dump = next(number for number, step in enumerate(asked) if "pg_dump" in step.command) + 1
    shell.run(f"cat > address.py <<'END'\n{script}END")
    _all(shell, PREPARED)
    _patiently(shell, "hub check")
    _all(shell, "hub escalate RJR-000001 --vendor northwind")
    _all(shell, WORK)
    _all(shell, "hub comment RJR-000001 'It began on Sunday.' --visibility vendor")
    _all(shell, "hub escalate RJR-000002 --vendor northwind")
    follow(shell, page, asked[:dump])
    _all(shell, WORK)
    sent = _all(shell, LEDGER)
    assert len(sent.split()) == 3, "two cases and one comment"
    follow(shell, page, asked[dump:])
    assert "requested" in _all(shell, "hub bonds show RJR-000002"), "the backup knows of no second case"
    _all(shell, WORK)
    assert _all(shell, LEDGER) == sent
    assert "0 differences" in _all(shell, "hub reconcile --report")


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
    kinds = {"text", "console", "toml", "ini", "python", "diff"}
    wild = [
        f"{name_of(page)}: {opening}"
        for page in PAGES
        for opening in re.findall(r"^```(.*)$", page.read_text("utf-8"), re.MULTILINE)[::2]
        if opening not in kinds
    ]
    assert wild == []
    assert blocks(ROOT / "docs/how-to/operate.md", "console")
