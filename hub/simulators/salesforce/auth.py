"""The token endpoint and the sessions that it opens: signed assertions and client credentials."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

import jwt
import msgspec

from hub.simulators.kit import Call, Clock, Reply
from hub.simulators.salesforce.errors import JSON, LoginError
from hub.simulators.salesforce.options import Options, Seeds

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(slots=True)
class LoginSession:
    """A token's user, and when it expires if unused, in epoch seconds."""

    user: str
    until: float


class Sessions:
    """The app that is registered at the org, and its tokens."""

    def __init__(self, seeds: Seeds, options: Options, clock: Clock, public_key: str) -> None:
        self.seeds, self.options, self.clock, self.public_key = seeds, options, clock, public_key
        self.open: dict[str, LoginSession] = {}

    def session(self, call: Call) -> LoginSession | None:
        """The session of a call's token, while it lasts."""
        kind, _, token = call.headers.get("Authorization", "").partition(" ")
        session = self.open.get(token) if kind in ("Bearer", "OAuth") else None
        if session is None or session.until <= self.clock.now():
            return None
        return session

    def touch(self, session: LoginSession) -> None:
        """Restart the idle time."""
        session.until = self.clock.now() + self.options.session_seconds

    def login(self, call: Call) -> Reply:
        """A token for the grant; raises LoginError when the grant is invalid."""
        if call.method != "POST":
            raise LoginError("invalid_request", "must use HTTP POST")
        given = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        if "login_refused" in call.faults:
            raise LoginError("invalid_grant", "authentication failure")
        match given.get("grant_type"):
            case grant if grant == JWT_BEARER:
                self._check_assertion(given.get("assertion", ""))
                return self._granted(call, {})
            case "client_credentials":
                self._check_client(call, given)
                now = str(int(self.clock.now() * 1000))
                more = {"signature": base64.b64encode(hashlib.sha256(now.encode()).digest()).decode()}
                return self._granted(call, {**more, "issued_at": now})
        raise LoginError("unsupported_grant_type", "grant type not supported")

    def _check_assertion(self, assertion: str) -> None:
        try:
            claims = jwt.decode(
                assertion,
                self.public_key,
                algorithms=["RS256"],
                options={"verify_aud": False, "verify_exp": False, "verify_sub": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            raise LoginError("invalid_grant", "invalid assertion") from None
        if claims.get("iss") != self.seeds.consumer_key:
            raise LoginError("invalid_client_id", "client identifier invalid")
        if claims.get("aud") != self.options.audience:
            raise LoginError("invalid_grant", "audience is invalid")
        try:
            left = float(claims.get("exp", "")) - self.clock.now()  # a number, or one in quotes
        except (TypeError, ValueError):
            raise LoginError("invalid_grant", "expired authorization code") from None
        if not 0 < left <= self.options.assertion_seconds + 30:
            raise LoginError("invalid_grant", "expired authorization code")
        if claims.get("sub") != self.seeds.user or not self.seeds.approved:
            raise LoginError("invalid_grant", "user hasn't approved this consumer")

    def _check_client(self, call: Call, given: dict[str, str]) -> None:
        client, secret = given.get("client_id", ""), given.get("client_secret", "")
        kind, _, packed = call.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            try:
                pair = base64.b64decode(packed).decode()
            except ValueError:
                pair = ""
            client, _, secret = (unquote(part) for part in pair.partition(":"))
        if client != self.seeds.consumer_key:
            raise LoginError("invalid_client_id", "client identifier invalid")
        if not secrets.compare_digest(secret.encode(), self.seeds.consumer_secret.encode()):
            raise LoginError("invalid_client", "invalid client credentials")
        if not self.seeds.run_as:
            raise LoginError("invalid_grant", "no client credentials user enabled")

    def _granted(self, call: Call, more: dict[str, str]) -> Reply:
        token = f"{self.seeds.org_id[:15]}!{secrets.token_urlsafe(48)}"
        self.open[token] = LoginSession(self.seeds.user, self.clock.now() + self.options.session_seconds)
        grant = {
            "access_token": token,
            "scope": "web api",
            "instance_url": f"http://{call.headers.get('Host', 'localhost')}",
            "id": f"https://login.salesforce.com/id/{self.seeds.org_id}/0055e000000XyZaAAK",
            "token_type": "Bearer",
            **more,
        }
        if (rule := call.faults.get("other_instance")) is not None:
            grant["instance_url"] = str(rule.value or "https://elsewhere.my.salesforce.com")
        if "no_instance" in call.faults:
            del grant["instance_url"]
        return Reply(200, msgspec.json.encode(grant), dict(JSON))
