"""Keeps quiet: a delivery is accepted only if the vendor sent it, unaltered and recently."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hub.errors import DeliveryRefused
from hub.model import Delivery, WebhookRequest
from hub.testing.bed import TestBed
from hub.testing.checks import NotApplicable, RuleBroken, require, require_equal
from hub.testing.rule import rule
from hub.testing.rules.doubt import wrong_secrets

_SEED = 20
_HARMLESS = frozenset({"content-type", "content-length", "user-agent", "host", "accept", "date"})


class _SentDelivery(NamedTuple):
    number: str
    request: WebhookRequest
    unsigned: frozenset[str]


def _send(bed: TestBed) -> _SentDelivery:
    if not callable(getattr(bed.simulator, "push", None)):
        raise NotApplicable("the simulator sends no deliveries")
    number = bed.simulator.fill(2)[0]
    push = bed.simulator.push(number)
    path, _, query = push.path.partition("?")
    values = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    headers = {name.lower(): value for name, value in push.headers.items()}
    at = datetime.fromtimestamp(bed.simulator.clock.now(), UTC)
    request = WebhookRequest(headers=headers, body=push.body, received_at=at, path=path, query=values)
    return _SentDelivery(number, request, push.unsigned)


async def _read(bed: TestBed, request: WebhookRequest) -> Delivery | None:
    try:
        return await bed.vendor.read_webhook(bed.account, request)
    except DeliveryRefused:
        return None


@rule("keeps quiet", "read_webhook")
async def a_genuine_delivery_is_accepted(bed: TestBed) -> None:
    """A delivery from the vendor is accepted, has an id, and names an existing stream."""
    number, request, _ = _send(bed)
    delivery = await _read(bed, request)
    if delivery is None:
        raise RuleBroken("the vendor's own delivery is refused")
    require(delivery.id, "the delivery has no id")
    require(delivery.stream in {"cases", "articles", "patches", "sessions"}, f"there is no stream {delivery.stream}")
    require(delivery.case_number in {"", number}, "the delivery names another case")


@rule("keeps quiet", "read_webhook")
async def a_repeated_delivery_has_the_same_id(bed: TestBed) -> None:
    """The same delivery has the same id when read twice, and another delivery has a different id."""
    request = _send(bed).request
    again = [await _read(bed, request) for _ in range(2)]
    bed.simulator.clock.shift(2)
    other = await _read(bed, _send(bed).request)
    require_equal("ids of one delivery", again[0] and again[0].id, again[1] and again[1].id)
    require(other and again[0] and other.id != again[0].id, "two deliveries have the same id")


@rule("keeps quiet", "read_webhook")
async def reading_a_delivery_makes_no_calls(bed: TestBed) -> None:
    """Verifying a delivery makes no calls to the vendor, so a forged delivery triggers none either."""
    request = _send(bed).request
    before = bed.simulator.calls()
    await _read(bed, request)
    await _read(bed, request.evolve(body=b"{}"))
    require_equal("calls", before, bed.simulator.calls())


@rule("keeps quiet", "read_webhook")
async def a_forged_delivery_is_refused(bed: TestBed) -> None:
    """A delivery without proof, with an empty proof, or with another account's secret is refused."""
    request = _send(bed).request
    proofs = [name for name in request.headers if name not in _HARMLESS]
    bare = request.evolve(headers={n: v for n, v in request.headers.items() if n in _HARMLESS}, query={}, path="")
    require(await _read(bed, bare) is None, "a delivery without any proof is accepted")
    empty = request.evolve(headers=request.headers | dict.fromkeys(proofs, ""), query={}, path="")
    require(await _read(bed, empty) is None, "a delivery with an empty proof is accepted")
    other_secrets = bed.settings.model_copy(update=wrong_secrets(bed))
    async with bed.other_account(other_secrets) as other:
        try:
            await bed.vendor.read_webhook(other, request)
        except DeliveryRefused:
            return
    raise RuleBroken("a delivery with another account's secret is accepted")


@rule("keeps quiet", "read_webhook")
async def an_altered_delivery_is_refused(bed: TestBed) -> None:
    """Five hundred deliveries with an altered byte, signature or time are refused; unsigned headers change nothing."""
    _, request, unsigned = _send(bed)
    genuine = await _read(bed, request)
    dice = random.Random(_SEED)  # noqa: S311 - reproducible, not secret
    signed = genuine is not None and genuine.sent_at is not None
    for name in unsigned:
        changed = request.evolve(headers=request.headers | {name: "another"})
        require(await _read(bed, changed) == genuine, f"{name}, which is not signed, affects the delivery")
    for _ in range(500):
        altered = _altered(request, unsigned, dice)
        delivery = await _read(bed, altered)
        if delivery is None or altered == request:
            continue
        body_only = altered.evolve(body=request.body) == request
        # A vendor that sends a plain secret signs no body; its deliveries only wake a stream, so that does no harm.
        require(body_only and not signed, "an altered delivery is accepted")


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
async def an_old_delivery_is_refused(bed: TestBed) -> None:
    """A signed delivery that arrives an hour late, or an hour before it was signed, is refused."""
    request = _send(bed).request
    genuine = await _read(bed, request)
    if genuine is None or genuine.sent_at is None:
        raise NotApplicable("the vendor does not sign the time")
    for hours in (1, -1):
        late = request.evolve(received_at=request.received_at + timedelta(hours=hours))
        require(await _read(bed, late) is None, f"a delivery that is off by {hours} h is accepted")
