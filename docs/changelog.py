"""The change log, collected from the fragments in docs/changes."""

from __future__ import annotations

from pathlib import Path

TYPES = {"security": "Security", "breaking": "To do by hand", "feature": "New", "fix": "Fixed", "docs": "Explained"}
"""The types of fragments, in the order of the page, with their headings."""


def changelog_page(root: Path) -> str:
    """The fragments under a heading for each type, newest first."""
    lines = ["# Change log", "", "Collected from `docs/changes` by `make docs`. Do not edit.", "", "## Unreleased", ""]
    for kind, heading in TYPES.items():
        files = sorted((root / "docs/changes").glob(f"*.{kind}.md"), key=_number, reverse=True)
        if files:
            lines += [f"### {heading}", ""]
        for file in files:
            text = " ".join(file.read_text("utf-8").split())
            lines += [f"- {text}", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _number(file: Path) -> int:
    return int(file.name.partition(".")[0])
