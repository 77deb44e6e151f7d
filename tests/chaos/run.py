"""The runs: a storm over many bonds, and one worker that outlives restarts of its database."""

from __future__ import annotations

import asyncio
import random
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import text

from hub import bootstrap
from hub.context import HubContext
from hub.errors import StorageUnavailable
from tests.chaos.checker import Verdict, check
from tests.chaos.scene import Scene, open_scene
from tests.chaos.told import Told, ask
from tests.kits.waiting import until


@dataclass
class Plan:
    """How bad the weather is; replies are lost until the end."""

    bonds: int = 1000
    comments: int = 3
    workers: int = 3
    lease: float = 4.0
    kill_every: float = 2.0
    kills: int = 1_000
    """At the most."""
    lost: float = 0.2
    """Of the replies to writes, those that are lost after the vendor stored what was sent."""
    unsent: float = 0.0
    """Of the writes, those whose connection is cut before the vendor read them."""
    stops: int = 2
    downs: tuple[tuple[str, float], ...] = (("fast", 0.0), ("immediate", 0.0), ("fast", 5.0), ("immediate", 5.0))
    first_down: float = 5.0
    between_downs: float = 8.0
    answered: float = 0.3
    """Of the cases, those that the vendor's engineer answers."""
    patience: float = 240.0
    """Seconds after the last fault within which all must be quiet."""
    seed: int = 1


@dataclass
class Result:
    """What a storm came to."""

    verdict: Verdict
    counts: dict[str, float] = field(default_factory=dict)


async def storm(
    plan: Plan,
    say: Callable[[str], None] = lambda _: None,
    *,
    vendor: str = "bmc_remedy",
    platform: str = "",
    **settings: object,
) -> Result:
    """Escalate and comment while workers, database and replies go missing; then wait for quiet, and check.

    `settings` are the account's, beside those that the simulator names.
    """
    began = time.monotonic()
    async with open_scene(
        workers=plan.workers, lease=plan.lease, vendor=vendor, platform=platform, **settings
    ) as scene:
        for operation in ("create", "note", "update"):
            await scene.fault("lost_reply", operation=operation, share=plan.lost)
            if plan.unsent:
                await scene.fault("reset_before", operation=operation, share=plan.unsent)
        async with bootstrap.open_hub(scene.loaded) as hub:
            dice = random.Random(plan.seed)
            over = asyncio.Event()
            hurting = [
                asyncio.create_task(_kill(scene, plan, dice, over, hub.context)),
                asyncio.create_task(_stop(scene, plan, dice, over)),
                asyncio.create_task(_restart(scene, plan, over)),
            ]
            asked = await _ask_all(hub.context, plan, say)
            await asyncio.gather(hurting[1], hurting[2])
            await _answer(scene, asked, dice, plan)
            over.set()
            await asyncio.gather(*hurting)
            say(f"{len(asked)} escalations acknowledged after {time.monotonic() - began:.0f} s; now for quiet")
            storm_over = time.monotonic()
            await _quiet(hub.context, asked, plan.patience)
            injected = await scene.injected()
            await scene.vendor.delete("/_sim/faults")
            quiet = time.monotonic() - storm_over
            calls = len(await scene.ledger())
            await _read_twice(hub.context)
            ledger = await scene.ledger()
            await until(lambda: _at_work(hub.context, scene.workers), pause=0.1)
            codes = await asyncio.to_thread(scene.end_workers)
            verdict = await check(hub.context, asked, ledger, scene.logs())
            verdict.look("I8 an echo causes no call", len(ledger) == calls, f"{len(ledger) - calls} more entries")
            verdict.look("SIGTERM ends a worker well", set(codes) == {0}, f"exit codes {codes}")
            dropped = scene.logs().count("was lost; the outcome")
            return Result(
                verdict,
                {
                    "bonds": len(asked),
                    "comments": sum(len(one.sure) for one in asked),
                    "answers": sum(len(one.answers) for one in asked),
                    "left in doubt": len(verdict.doubtful),
                    "workers started": scene.started,
                    "workers killed": scene.killed,
                    "workers stopped and continued": scene.stopped,
                    "database restarts": scene.restarts,
                    "replies lost": injected.get("lost_reply", 0),
                    "cut before": injected.get("reset_before", 0),
                    "late outcomes refused": dropped,
                    "seconds until quiet": round(quiet, 1),
                    "seconds": round(time.monotonic() - began, 1),
                },
            )


async def _ask_all(context: HubContext, plan: Plan, say: Callable[[str], None]) -> list[Told]:
    places = asyncio.Semaphore(8)
    asked: list[Told] = []

    async def one(number: int) -> None:
        async with places:
            asked.append(await ask(context, number, plan.comments))
            if len(asked) % 100 == 0:
                say(f"{len(asked)} of {plan.bonds} escalated")

    await asyncio.gather(*(one(number) for number in range(plan.bonds)))
    return asked


