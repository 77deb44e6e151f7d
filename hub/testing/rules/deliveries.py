"""Keeps quiet: deliveries are believed only from the vendor, unaltered and in time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hub.errors import DeliveryRefused
from hub.model import Delivery, WebhookRequest
from hub.testing.bench import TestBed
from hub.testing.rule import NotApplicable, RuleBroken, require, rule, same
from hub.testing.rules.doubt import wrong_secrets

_SEED = 20
_HARMLESS = frozenset({"content-type", "content-length", "user-agent", "host", "accept", "date"})


class _Sent(NamedTuple):
    number: str
    request: WebhookRequest
    unsigned: frozenset[str]


def _sent(bench: TestBed) -> _Sent:
    if not callable(getattr(bench.simulator, "push", None)):
        raise NotApplicable("the simulator sends no deliveries")
    number = bench.simulator.fill(2)[0]
    push = bench.simulator.push(number)
    path, _, query = push.path.partition("?")
    given = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    headers = {name.lower(): value for name, value in push.headers.items()}
    at = datetime.fromtimestamp(bench.simulator.clock.now(), UTC)
    request = WebhookRequest(headers=headers, body=push.body, received_at=at, path=path, query=given)
    return _Sent(number, request, push.unsigned)


async def _read(bench: TestBed, request: WebhookRequest) -> Delivery | None:
    try:
        return await bench.vendor.read_webhook(bench.account, request)
    except DeliveryRefused:
        return None


@rule("keeps quiet", "read_webhook")
async def a_true_delivery_is_believed(bench: TestBed) -> None:
    """A delivery as the vendor sends it is taken, has an id, and wakes a stream that there is."""
    number, request, _ = _sent(bench)
    found = await _read(bench, request)
    require(found is not None, "the vendor's own delivery is refused")
    if found is None:
        return
    require(found.id, "the delivery has no id")
    require(found.stream in {"cases", "articles", "patches", "sessions"}, f"there is no stream {found.stream}")
    require(found.case_number in {"", number}, "the delivery names another case")


@rule("keeps quiet", "read_webhook")
async def a_repeated_delivery_has_the_same_id(bench: TestBed) -> None:
    """The same delivery read twice has one id, and another delivery has another."""
    request = _sent(bench).request
    again = [await _read(bench, request) for _ in range(2)]
    bench.simulator.clock.shift(2)
    other = await _read(bench, _sent(bench).request)
    same("ids of one delivery", again[0] and again[0].id, again[1] and again[1].id)
    require(other and again[0] and other.id != again[0].id, "two deliveries have one id")


@rule("keeps quiet", "read_webhook")
async def reading_a_delivery_calls_nobody(bench: TestBed) -> None:
    """Proving a delivery asks the vendor nothing: whoever sends us rubbish sets off no calls."""
    request = _sent(bench).request
    before = bench.simulator.calls()
    await _read(bench, request)
    await _read(bench, request.evolve(body=b"{}"))
    same("calls", before, bench.simulator.calls())


@rule("keeps quiet", "read_webhook")
async def a_forged_delivery_is_refused(bench: TestBed) -> None:
    """A delivery without proof, with a proof made up, or under another account's secret is refused."""
    request = _sent(bench).request
    proofs = [name for name in request.headers if name not in _HARMLESS]
    bare = request.evolve(headers={n: v for n, v in request.headers.items() if n in _HARMLESS}, query={}, path="")
    require(await _read(bench, bare) is None, "a delivery without any proof is believed")
    empty = request.evolve(headers=request.headers | dict.fromkeys(proofs, ""), query={}, path="")
    require(await _read(bench, empty) is None, "a delivery with an empty proof is believed")
    other_secrets = bench.settings.model_copy(update=wrong_secrets(bench))
    async with bench.another(other_secrets) as other:
        try:
            await bench.vendor.read_webhook(other, request)
        except DeliveryRefused:
            return
    raise RuleBroken("a delivery under another secret is believed")


@rule("keeps quiet", "read_webhook")
async def an_altered_delivery_is_refused(bench: TestBed) -> None:
    """Five hundred deliveries with an altered byte, signature or time are refused; what is unsigned changes nothing."""
    _, request, unsigned = _sent(bench)
    true = await _read(bench, request)
    dice = random.Random(_SEED)  # noqa: S311 - reproducible, not secret
    signed = true is not None and true.sent_at is not None
    for name in unsigned:
        changed = request.evolve(headers=request.headers | {name: "another"})
        require(await _read(bench, changed) == true, f"{name}, which nobody signs, is believed")
    for _ in range(500):
        altered = _altered(request, unsigned, dice)
        found = await _read(bench, altered)
        if found is None or altered == request:
            continue
        body_only = altered.evolve(body=request.body) == request
        # A vendor that sends a plain secret signs no body: then the delivery may only wake, as the true one does.
        require(body_only and not signed, "an altered delivery is believed")


def _altered(request: WebhookRequest, unsigned: frozenset[str], dice: random.Random) -> WebhookRequest:
    proofs = [name for name in request.headers if name not in _HARMLESS | unsigned]
    if proofs and dice.random() < 0.5:
        name = dice.choice(proofs)
        value = request.headers[name]
        at = dice.randrange(len(value)) if value else 0
        changed = value[:at] + chr(33 + (ord(value[at]) - 32) % 90 if value else 65) + value[at + 1 :]
        return request.evolve(headers=request.headers | {name: changed})
    if request.path.strip("/") and dice.random() < 0.5:
        at = dice.randrange(len(request.path))
        return request.evolve(path=request.path[:at] + "~" + request.path[at + 1 :])
    if request.query and dice.random() < 0.5:
        return request.evolve(query={name: value + "~" for name, value in request.query.items()})
    body = bytearray(request.body or b" ")
    body[dice.randrange(len(body))] ^= 1 << dice.randrange(7)
    return request.evolve(body=bytes(body))


@rule("keeps quiet", "read_webhook")
async def an_old_delivery_is_refused(bench: TestBed) -> None:
    """A signed delivery that arrives an hour late, or an hour before it was signed, is refused."""
    request = _sent(bench).request
    true = await _read(bench, request)
    if true is None or true.sent_at is None:
        raise NotApplicable("the vendor signs no time")
    for hours in (1, -1):
        late = request.evolve(received_at=request.received_at + timedelta(hours=hours))
        require(await _read(bench, late) is None, f"a delivery {hours} h off is believed")
