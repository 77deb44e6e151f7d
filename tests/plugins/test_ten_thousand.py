"""Hundreds of changed cases, and ten thousand in `make prove`: long runs of equal times, moves on the way, logins that end; each is told once.

What is counted is what a stream hands to the hub's intake, page by page, before the intake drops anything by itself:
a plugin may read a stretch twice, but must tell a change once. A case that is touched has changed again, and is told
again: a telling is a case and its time of change, and no telling may come twice. Where an account has no sessions
(keys, passwords), there is no login to end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pytest
from proofs import sizes
from ten_thousand_kit import able, vendors

from hub.model import CaseNews, Cursor
from hub.testing.bed import TestBed, open_bed

CASES = sizes("ten-thousand", 600, 10_000)
WITH_COMMENTS = sizes("ten-thousand", 120, 1_000)
"""Where the comments of every case are read, a call for each."""
ARTICLES = sizes("ten-thousand", 400, 10_400)
"""More than a list by offset may reach at one of the vendors."""
DEAR_ARTICLES = 1_000
DEAR = {("bmc_remedy", ""), ("bomgar", "portal"), ("rightanswers", "knowledge"), ("winmagic", "documentation")}
"""Where texts take calls of their own, one for each article or for twenty, a thousand articles are read."""
STOPS = (0.03, 0.2, 0.5, 0.9)
"""When so much was told, cases are touched and logins end."""
MOST_PAGES = 1_000


@dataclass
class Reader:
    """Reads a stream run by run, and remembers all that it told."""

    bench: TestBed
    account: Any
    known: list[str]
    """The names of what is to be read."""
    stream: str = "cases"
    cursor: Cursor = field(default_factory=dict)
    told: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    gone: set[str] = field(default_factory=set)
    """What was told as withdrawn; an editor's trial pieces may be."""

    async def run(self, between: Callable[[], None] = lambda: None) -> int:
        """Read to the end of a run; how much it told. `between` is called behind every page."""
        ask, count = getattr(self.bench.vendor, f"changed_{self.stream}"), 0
        for _ in range(MOST_PAGES):
            page = await ask(self.account, self.cursor)
            assert page.quarantined == ()
            self.cursor, count = page.cursor, count + len(page.items)
            self.told.update(map(self._telling, page.items))
            self.gone |= {self._telling(one)[0] for one in page.items if getattr(one, "withdrawn", False)}
            between()
            if not page.more:
                return count
        raise AssertionError(f"after {MOST_PAGES} pages there is still more")

    def _telling(self, one: Any) -> tuple[str, datetime]:
        """What was told of, by the name that its maker got, and its time of change."""
        if isinstance(one, CaseNews):
            assert one.case is not None
            return one.reference.number, one.case.changed_at
        name = one.number if one.number in self.names else one.reference.partition(":")[0]
        return name, one.changed_at

    @cached_property
    def names(self) -> frozenset[str]:
        """Those names, to look them up."""
        return frozenset(self.known)

    @property
    def latest(self) -> dict[str, float]:
        """The newest time of change that was told of each case, in epoch seconds."""
        return {number: at.timestamp() for number, at in sorted(self.told)}


@dataclass
class Mischief:
    """What happens at the vendor while its cases are read."""

    reader: Reader
    stops: list[float]
    touched: dict[str, float] = field(default_factory=dict)
    """When each was touched, by the vendor's clock."""

    def __call__(self) -> None:
        """Touch the first and last of the cases that were read and of those that were not, and end all logins."""
        if not self.stops or sum(self.reader.told.values()) < self.stops[0]:
            return
        self.stops.pop(0)
        simulator, read = self.reader.bench.simulator, self.reader.latest
        left = [one for one in self.reader.known if one not in self.touched]
        behind, ahead = [one for one in left if one in read], [one for one in left if one not in read]
        for one in (*behind[:2], *behind[-2:], *ahead[:2], *ahead[-2:]):
            self.touched[one] = simulator.clock.now()
            if self.reader.stream == "cases":
                simulator.touch(one)
            else:
                simulator.act("revise", {"reference": one, "title": f"Article {one}, revised"})
        simulator.clock.shift(2)  # what is read in the second of its change is told once more, and rightly
        simulator.expire_logins()

    def judge(self) -> None:
        """Require that each change was told exactly once."""
        told, latest = self.reader.told, self.reader.latest
        tellings = Counter(number for number, _ in told)
        assert self.reader.names - set(latest) == set()
        assert [telling for telling, times in told.items() if times > 1] == []
        assert {number for number, times in tellings.items() if times > 1} <= set(self.touched)
        assert [one for one, at in self.touched.items() if latest[one] < int(at)] == []
        assert self.reader.gone & self.reader.names == set()
        assert self.stops == []
        assert len(self.touched) >= 4 * len(STOPS)
        requests = self.reader.bench.simulator.ledger.requests
        logins = sum(times for name, times in requests.items() if name.endswith(" login"))
        assert logins == 0 or logins > len(STOPS)