async def _answer(scene: Scene, asked: list[Told], dice: random.Random, plan: Plan) -> None:
    """The vendor's engineer answers a share of the cases as soon as half of them are there, in the storm's midst."""
    numbers: dict[str, str] = {}

    async def half() -> bool:
        numbers.update({entry["key"]: entry["id"] for entry in await scene.ledger() if entry["kind"] == "case"})
        return len(numbers) * 2 >= len(asked)

    with suppress(TimeoutError):
        await until(half, seconds=plan.patience, pause=0.5)
    open_by_now = [told for told in asked if told.key in numbers]
    count = min(round(len(asked) * plan.answered), len(open_by_now))
    for told in dice.sample(open_by_now, count):
        body = f"answer to {told.key}"
        await scene.engineer("answer", number=numbers[told.key], text=body)
        told.answers.append(body)


async def _kill(scene: Scene, plan: Plan, dice: random.Random, over: asyncio.Event, context: HubContext) -> None:
    """Kill one worker after another, each when it has worked for some time, however long it took to start."""
    spared = 1 if plan.stops else 0  # the first one is the one that is stopped
    while not over.is_set() and scene.killed < plan.kills:
        chosen = dice.choice(scene.workers[spared:])
        await until(partial(_at_work, context, [chosen]), seconds=plan.patience, pause=0.1)
        await asyncio.sleep(plan.kill_every)
        scene.kill(chosen)


async def _stop(scene: Scene, plan: Plan, dice: random.Random, over: asyncio.Event) -> None:
    for _ in range(plan.stops):
        await asyncio.sleep(plan.lease)
        await scene.stop_and_continue(scene.workers[0])


async def _restart(scene: Scene, plan: Plan, over: asyncio.Event) -> None:
    await asyncio.sleep(plan.first_down)
    for mode, down in plan.downs:
        await scene.restart_database("fast" if mode == "fast" else "immediate", down)
        await asyncio.sleep(plan.between_downs)


_LEFT = text(
    "SELECT count(*) FROM operation o WHERE state IN ('ready', 'sending', 'in_doubt') "
    "AND NOT EXISTS (SELECT FROM operation p WHERE p.bond_id = o.bond_id AND p.state = 'parked')"
)
_HEARD = text("SELECT count(*) FROM comment WHERE origin = 'vendor' AND NOT automatic")
_SHARES = text("SELECT worker FROM lane_share")
_FINISHED = text("SELECT finished_at FROM stream WHERE kind = 'cases'")


async def _quiet(context: HubContext, asked: list[Told], patience: float) -> None:
    answers = sum(len(told.answers) for told in asked)

    async def quiet() -> bool:
        try:
            async with context.storage.unit() as unit:
                left = await unit.connection.scalar(_LEFT)
                heard = await unit.connection.scalar(_HEARD)
        except StorageUnavailable:
            return False
        return not left and heard >= answers

    with suppress(TimeoutError):
        await until(quiet, seconds=patience, pause=0.3)


async def _at_work(context: HubContext, workers: Sequence[subprocess.Popen[bytes]]) -> bool:
    """Whether all of these have started, and taken their shares of the lanes."""
    try:
        async with context.storage.unit() as unit:
            names = list(await unit.connection.scalars(_SHARES))
    except StorageUnavailable:
        return False
    return all(any(f"-{worker.pid}-" in name for name in names) for worker in workers)


async def _read_twice(context: HubContext) -> None:
    """Until the vendor's news was read twice more; a call that an echo causes has been made by then."""
    finished: set[datetime | None] = set()

    async def twice() -> bool:
        async with context.storage.unit() as unit:
            finished.add(await unit.connection.scalar(_FINISHED))
        return len(finished) > 2

    await until(twice, pause=0.1)


@dataclass
class Restarts:
    """How one worker came through restarts of its database: seconds until it worked again, each time."""

    seconds: list[float]
    same_process: bool
    longest: float = 10.0

    @property
    def fine(self) -> bool:
        return self.same_process and all(one <= self.longest for one in self.seconds)


async def restarts(times: int, say: Callable[[str], None] = lambda _: None, *, down: float = 0.0) -> Restarts:
    """Restart the database so often, fast and immediate in turn; each time a new escalation must become a case."""
    took: list[float] = []
    async with open_scene(workers=1, lease=4.0) as scene, bootstrap.open_hub(scene.loaded) as hub:
        worker = scene.workers[0]
        await _opened(scene, (await ask(hub.context, 0, 0)).key)
        for number in range(1, times + 1):
            await scene.restart_database("fast" if number % 2 else "immediate", down)
            began = time.monotonic()
            told = await ask(hub.context, number, 0)
            await _opened(scene, told.key)
            took.append(round(time.monotonic() - began, 2))
            say(f"restart {number} of {times}: worked again after {took[-1]} s")
        same = worker.poll() is None and scene.workers == [worker]
    return Restarts(took, same)


async def _opened(scene: Scene, key: str) -> None:
    async def there() -> bool:
        return key in {entry.get("key") for entry in await scene.ledger()}

    await until(there, pause=0.05)


def as_plain(result: Result | Restarts) -> dict[str, object]:
    """A result for JSON."""
    if isinstance(result, Restarts):
        return {**asdict(result), "fine": result.fine}
    verdict = result.verdict
    return {
        "fine": verdict.fine,
        "counts": result.counts,
        "looked": dict(verdict.looked),
        "breaches": {name: found for name, found in verdict.breaches.items() if found},
    }
