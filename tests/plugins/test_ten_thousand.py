"""Ten thousand changed cases: long runs of equal times, moves on the way, logins that end; each is told once.

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
from typing import Any

import pytest
from ten_thousand_kit import able, vendors

from hub.model import Cursor
from hub.testing.bench import Bench, open_bench

MANY = 10_000
FEWER = {"email": 2_000}
"""A mail is taken apart by the standard library, which takes some milliseconds for each."""
WITH_COMMENTS = 1_000
"""Where the comments of every case are read, a call for each."""
STOPS = (0.03, 0.2, 0.5, 0.9)
"""When so much was told, cases are touched and logins end."""
MOST_PAGES = 1_000


@dataclass
class Reader:
    """Reads a stream of cases run by run, and remembers all that it told."""

    bench: Bench
    account: Any
    cursor: Cursor = field(default_factory=dict)
    told: Counter[tuple[str, datetime]] = field(default_factory=Counter)

    async def run(self, between: Callable[[], None] = lambda: None) -> int:
        """Read to the end of a run; how much it told. `between` is called behind every page."""
        count = 0
        for _ in range(MOST_PAGES):
            page = await self.bench.vendor.changed_cases(self.account, self.cursor)
            assert page.quarantined == ()
            self.cursor, count = page.cursor, count + len(page.items)
            self.told.update((one.reference.number, one.case.changed_at) for one in page.items if one.case)
            between()
            if not page.more:
                return count
        raise AssertionError(f"after {MOST_PAGES} pages there is still more")

    @property
    def latest(self) -> dict[str, float]:
        """The newest time of change that was told of each case, in epoch seconds."""
        return {number: at.timestamp() for number, at in sorted(self.told)}


@dataclass
class Mischief:
    """What happens at the vendor while its cases are read."""

    reader: Reader
    numbers: list[str]
    stops: list[float]
    touched: dict[str, float] = field(default_factory=dict)
    """When each was touched, by the vendor's clock."""

    def __call__(self) -> None:
        """Touch the first and last of the cases that were read and of those that were not, and end all logins."""
        if not self.stops or sum(self.reader.told.values()) < self.stops[0]:
            return
        self.stops.pop(0)
        simulator, read = self.reader.bench.simulator, self.reader.latest
        left = [one for one in self.numbers if one not in self.touched]
        behind, ahead = [one for one in left if one in read], [one for one in left if one not in read]
        for number in (*behind[:2], *behind[-2:], *ahead[:2], *ahead[-2:]):
            self.touched[number] = simulator.clock.now()
            simulator.touch(number)
        simulator.clock.shift(2)  # what is read in the second of its change is told once more, and rightly
        simulator.expire_logins()


def filled(bench: Bench, count: int) -> list[str]:
    """Cases, a quarter of them in each second; the newest lies within what the next run reads again."""
    back = 10 if bench.vendor.name == "bmc_remedy" else -3580  # most simulators fill from an hour ago
    bench.simulator.clock.shift(-back)
    numbers: list[str] = bench.simulator.fill(count, run=count // 4)
    bench.simulator.clock.shift(back)
    return numbers


async def read_all(vendor: str, platform: str, count: int, **changes: str) -> None:
    """Read so many cases under mischief, and then twice more; each change has to be told exactly once."""
    async with open_bench(vendors()[vendor], None, platform) as bench:
        numbers = filled(bench, count)
        given = {name: getattr(bench.settings, name) for name in bench.settings.model_fields_set}
        async with bench.another(type(bench.settings)(**given | changes)) as account:
            reader = Reader(bench, account)
            mischief = Mischief(reader, numbers, [count * part for part in STOPS])
            await reader.run(mischief)
            later = [await reader.run() for _ in range(2)]
        logins = sum(n for name, n in bench.simulator.ledger.requests.items() if name.endswith(" login"))
    assert len(set(numbers)) == count
    assert set(numbers) - set(reader.latest) == set()
    assert [telling for telling, times in reader.told.items() if times > 1] == []
    tellings = Counter(number for number, _ in reader.told)
    assert {number for number, times in tellings.items() if times > 1} <= set(mischief.touched)
    assert [one for one, at in mischief.touched.items() if reader.latest[one] < int(at)] == []
    assert (mischief.stops, later[-1]) == ([], 0)
    assert len(mischief.touched) >= 20
    assert logins == 0 or logins > len(STOPS)


@pytest.mark.parametrize(("vendor", "platform"), able("changed_cases"))
async def test_each_of_ten_thousand_changed_cases_is_told_once(vendor: str, platform: str) -> None:
    """With 2,500 cases in each second, touches on the way and four ends of the login: none missed, none doubled."""
    keyed = (vendor, platform) in able("changed_cases", "comments_of")
    await read_all(vendor, platform, FEWER.get(platform, MANY), **({"comments_of": "keyed"} if keyed else {}))


@pytest.mark.parametrize(("vendor", "platform"), able("changed_cases", "comments_of"))
async def test_reading_the_comments_of_every_case_doubles_none(vendor: str, platform: str) -> None:
    """The same of a thousand cases where each is told with its comments: pages take longer, and no more is told."""
    await read_all(vendor, platform, WITH_COMMENTS, comments_of="every")
