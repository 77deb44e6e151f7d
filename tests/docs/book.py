"""What the tests of the documentation share: its pages, their fenced blocks, links and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Step:
    """One command of a page, and the lines that it must print, in order; `...` stands for anything."""

    command: str
    printed: tuple[str, ...]


def name_of(page: Path) -> str:
    """The page's path from the repository's root."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, kind: str) -> list[str]:
    """The fenced blocks of one kind."""
    return [body for found, body in _FENCE.findall(page.read_text("utf-8")) if found == kind]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def links(page: Path) -> list[str]:
    """Every link's target."""
    return _LINK.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """The anchors of the page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def steps(page: Path) -> list[Step]:
    """The commands of all `console` blocks: `$ ` begins one, `> ` goes on with it, the rest is what it prints."""
    found: list[Step] = []
    for block in blocks(page, "console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line[2:], ()))
            elif line.startswith("> "):
                found[-1] = Step(f"{found[-1].command}\n{line[2:]}", ())
            elif line.strip():
                found[-1] = Step(found[-1].command, (*found[-1].printed, line.strip()))
    return found


def hub_commands(page: Path) -> Iterator[str]:
    """Every command of the hub that the page names, in a block or in the text."""
    shown = [step.command for step in steps(page)]
    shown += [line for kind in ("text", "ini") for block in blocks(page, kind) for line in block.splitlines()]
    for line in shown:
        yield from re.findall(r"(?:^|/bin/|\$\()hub ([a-z-][^#&|)]*)", line)
    yield from re.findall(r"`hub ([^`]+)`", prose(page))
