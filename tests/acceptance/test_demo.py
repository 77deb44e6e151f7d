"""The demo, run as a newcomer runs it: in a process of its own, down to its last line."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.settings import load
from hub.vendors import load as load_plugins

pytestmark = pytest.mark.xdist_group("demo")  # each demo is played once

COMMAND = """
import typer
from hub.cli.demo import demo
{extra}
app = typer.Typer()
app.command()(demo)
app()
"""
FORGED = """
from hub.cli.demo import acts
honest = acts._answers

async def forging(scene):
    await honest(scene)
    ledger = scene.stage.vendor.ledger
    ours = next(entry for entry in ledger.of("note") if scene.story.hero in str(entry.values))
    ledger.store("note", "NOTE-TWICE", at=0.0, by="forger", parent=ours.parent, values=ours.values)
    ledger.store("case", "CASE-TWICE", at=0.0, by="forger", key=ledger.of("case")[0].key)
    ledger.store("case", "CASE-STRAY", at=0.0, by="forger", key="RJR-999999-AAAA1")

acts._answers = forging
"""


def run(*arguments: str, extra: str = "", room: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The demo's process, ended; its folders are made in `room`."""
    place = {} if room is None else {"TMPDIR": str(room)}
    return subprocess.run(
        [sys.executable, "-c", COMMAND.format(extra=extra), *arguments],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1", **place},
    )


@contextmanager
def open_room() -> Iterator[Path]:
    """An empty folder that every user may enter, as the system's own for such things."""
    room = Path(tempfile.mkdtemp(prefix="demo-room-"))
    room.chmod(0o755)
    try:
        yield room
    finally:
        shutil.rmtree(room)


@pytest.fixture(scope="module")
def told() -> subprocess.CompletedProcess[str]:
    """The demo as it comes."""
    with open_room() as room:
        ended = run(room=room)
        assert list(room.iterdir()) == [], "the demo leaves nothing behind"
    return ended


@pytest.fixture(scope="module")
def data() -> Iterator[dict[str, Any]]:
    """The facts of a short demo that keeps its folder."""
    with open_room() as room:
        ended = run("--json", "--keep", "--tickets", "6", room=room)
        assert ended.returncode == 0, ended.stderr
        yield json.loads(ended.stdout)


def test_last_line(told: subprocess.CompletedProcess[str]) -> None:
    """The last line counts as many cases as tickets, answers, doubts that were settled, and nothing parked."""
    assert told.returncode == 0, told.stderr
    last = re.fullmatch(
        r"demo ok: (\d+) tickets, (\d+) cases, (\d+) answers, (\d+) doubts resolved, (\d+) parked",
        told.stdout.splitlines()[-1],
    )
    assert last is not None
    tickets, cases, answers, doubts, parked = map(int, last.groups())
    assert tickets == cases >= 24
    assert answers >= 1
    assert doubts >= 1
    assert parked == 0


def test_readable(told: subprocess.CompletedProcess[str]) -> None:
    """The story fits 80 columns, is plain text, shows a masked packet with its hash, and the settled doubt."""
    assert max(map(len, told.stdout.splitlines())) <= 80
    assert "\x1b" not in told.stdout
    assert re.search(r"sha256 [0-9a-f]{64}", told.stdout)
    assert "[removed: " in told.stdout
    moments = [line.split(" s  ")[1] for line in told.stdout.splitlines() if re.match(r" +-?\d+\.\d\d s  ", line)]
    sent = moments.index("new case: recorded, then sent")
    assert "in doubt" in moments[sent + 1]
    assert "looks at the vendor" in moments[sent + 2]
    assert "so it had arrived; one case" in moments[sent + 3]


def test_quiet(told: subprocess.CompletedProcess[str]) -> None:
    """Faults that are meant to happen raise no alarm."""
    assert told.stderr == ""


def test_json(data: dict[str, Any]) -> None:
    """As JSON, the demo gives its counts, the timeline and what was wrong: nothing."""
    assert data["ok"] is True
    assert data["wrong"] == []
    assert data["tickets"] == data["cases"] == 6
    assert data["parked"] == 0
    assert data["doubts"] == data["found"] + data["sent_again"]
    assert data["found"] >= 1
    assert data["sent_again"] >= 1
    assert data["answers"] >= 3
    assert sum(data["states"].values()) == 6
    assert data["states"]["closed"] >= 1
    assert {"at", "kind", "what"} == set(data["timeline"][0])
    assert [one["kind"] for one in data["timeline"]].count("escalated") == 1


def test_every_other_partner_is_played_too(data: dict[str, Any]) -> None:
    """Each system that can be simulated has its case, answer or session; deliveries, articles and patches came."""
    installed = load_plugins(strict=True).vendors
    systems = {(name, one) for name, vendor in installed.items() for one in vendor.info.platforms or ("",)}
    assert len(data["partners"]) == len(systems) - 1
    assert data["partner_tickets"] == data["partner_cases"] == data["partner_answers"] >= 2
    assert data["partner_doubts"] >= data["partner_tickets"]
    assert data["sessions"] == 1
    assert min(data["deliveries"], data["articles"], data["patches"]) >= 1


def test_lost_is_found(data: dict[str, Any]) -> None:
    """Every lost reply is found at the vendor, every cut request is not, and each is settled once."""
    assert data["found"] == data["lost"]
    assert data["sent_again"] == data["resets"] == 1


def test_keeps(data: dict[str, Any]) -> None:
    """With --keep the data folder stays, with settings that hold no secret and name it as their own."""
    settings = load(Path(data["folder"]) / "hub.toml", {}).settings
    assert settings.data_dir == Path(data["folder"])
    assert "password" not in settings.accounts["demo"]
    assert (settings.data_dir / "postgres").is_dir()


def test_forgery_is_named() -> None:
    """A case too many, a case that nobody asked for and a doubled comment are named, and the exit code tells."""
    ended = run("--tickets", "3", extra=FORGED)
    assert ended.returncode == 70
    assert "demo ok" not in ended.stdout
    wrong = [line.removeprefix("demo failed: ") for line in ended.stderr.splitlines()]
    assert len(wrong) == 3, ended.stderr
    assert any("CASE-TWICE" in one for one in wrong)
    assert any("CASE-STRAY" in one and "no bond asked for" in one for one in wrong)
    assert any("2 times" in one for one in wrong)
