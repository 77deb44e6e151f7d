"""A thousand mutated deliveries, and ten thousand in `make prove`, for each vendor's way of proving one: none is believed.

A signed delivery is mutated in what is signed (body, time), in the signature, in the secret that signed it, or comes
too early or too late. Where a vendor signs nothing, its proof is a secret path, and a password if it has one: one of
them is mutated in each, mostly together with the body, which proves nothing there and only wakes. What HTTP itself
does not tell apart is no mutation: the case of a header's name, blanks around its value, the path's first slash.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from proofs import sizes
from ten_thousand_kit import able, settings_of, vendors

from hub.errors import DeliveryRefused
from hub.model import Account, Delivery, WebhookRequest

MANY = sizes("ten-thousand", 1_000, 10_000)
SEED = 20
SIGNATURE = "x-zendesk-webhook-signature"
TIME = "x-zendesk-webhook-signature-timestamp"
CHARACTERS = "ABCDEFGHabcdefgh0123456789+/=-_.~%: \x00\xe9"

Dice = random.Random
Mutation = Callable[[WebhookRequest, Dice], WebhookRequest]


def _text(value: str, dice: Dice) -> str:
    """The text with a character changed, left out, put in, doubled, in another case, or two of them swapped."""
    at = dice.randrange(len(value))
    low, high = sorted((at, dice.randrange(len(value))))
    return dice.choice(
        [
            value[:at] + dice.choice(CHARACTERS) + value[at + 1 :],
            value[:at] + value[at + 1 :],
            value[:at] + dice.choice(CHARACTERS) + value[at:],
            value[:at] + value[at].swapcase() + value[at + 1 :],
            value[:low] + value[high] + value[low + 1 : high] + value[low] + value[high + 1 :],
            value + dice.choice(CHARACTERS),
            value[:at],
            value[at:],
            value + value,
            value[::-1],
            f"{value},{value}",
            "",
        ]
    )


def _body(request: WebhookRequest, dice: Dice) -> WebhookRequest:
    return request.evolve(body=_text(request.body.decode("latin-1"), dice).encode("latin-1"))


def _header(name: str) -> Mutation:
    def mutated(request: WebhookRequest, dice: Dice) -> WebhookRequest:
        rest = {key: value for key, value in request.headers.items() if key != name}
        return request.evolve(
            headers=rest if dice.random() < 0.02 else rest | {name: _text(request.headers[name], dice)}
        )

    return mutated


def _path(request: WebhookRequest, dice: Dice) -> WebhookRequest:
    return request.evolve(path=_text(request.path, dice))


def _late(request: WebhookRequest, dice: Dice) -> WebhookRequest:
    """A delivery sent again, or before it was signed: true but for the moment."""
    off = timedelta(seconds=dice.uniform(302, 10**6) * dice.choice((1, -1)))
    return request.evolve(received_at=request.received_at + off)


def _signed(secret: str) -> Mutation:
    """What one would send who knows the way of signing and nearly the secret."""

    def mutated(request: WebhookRequest, dice: Dice) -> WebhookRequest:
        other = secret
        while other == secret:
            other = _text(secret, dice)
        message = request.headers[TIME].encode() + request.body
        made = base64.b64encode(hmac.digest(other.encode(), message, hashlib.sha256)).decode()
        return request.evolve(headers=request.headers | {SIGNATURE: made})

    return mutated


def _password(request: WebhookRequest, dice: Dice) -> WebhookRequest:
    """Another user or password, well encoded."""
    pair = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
    made = base64.b64encode(_text(pair, dice).encode()).decode()
    return request.evolve(headers=request.headers | {"authorization": f"Basic {made}"})


def _mutations(request: WebhookRequest, secret: str) -> tuple[list[Mutation], list[Mutation]]:
    """What breaks the proof, and what may come with it and proves nothing."""
    if SIGNATURE in request.headers:
        return [_body, _header(SIGNATURE), _header(TIME), _late, _signed(secret)], []
    known = [_header("authorization"), _password] if "authorization" in request.headers else []
    return [_path, *known], [_body]


def _heard(request: WebhookRequest) -> tuple[object, ...]:
    """A delivery as HTTP lets it through."""
    headers = tuple(sorted((name.lower(), value.strip(" \t")) for name, value in request.headers.items()))
    return headers, request.body, request.path.removeprefix("/"), request.received_at


async def _read(vendor: str, account: Account, request: WebhookRequest) -> Delivery | None:
    try:
        return await vendors()[vendor].read_webhook(account, request)
    except DeliveryRefused:
        return None


@pytest.mark.parametrize("many", MANY)
@pytest.mark.parametrize(("vendor", "platform"), able("read_webhook"))
async def test_no_mutated_delivery_is_believed(vendor: str, platform: str, many: int) -> None:
    """The true delivery is taken before and after them, and each of so many is another one."""
    simulator, dice = vendors()[vendor].simulator(platform), Dice(SEED)
    account: Account = Account("ours", settings_of(vendor, platform), None)
    push = simulator.push(simulator.fill(2)[0])
    true = WebhookRequest(
        headers={name.lower(): value for name, value in push.headers.items()},
        body=push.body,
        path=push.path,
        received_at=datetime.fromtimestamp(simulator.clock.now(), UTC),
    )
    taken = await _read(vendor, account, true)
    assert taken is not None
    breaking, beside = _mutations(true, account.settings.webhook_secret.get_secret_value())
    sent, believed = {_heard(true)}, []
    while len(sent) <= many:
        mutated = dice.choice(breaking)(true, dice)
        if _heard(mutated) == _heard(true):
            continue
        for further in beside:
            mutated = further(mutated, dice) if dice.random() < 0.8 else mutated
        if _heard(mutated) in sent:
            continue
        sent.add(_heard(mutated))
        if await _read(vendor, account, mutated) is not None:
            believed.append(mutated)
    assert believed == []
    assert await _read(vendor, account, true) == taken
