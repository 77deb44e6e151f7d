"""Authentication by an API token with an e-mail address or by an OAuth token; and the OAuth tokens."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

import msgspec

from hub.simulators.kit import Call, Reply
from hub.simulators.zendesk.replies import Refused, document, unknown_caller
from hub.simulators.zendesk.state import ME, State, stamp


class Logins:
    """The valid tokens."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._refresh = state.seeds.refresh_token
        self._access: dict[str, float | None] = {}
        """When each token expires; None is never."""

    def expire(self) -> None:
        """End all OAuth tokens."""
        self._access.clear()

    def caller(self, call: Call) -> int:
        """The user's id, 0 without credentials; Refused for wrong credentials."""
        kind, _, proof = call.headers.get("Authorization", "").partition(" ")
        if not kind:
            return 0
        if kind.lower() == "bearer" and self._is_good(proof):
            return ME
        if kind.lower() == "basic":
            return self._basic(proof)
        raise unknown_caller()

    def token(self, call: Call) -> Reply:
        """New tokens for a refresh token or client credentials; the old tokens end immediately."""
        try:
            given = msgspec.json.decode(call.body or b"{}", type=dict[str, Any])
        except msgspec.MsgspecError:
            raise Refused(400, "invalid_request", "The body is not a JSON object") from None
        seeds = self._state.seeds
        if (given.get("client_id"), given.get("client_secret")) != (seeds.client_id, seeds.client_secret):
            raise Refused(401, "invalid_client", "Client authentication failed")
        grant = given.get("grant_type")
        if grant not in {"refresh_token", "client_credentials"}:
            raise Refused(400, "unsupported_grant_type", "The grant type is not supported")
        if grant == "refresh_token" and given.get("refresh_token") != self._refresh:
            raise Refused(400, "invalid_grant", "The refresh token is invalid, expired or revoked")
        life = float(given.get("expires_in") or self._state.options.token_seconds)
        self._access.clear()
        made = self._state.new_token()
        self._access[made] = self._state.clock.now() + life if life else None
        tokens: dict[str, Any] = {"access_token": made, "token_type": "bearer", "scope": "read write"}
        if grant == "refresh_token":
            self._refresh = tokens["refresh_token"] = self._state.new_token()
        self._state.ledger.store("session", str(self._state.new_id()), at=self._state.clock.now(), by=str(ME))
        return document(tokens | ({"expires_in": int(life)} if life else {}))

    def current(self, call: Call) -> Reply:
        """The description of the caller's token."""
        until = self._access.get(call.headers.get("Authorization", "").partition(" ")[2])
        return document({"token": {"id": 1, "user_id": ME, "expires_at": stamp(until) if until else None}})

    def _is_good(self, token: str) -> bool:
        if token not in self._access:
            return False
        until = self._access[token]
        return until is None or self._state.clock.now() < until

    def _basic(self, proof: str) -> int:
        try:
            user, _, token = base64.b64decode(proof).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise unknown_caller() from None
        email, _, mark = user.rpartition("/")
        right = hmac.compare_digest(token.encode(), self._state.seeds.api_token.encode())
        user_ids = [user["id"] for user in self._state.users.values() if user["email"].lower() == email.lower()]
        if mark != "token" or not right or not user_ids:
            raise unknown_caller()
        return int(user_ids[0])
