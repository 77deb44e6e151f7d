"""How much code each vendor takes: the lines of a plugin's own files, for the page on vendors."""

from __future__ import annotations

from pathlib import Path

THREE = ("__init__.py", "settings.py", "mapping.py")
"""What a vendor on a known platform consists of; words, form and seeds are data beside it."""


def lines(file: Path) -> int:
    """How many lines a file has; none where there is no such file."""
    return len(file.read_text("utf-8").splitlines()) if file.is_file() else 0


def sizes(folder: Path) -> tuple[int, int, int, int]:
    """Lines of hooks, settings and words, and of all other modules but the simulator's seeds."""
    others = [file for file in folder.glob("*.py") if file.name not in {*THREE, "simulator.py"}]
    hooks, settings, words = (lines(folder / name) for name in THREE)
    return hooks, settings, words, sum(map(lines, others))
