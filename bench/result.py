"""The result of a measurement, and the order of its rounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from statistics import median
from typing import Any, Literal, TypeVar

import msgspec

T = TypeVar("T")


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table and of results.json."""

    name: str
    says: str
    """The meaning of the ratio."""
    ratio: float
    goal: float
    bar: Literal["at least", "at most"]
    unit: str = ""
    """Empty for a ratio."""
    holds: bool
    raw: dict[str, Any]


def result(
    name: str,
    says: str,
    ratio: float,
    goal: float,
    bar: Literal["at least", "at most"],
    *,
    unit: str = "",
    also: bool = True,
    **raw: Any,
) -> Result:
    """A result and whether its goal is met; `also` is a further condition."""
    met = ratio >= goal if bar == "at least" else ratio <= goal
    return Result(
        name=name, says=says, ratio=round(ratio, 3), goal=goal, bar=bar, unit=unit, holds=met and also, raw=raw
    )


def turns(sides: Sequence[T], rounds: int) -> Iterator[T]:
    """The sides in the order A B, B A, A B ..., so that each is as often first as last."""
    for at in range(rounds):
        yield from sides if at % 2 == 0 else reversed(sides)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that this share of the values does not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def spread(values: Sequence[float]) -> dict[str, Any]:
    """The median and all values, for the raw figures."""
    return {"median": round(median(values), 4), "all": [round(value, 4) for value in values]}


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes of all measurements."""

    rounds: int = 4
    escalations: int = 6000
    chain_bonds: int = 8
    chain_length: int = 300
    tickets: int = 1_000_000
    few_tickets: int = 10_000
    backlog: int = 100_000
    few_waiting: int = 1000
    memory_rounds: int = 2
    neighbour_rounds: int = 3
    neighbour_seconds: float = 12.0
    neighbour_pace: float = 40.0
    """Escalations a second."""
    clocks: int = 100_000
    looks: int = 500


FULL = Sizes()
QUICK = Sizes(
    rounds=1,
    escalations=120,
    chain_bonds=2,
    chain_length=10,
    tickets=5000,
    few_tickets=500,
    backlog=2000,
    few_waiting=200,
    memory_rounds=1,
    neighbour_rounds=1,
    neighbour_seconds=2.0,
    neighbour_pace=20.0,
    clocks=2000,
    looks=20,
)
"""Enough to see that the benchmark works, too little for a judgement."""
