"""Serves a simulated vendor on a real socket, with faults down to the transport."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate

from aiohttp import web

from hub.simulators.kit.call import Call, Reply, Simulator
from hub.simulators.kit.control import control
from hub.simulators.kit.faults import FaultRule
from hub.simulators.kit.mangle import damaged, gateway_reply
from hub.simulators.kit.wire import cut, drip, garble, hang_up

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Served:
    """A vendor that listens."""

    url: str
    simulator: Simulator
    other_urls: tuple[str, ...] = ()
    """Its other addresses, if it has several servers."""
    control: str = ""
    """The base address of the HTTP control interface, `/_sim/`."""


@asynccontextmanager
async def serve(simulator: Simulator, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Served]:
    """Listen until the block ends; port 0 takes a free one.

    Speaks HTTP, unless the simulator has a `listen` of its own: that is given whom to ask for answers, host and port,
    and its block gives the addresses, the first of which is the account's. It is steered through a door of its own.
    """
    listen = getattr(simulator, "listen", None)
    if listen is None:
        async with _web(_Handler(simulator).handle, host, port) as url:
            yield Served(url, simulator, control=url)
        return
    async with (
        listen(simulator, host, port) as (url, *other_urls),
        _web(_ControlServer(simulator).handle, host, 0) as door,
    ):
        yield Served(url, simulator, tuple(other_urls), door)


@asynccontextmanager
async def _web(handle: Handle, host: str, port: int) -> AsyncIterator[str]:
    """A web server until the block ends; gives its address."""
    runner = web.ServerRunner(web.Server(handle, access_log=None), handle_signals=False, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def run(simulator: Simulator, port: int = 0, host: str = "127.0.0.1") -> None:
    """Listen until SIGINT or SIGTERM; prints one line with the address."""
    asyncio.run(_run(simulator, host, port))


async def _run(simulator: Simulator, host: str, port: int) -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, done.set)
    async with serve(simulator, host, port) as served:
        sys.stdout.write(f"{served.url}\n")
        sys.stdout.flush()
        await done.wait()


class _ControlServer:
    """The control interface of a simulator that does not speak HTTP itself."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if not request.path.startswith("/_sim/"):
            return web.Response(status=404)
        return _response(await control(self.simulator, request))


class _Handler:
    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        target = request.raw_path
        if target.startswith("/_sim/"):
            return _response(await control(self.simulator, request))
        sim = self.simulator
        call = Call.of(request.method, target, request.headers)
        if getattr(sim, "reads_bodies_first", False):
            call.body = await request.content.read() if request.body_exists else b""
        sim.classify(call)
        sim.ledger.count(call.method, call.operation)
        rules = sim.faults.pick(call.operation, call.method, call.parts)
        call.in_flight = sim.ledger.enter(call.user)
        try:
            reply = sim.admit(call) or await self._work(call, request, rules)
        finally:
            sim.ledger.leave(call.user)
        if reply is None:
            return hang_up(request)
        reply.headers.setdefault("Date", formatdate(sim.clock.now(), usegmt=True))
        return _response(reply) if not rules else await self._deliver(request, reply, rules)

    async def _work(self, call: Call, request: web.BaseRequest, rules: list[FaultRule]) -> Reply | None:
        sim = self.simulator
        early: Reply | None = None
        for rule in rules:
            phase = sim.faults.phase(rule)
            if rule.kind == "reset_before":
                return None
            if rule.kind == "delay_before":
                await asyncio.sleep(rule.seconds or 1)
            elif rule.kind == "clock_back":
                sim.clock.shift(-(600 if rule.seconds is None else rule.seconds))
            elif phase == "vendor":
                call.faults[rule.kind] = rule
            elif phase == "instead" and not rule.after:
                early = early or self._replacement(rule)
        if not call.body:
            call.body = await request.content.read() if request.body_exists else b""
        if early is not None:
            return early
        if sim.latency:
            await asyncio.sleep(sim.latency)
        return sim.answer(call)

    async def _deliver(self, request: web.BaseRequest, reply: Reply, rules: list[FaultRule]) -> web.StreamResponse:
        for rule in rules:
            match self.simulator.faults.phase(rule):
                case "shape":
                    reply = self.simulator.reshape(rule, reply)
                case "instead" if rule.after:
                    reply = self._replacement(rule)
                case "after":
                    reply = damaged(rule, reply)
        for rule in rules:
            match rule.kind:
                case "delay_after":
                    await asyncio.sleep(rule.seconds or 1)
                case "lost_reply":
                    return hang_up(request)
                case "cut_body":
                    return cut(request, reply)
                case "garbled_status":
                    return garble(request)
                case "drip":
                    return await drip(request, reply, 1 if rule.seconds is None else rule.seconds)
        return _response(reply)

    def _replacement(self, rule: FaultRule) -> Reply:
        made = gateway_reply(rule, self.simulator.clock.now())
        return self.simulator.refuse(rule) if made is None else made


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=reply.body, headers=reply.headers)
