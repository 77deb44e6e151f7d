"""Prints results: tables and lines for people, one JSON object for programs, progress on a terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

import msgspec
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from hub.cli.shared.text import clean, format_value

GAP = 2
"""Blanks between two columns of a table."""

LEAST = 12
"""Characters that a shortened column keeps at least."""


def print_result(value: Any, show: Callable[[], None], *, as_json: bool) -> None:
    """Print the result: as JSON, or by calling `show`."""
    if not as_json:
        show()
        return
    encoded = msgspec.json.encode(value, enc_hook=str)
    sys.stdout.write(msgspec.json.format(encoded, indent=2).decode() + "\n")


@dataclass(frozen=True)
class Page:
    """One page of a list, and how to ask for the next."""

    items: Sequence[Any]
    limit: int
    command: str
    option: Literal["--before", "--after"]
    cursor: Callable[[Any], int] = attrgetter("id")

    @property
    def following(self) -> int | None:
        """The id to continue after; None on the last page."""
        return self.cursor(self.items[-1]) if len(self.items) == self.limit else None


def print_page(
    key: str, page: Page, show: Callable[[], None], *, as_json: bool, items: Sequence[Any] | None = None
) -> None:
    """Print a page: as JSON with its items under `key`, or by calling `show`; either way with the next page's id.

    `items` replaces the page's own in the JSON.
    """

    def show_page() -> None:
        show()
        if page.following is not None:
            print_line(f"next page: {page.command} {page.option} {page.following}")

    shown = page.items if items is None else items
    print_result({key: shown, f"next_{page.option[2:]}": page.following}, show_page, as_json=as_json)


def print_line(text: str = "") -> None:
    """Print one line, or several."""
    sys.stdout.write(clean(text) + "\n")


def print_paragraph(text: str) -> None:
    """Print text wrapped between words at the terminal's width; lines after the first are indented."""
    width = shutil.get_terminal_size().columns
    print_line(
        textwrap.fill(clean(text), width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    )


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, wide: str = "", empty: str = "") -> None:
    """Print rows under their headings; the `wide` column is shortened to fit, the others wrap."""
    filled = [[Text(clean(format_value(cell)).replace("\n", " ")) for cell in row] for row in rows]
    if not filled:
        print_line(empty or "nothing to show")
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


def print_fields(pairs: Iterable[tuple[str, Any]]) -> None:
    """Print named values, one a line; those without a value are left out."""
    fields = [(name, text) for name, value in pairs if (text := format_value(value))]
    width = max((len(name) for name, _ in fields), default=0)
    for name, text in fields:
        indented = text.replace("\n", "\n" + " " * (width + 2))
        print_line(f"{name:<{width}}  {indented}")


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, moved by calling it with the count so far and the total (0: unknown); nothing off a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
