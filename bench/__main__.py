"""Runs the measurements, prints the table and writes the results: `python -m bench`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from bench import backlog, chain, deadlines, drain, due, flat, memory, naive, neighbour, whole
from bench.crowd import open_crowd
from bench.place import Place, open_place
from bench.race import race
from bench.result import FULL, QUICK, Result, Sizes

NAMES = ("drain", "naive", "whole", "chain", "flat", "backlog", "memory", "neighbour", "deadlines", "due")
FILE = Path(__file__).parent / "results.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen measurements; returns 0 even if a goal is missed, which the table shows."""
    given = _options().parse_args(arguments)
    wanted = given.only or NAMES
    progress = Console(stderr=True)
    results = asyncio.run(_measure(wanted, QUICK if given.quick else FULL, given.folder, progress))
    document = msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n"
    whole_run = not given.only and not given.quick
    if out := given.out or (FILE if whole_run else None):
        out.write_bytes(document)
    if given.json:
        sys.stdout.write(document.decode())
    else:
        _show(results, quick=given.quick)
        if out:
            print(f"written to {out}")
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=NAMES, action="append", help="run only this measurement; may be repeated")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: a check that it works, without meaningful results"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument(
        "--out", type=Path, help=f"file to write; by default {FILE.name} in the bench folder, for complete runs only"
    )
    parser.add_argument("--folder", type=Path, help="where the data folder is created; must be on a real disk")
    return parser


async def _measure(wanted: Collection[str], sizes: Sizes, folder: Path | None, progress: Console) -> list[Result]:
    results: list[Result] = []
    began = time.monotonic()

    def note(what: str) -> None:
        progress.print(f"[dim]{time.monotonic() - began:6.0f} s  {what}[/dim]", highlight=False)

    async with open_place(folder) as place:
        note(place.proof())
        results += await _races(place, wanted, sizes, note)
        for measure in (chain, backlog, neighbour, deadlines, due):
            if (name := measure.__name__.rpartition(".")[2]) in wanted:
                note(name)
                results.append(await measure.measure(place, sizes))
        if not {"flat", "memory"}.isdisjoint(wanted):
            note(f"filling a hub with {sizes.tickets:,} tickets")
            async with open_crowd(place, sizes) as crowd:
                for crowded in (flat, memory):
                    if (name := crowded.__name__.rpartition(".")[2]) in wanted:
                        note(name)
                        results.append(await crowded.measure(crowd, sizes))
    note("done")
    return sorted(results, key=lambda result: NAMES.index(result.name))


async def _races(place: Place, wanted: Collection[str], sizes: Sizes, note: Callable[[str], None]) -> list[Result]:
    """The measurements that compare loops share their rounds."""
    measures = [measure for measure in (drain, naive, whole) if measure.__name__.rpartition(".")[2] in wanted]
    sides = list(dict.fromkeys(side for measure in measures for side in measure.SIDES))
    if not sides:
        return []
    note(f"{sizes.rounds} rounds of {', '.join(sides)}")
    times = await race(place, sizes, sides)
    return [measure.judge(times, sizes) for measure in measures]


def _show(results: Sequence[Result], *, quick: bool) -> None:
    table = Table(title="sizes too small for meaningful results" if quick else None, title_justify="left")
    for heading in ("measurement", "result", "goal", "met", "description"):
        table.add_column(heading, justify="right" if heading in {"result", "goal"} else "left")
    for result in results:
        sign = ">=" if result.bar == "at least" else "<="
        holds = "[green]yes[/green]" if result.holds else "[bold red]NO[/bold red]"
        unit = f" {result.unit}" if result.unit else ""
        table.add_row(result.name, f"{result.ratio:.2f}{unit}", f"{sign} {result.goal:g}{unit}", holds, result.says)
    Console(width=None if sys.stdout.isatty() else 140).print(table)


if __name__ == "__main__":
    raise SystemExit(main())