def filled(bench: TestBed, count: int) -> list[str]:
    """Cases, a quarter of them in each second; the newest lies within what the next run reads again."""
    back = 10 if bench.vendor.name == "bmc_remedy" else -3580  # most simulators fill from an hour ago
    bench.simulator.clock.shift(-back)
    numbers: list[str] = bench.simulator.fill(count, run=count // 4)
    bench.simulator.clock.shift(back)
    return numbers


async def read_all(vendor: str, platform: str, count: int, **changes: str) -> None:
    """Read so many cases under mischief, and then twice more; each change has to be told exactly once."""
    async with open_bed(vendors()[vendor], None, platform) as bench:
        numbers = filled(bench, count)
        given = {name: getattr(bench.settings, name) for name in bench.settings.model_fields_set}
        async with bench.other_account(type(bench.settings)(**given | changes)) as account:
            mischief = await _read_thrice(Reader(bench, account, numbers))
    assert len(set(numbers)) == count
    mischief.judge()


async def _read_thrice(reader: Reader) -> Mischief:
    """Runs under mischief until all of it is done, one that tells what is left, and one that tells nothing."""
    mischief = Mischief(reader, [len(reader.known) * part for part in STOPS])
    while mischief.stops:
        await reader.run(mischief)
    await reader.run()
    assert await reader.run() == 0
    return mischief


@pytest.mark.parametrize("many", CASES)
@pytest.mark.parametrize(("vendor", "platform"), able("changed_cases"))
async def test_each_changed_case_is_told_once(vendor: str, platform: str, many: int) -> None:
    """A quarter of the cases in each second, touches on the way and four ends of the login: none missed, none doubled."""
    keyed = (vendor, platform) in able("changed_cases", "comments_of")
    await read_all(vendor, platform, many, **({"comments_of": "keyed"} if keyed else {}))


@pytest.mark.parametrize("many", WITH_COMMENTS)
@pytest.mark.parametrize(("vendor", "platform"), able("changed_cases", "comments_of"))
async def test_reading_the_comments_of_every_case_doubles_none(vendor: str, platform: str, many: int) -> None:
    """The same of cases where each is told with its comments: pages take longer, and no more is told."""
    await read_all(vendor, platform, many, comments_of="every")


def published(bench: TestBed, count: int) -> list[str]:
    """Articles, a quarter of them in each second of an hour ago."""
    made, began = [], int(bench.simulator.clock.now()) - 3600
    for at in range(count):
        if at % (count // 4) == 0:
            bench.simulator.clock.stop(began + 4 * at // count)
        article = {"title": f"Article {at}", "body": "<p>Restart it.</p>", "language": "en"}
        made.append(str(bench.simulator.act("publish", article)))
    bench.simulator.clock.reset()
    return made


@pytest.mark.parametrize("many", ARTICLES)
@pytest.mark.parametrize(("vendor", "platform"), able("changed_articles"))
async def test_each_changed_article_is_told_once(vendor: str, platform: str, many: int) -> None:
    """The same of articles, revised on the way: none missed, none doubled, wherever the list has come to."""
    async with open_bed(vendors()[vendor], None, platform) as bench:
        numbers = published(bench, min(many, DEAR_ARTICLES) if (vendor, platform) in DEAR else many)
        mischief = await _read_thrice(Reader(bench, bench.account, numbers, "articles"))
    mischief.judge()
