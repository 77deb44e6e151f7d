"""How results are shown: tables and lines for people, one JSON object for programs, progress on a terminal."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from typing import Any

GAP = 2
"""Blanks between two columns of a table."""

LEAST = 12
"""Characters that a shortened column keeps at least."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text with what could steer a terminal or turn its direction shown as a replacement character."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def tell(value: Any, show: Callable[[], None], *, as_json: bool) -> None:
    """Print the result: as JSON, or by what shows it to people."""
    if not as_json:
        show()
        return
    import msgspec

    encoded = msgspec.json.encode(value, enc_hook=str)
    sys.stdout.write(msgspec.json.format(encoded, indent=2).decode() + "\n")


def line(text: str) -> None:
    """Print one line, or several."""
    sys.stdout.write(clean(text) + "\n")


def paragraph(text: str) -> None:
    """Print one text, wrapped between its words to the terminal's width; the lines after the first are indented."""
    width = shutil.get_terminal_size().columns
    line(textwrap.fill(clean(text), width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, wide: str = "", empty: str = "") -> None:
    """Print rows under their headings; the `wide` column is shortened to fit, the others wrap."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    filled = [[Text(clean(shown(cell)).replace("\n", " ")) for cell in row] for row in rows]
    if not filled:
        line(empty or "nothing to show")
        return
    console = Console(file=sys.stdout, highlight=False)
    if wide:
        at = columns.index(wide)
        longest = [max(len(columns[i]), *(row[i].cell_len for row in filled)) for i in range(len(columns))]
        room = console.width - sum(longest) + longest[at] - GAP * (len(columns) - 1)
        for row in filled:
            row[at].truncate(max(room, LEAST), overflow="ellipsis")
    grid = Table(
        *columns, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0), header_style="bold"
    )
    for row in filled:
        grid.add_row(*row)
    console.print(grid)


def facts(pairs: Iterable[tuple[str, Any]]) -> None:
    """Print named values, one a line; those without a value are left out."""
    known = [(name, shown(value)) for name, value in pairs]
    known = [(name, value) for name, value in known if value]
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        indented = value.replace("\n", "\n" + " " * (width + 2))
        line(f"{name:<{width}}  {indented}")


def shown(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return str(value)


def age(seconds: float) -> str:
    """A span of time, roughly."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def more(command: str, count: int, limit: int, option: str, last: int) -> None:
    """Say how to go on, when a page was full."""
    if count == limit:
        line(f"there may be more: {command} {option} {last}")


def following(items: Sequence[Any], limit: int, last: Callable[[Any], int]) -> int | None:
    """The id to go on with, when a page was full."""
    return last(items[-1]) if len(items) == limit else None


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, moved by calling it with what is done and the whole (0: unknown); nothing off a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _whole: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole or None)
