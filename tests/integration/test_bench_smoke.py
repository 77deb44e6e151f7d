"""The benchmark runs, proves what it counted, and writes its results in the promised shape; no time is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.result import percentile, result, turns

ROOT = Path(__file__).parents[2]


def test_a_small_drain_writes_its_result(tmp_path: Path) -> None:
    """`--quick --only drain` ends well, and its file holds one object with a ratio that its raw figures explain."""
    out = tmp_path / "results.json"
    arguments = ["--quick", "--only", "drain", "--out", str(out), "--folder", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "fsync" in done.stderr
    (row,) = json.loads(out.read_text())
    assert {"name", "says", "ratio", "goal", "bar", "unit", "holds", "raw"} == set(row)
    assert (row["name"], row["goal"], row["bar"]) == ("drain", 0.7, "at least")
    assert row["holds"] == (row["ratio"] >= 0.7)
    raw = row["raw"]
    assert len(raw["hub_seconds"]) == len(raw["bare_seconds"]) > 0
    assert row["ratio"] == pytest.approx(raw["hub_per_second"] / raw["bare_per_second"], rel=0.01)
    assert not [left for left in tmp_path.iterdir() if left != out], "the data folder is still there"


def test_small_clocks_write_their_results(tmp_path: Path) -> None:
    """Deadlines and the next that are due come with the limits that they are held to, and the plan that was used."""
    out = tmp_path / "results.json"
    arguments = ["--quick", "--only", "deadlines", "--only", "due", "--out", str(out), "--folder", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    deadlines, due = json.loads(out.read_text())
    assert (deadlines["name"], deadlines["goal"], deadlines["unit"]) == ("deadlines", 5.0, "s")
    assert (due["name"], due["goal"], due["unit"]) == ("due", 10.0, "ms")
    assert "Index Scan ix_watch_due" in due["raw"]["plan"]


def test_sides_take_turns_at_going_first() -> None:
    """Of two sides each goes first in every other round."""
    assert "".join(turns("ab", 4)) == "abbaabba"


def test_a_percentile_is_one_of_the_values() -> None:
    """The 99th of a hundred values is the 99th smallest, and of few values the largest."""
    assert percentile(range(1, 101), 0.99) == 99
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0


@pytest.mark.parametrize(
    ("ratio", "bar", "also", "holds"),
    [
        (0.7, "at least", True, True),
        (0.69, "at least", True, False),
        (0.7, "at most", True, True),
        (0.71, "at most", True, False),
        (0.7, "at most", False, False),
    ],
)
def test_a_bar_holds_at_its_goal(ratio: float, bar: str, also: bool, holds: bool) -> None:
    """The goal itself is good enough, on either side, unless something else that must be true is not."""
    assert result("x", "", ratio, 0.7, bar, also=also).holds is holds
