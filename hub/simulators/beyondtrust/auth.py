"""OAuth2 client credentials: opaque tokens, at most thirty at a time, of which the oldest dies first."""

from __future__ import annotations

import base64
import binascii
import hmac
from urllib.parse import parse_qs

from hub.simulators.beyondtrust.state import State
from hub.simulators.kit import Call, Reply

DENIED = {"error": "access_denied", "message": "The resource owner or authorization server denied the request."}


def denied() -> Reply:
    """The answer to a token that is not good: JSON, on the XML interfaces too."""
    return Reply.json(DENIED, 401)


class Tokens:
    """The live tokens of the API account, oldest first."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._live: dict[str, float] = {}
        self._made = 0

    def login(self, call: Call) -> Reply:
        """A token for the right client; credentials come in a Basic header or in the form."""
        form = {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
        given = _basic(call) or (form.get("client_id", ""), form.get("client_secret", ""))
        if form.get("grant_type") != "client_credentials":
            return Reply.json({"error": "unsupported_grant_type", "message": "Unknown grant type."}, 400)
        seeds = self._state.seeds
        fits = [
            hmac.compare_digest(value.encode(), expected.encode())
            for value, expected in zip(given, (seeds.client_id, seeds.client_secret), strict=True)
        ]
        if not all(fits):
            return Reply.json({"error": "invalid_client", "message": "Client authentication failed."}, 401)
        self._made += 1
        token, seconds = self._state.ident("token", self._made), self._state.options.token_seconds
        self._live[token] = self._state.clock.now() + seconds
        while len(self._live) > self._state.options.most_tokens:
            del self._live[next(iter(self._live))]
        return Reply.json({"access_token": token, "token_type": "Bearer", "expires_in": seconds})

    def is_good(self, call: Call) -> bool:
        """Whether the call carries a live token."""
        scheme, _, token = call.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self._live.get(token, 0.0) > self._state.clock.now()

    def drop(self) -> None:
        """End all tokens, as a new client secret does."""
        self._live.clear()


def _basic(call: Call) -> tuple[str, str] | None:
    scheme, _, pair = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(pair, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret
