"""The token endpoint and the authentication of calls."""

from __future__ import annotations

import base64
import secrets
from urllib.parse import parse_qsl

from hub.simulators.kit import Call, Clock, Reply
from hub.simulators.servicenow.options import Options, Seeds
from hub.simulators.servicenow.replies import plain


class Logins:
    """The OAuth client's token, the API key, and the user's password."""

    def __init__(self, seeds: Seeds, options: Options, clock: Clock) -> None:
        self.seeds, self.options, self.clock = seeds, options, clock
        self.token, self.until = "", 0.0
        self.refresh = secrets.token_urlsafe(24)

    def end(self) -> None:
        """End the token."""
        self.until = 0.0

    def is_known(self, call: Call) -> bool:
        """Whether a call's credentials are valid."""
        if (given := call.headers.get("x-sn-apikey")) is not None:
            return secrets.compare_digest(given.encode(), self.seeds.api_key.encode())
        kind, _, proof = call.headers.get("Authorization", "").partition(" ")
        if kind == "Bearer":
            return bool(self.token) and proof == self.token and self.until > self.clock.now()
        pair = base64.b64encode(f"{self.seeds.user}:{self.seeds.password}".encode()).decode()
        return kind == "Basic" and secrets.compare_digest(proof.encode(), pair.encode())

    def login(self, call: Call) -> Reply:
        """A token for the grant; a token that is still valid is returned again, with its remaining lifetime."""
        given = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        seeds = self.seeds
        client = (given.get("client_id"), given.get("client_secret")) == (seeds.client_id, seeds.client_secret)
        person = (given.get("username"), given.get("password")) == (seeds.user, seeds.password)
        grant = given.get("grant_type")
        good = client and (
            grant == "client_credentials"
            or (grant == "password" and person)
            or (grant == "refresh_token" and given.get("refresh_token") == self.refresh)
        )
        if not good or call.method != "POST" or "login_refused" in call.faults:
            return plain({"error_description": "access_denied", "error": "server_error"}, 401)
        if self.until <= self.clock.now():
            self.token, self.until = secrets.token_urlsafe(32), self.clock.now() + self.options.token_seconds
        reply = {
            "access_token": self.token,
            "scope": "useraccount",
            "token_type": "Bearer",
            "expires_in": int(self.until - self.clock.now()),
        }
        return plain(reply if grant == "client_credentials" else reply | {"refresh_token": self.refresh})
