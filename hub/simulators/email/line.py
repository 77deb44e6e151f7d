"""A command of a line protocol as a call: its faults, its answer, and how the reply is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container
from dataclasses import dataclass, field

from hub.simulators.kit import Call, FaultRule, Reply, Simulator
from hub.simulators.kit.wire import abort

IMAP = "IMAP"
"""The header of a reply that holds its IMAP form, such as `NO [UNAVAILABLE] try later`; the status is SMTP's."""


class Hangup(Exception):
    """The connection has ended."""


@dataclass(slots=True)
class Command(Call):
    """A command with the work that it asks for; the path is `/smtp/...` or `/imap/...`."""

    work: Callable[[Command], Reply] = field(default=lambda _: Reply(250, b"OK"), repr=False)


def command(
    protocol: str,
    method: str,
    operation: str,
    work: Callable[[Command], Reply],
    *,
    user: str = "",
    body: bytes = b"",
    said: str = "",
) -> Command:
    """A command for the faults and the ledger; `said` is its argument, including secrets."""
    path = f"/{protocol}/{method}"
    headers = {method: said} if said else {}
    return Command(method, path, [protocol, method], {}, headers, body, operation, user, work=work)


async def attend(front: Simulator, call: Command, kinds: Container[str]) -> tuple[Reply, list[FaultRule]]:
    """Do what was asked unless a fault forbids it: the reply, and the faults that still await it.

    `front` answers, so that a hand between simulator and client can replace what it says. Raises Hangup.
    """
    front.classify(call)
    front.ledger.count(call.method, call.operation)
    rules = front.faults.pick(call.operation, call.method, call.parts, kinds)
    call.in_flight = front.ledger.enter(call.user)
    try:
        reply = await _work(front, call, rules)
    finally:
        front.ledger.leave(call.user)
    for rule in rules:
        phase = front.faults.phase(rule)
        if phase == "shape":
            reply = front.reshape(rule, reply)
        elif phase == "instead" and rule.after:
            reply = front.refuse(rule)
    return reply, rules


async def _work(front: Simulator, call: Command, rules: list[FaultRule]) -> Reply:
    early: Reply | None = None
    for rule in rules:
        phase = front.faults.phase(rule)
        if rule.kind == "reset_before":
            raise Hangup
        if rule.kind == "delay_before":
            await asyncio.sleep(rule.seconds or 1)
        elif rule.kind == "clock_back":
            front.clock.shift(-(600 if rule.seconds is None else rule.seconds))
        elif phase == "vendor":
            call.faults[rule.kind] = rule
        elif phase == "instead" and not rule.after:
            early = early or front.refuse(rule)
    if early is not None:
        return early
    if front.latency:
        await asyncio.sleep(front.latency)
    return front.admit(call) or front.answer(call)


async def send(writer: asyncio.StreamWriter, data: bytes, rules: list[FaultRule]) -> None:
    """Write a reply subject to the faults; raises Hangup when the connection has to end."""
    for rule in rules:
        match rule.kind:
            case "delay_after":
                await asyncio.sleep(rule.seconds or 1)
            case "lost_reply":
                raise Hangup
            case "cut_body":
                # A line cut after its code would still be accepted as complete.
                await _last(writer, data[: len(data) // 2 if data.count(b"\n") > 1 else 2])
            case "garbled_status":
                await _last(writer, b"%?! \xff\xfe okay\r\n")
            case "drip":
                await _drip(writer, data, 1 if rule.seconds is None else rule.seconds)
    writer.write(data)
    await writer.drain()


async def _last(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()
    writer.close()
    raise Hangup


async def _drip(writer: asyncio.StreamWriter, data: bytes, seconds: float) -> None:
    for byte in data:
        if writer.is_closing():
            break
        writer.write(bytes((byte,)))
        await asyncio.sleep(seconds)
    await _last(writer, b"")


def hang_up(writer: asyncio.StreamWriter) -> None:
    """Reset the connection, unless its end was sent already."""
    if not writer.is_closing():
        abort(writer.transport)
