"""Who asks: an API token with its user's address, or a token of OAuth."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from hub.simulators.kit import Call, Reply
from hub.simulators.zendesk.replies import document, unauthorized
from hub.simulators.zendesk.state import State, User

LIFE = 172_800  # seconds of an access token


class Logins:
    """The tokens that were given out."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.access: dict[str, float] = {}
        """Until when each access token is good."""
        self.refresh = {"example-refresh-token"}

    def who(self, call: Call) -> User | None:
        """The user of a call, None for nobody; Refused for credentials that are none."""
        kind, _, proof = call.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        if kind == "Bearer" and self.access.get(proof, 0.0) > self._state.clock.now():
            return self._state.ours()
        if kind == "Basic":
            return self._by_token(proof)
        raise unauthorized()

    def _by_token(self, proof: str) -> User:
        try:
            name, _, token = base64.b64decode(proof, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise unauthorized() from None
        user = self._state.user(name.removesuffix("/token"))
        if not name.endswith("/token") or token != self._state.seeds.api_token or user is None:
            raise unauthorized()  # passwords are switched off
        return user

    def grant(self, call: Call) -> Reply:
        """A token for a client, or for a refresh token, which is then replaced."""
        try:
            told: Any = msgspec.json.decode(call.body)
        except msgspec.DecodeError:
            told = {}
        seeds, given = self._state.seeds, told if isinstance(told, dict) else {}
        if (given.get("client_id"), given.get("client_secret")) != (seeds.client_id, seeds.client_secret):
            return document(
                {"error": "invalid_client", "error_description": "Client authentication failed"}, 401
            )
        kind, old = given.get("grant_type"), given.get("refresh_token")
        if kind == "refresh_token" and old in self.refresh:
            self.refresh.discard(old)
            self.access.clear()
        elif kind != "client_credentials":
            return document({"error": "invalid_grant", "error_description": "The grant is invalid"}, 400)
        access, fresh = self._state.secret("access"), self._state.secret("refresh")
        life = given.get("expires_in") or LIFE
        self.access[access] = self._state.clock.now() + life
        told = {"access_token": access, "token_type": "bearer", "scope": "read write", "expires_in": life}
        if kind == "refresh_token":
            self.refresh.add(fresh)
            told["refresh_token"] = fresh
        return document(told)
