"""What the tests of the source share: the files of the repository, as a checkout has them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("hub", "plugins")
KEPT = (*PACKAGES, "docs", "tests", "bench", ".ci")
NAMED = ("README.md", "Makefile", "pyproject.toml", ".gitignore", ".gitattributes")
TEXTS = {".py", ".md", ".toml", ".sql", ".txt", ".csv", ".jsonl", ".json", ".cfg", ".ini", ".sh", ""}


def modules(*folders: str) -> list[Path]:
    """Every Python file below these folders, hub and plugins by default."""
    return sorted(file for folder in folders or PACKAGES for file in (ROOT / folder).rglob("*.py"))


def texts() -> list[Path]:
    """Every text file that belongs to the project."""
    inside = [file for folder in KEPT for file in (ROOT / folder).rglob("*") if file.is_file()]
    named = [ROOT / name for name in NAMED if (ROOT / name).is_file()]
    return sorted(file for file in (*inside, *named) if file.suffix in TEXTS and "__pycache__" not in file.parts)


def name_of(file: Path) -> str:
    """The file's path from the repository's root."""
    return file.relative_to(ROOT).as_posix()


@cache
def tree(file: Path) -> ast.Module:
    """The module as a syntax tree."""
    return ast.parse(file.read_text("utf-8"))
