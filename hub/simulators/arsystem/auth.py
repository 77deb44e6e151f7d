"""Logins, tokens and the guest trap of AR-JWT."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

import msgspec

from hub.simulators.arsystem.errors import BAD_TOKEN, GUEST, LOGIN_FAILED, ArError, Message, bad_request
from hub.simulators.arsystem.options import Options
from hub.simulators.kit import Call, Clock, Reply

_PLAIN = "text/plain;charset=UTF-8"
_SIGNING = b"simulated"


@dataclass(slots=True)
class LoginSession:
    """One token's holder and its two deadlines, epoch seconds."""

    user: str
    guest: bool
    idle_until: float
    absolute_until: float


class Sessions:
    """The tokens that the server knows."""

    def __init__(self, users: dict[str, str], options: Options, clock: Clock) -> None:
        self.users, self.options, self.clock = users, options, clock
        self.open: dict[str, LoginSession] = {}
        self._issued = 0

    def login(self, call: Call) -> Reply:
        """Token as plain text; credentials from the form body or the query string.

        Wrong ones: ArError 401, or 200 with a guest's token where guests are allowed.
        """
        given = {**call.query, **dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))}
        user, password = given.get("username", ""), given.get("password", "")
        if not user:
            raise bad_request(LOGIN_FAILED, "User name is missing")
        valid = user in self.users and (
            self.users[user] == password or (not password and self.options.accept_blank_password)
        )
        if "login_refused" in call.faults:
            raise ArError(401, LOGIN_FAILED, "Authentication failed", user)
        if valid and "guest_login" not in call.faults:
            return self._granted(user, guest=False)
        if not valid and not self.options.allow_guests:
            raise ArError(401, LOGIN_FAILED, "Authentication failed", user)
        reply = self._granted(user, guest=True)
        notice = Message("WARNING", "User login failed; you are connected as a guest user", user, GUEST)
        reply.headers["X-AR-Messages"] = msgspec.json.encode([notice]).decode()
        return reply

    def _granted(self, user: str, *, guest: bool) -> Reply:
        now = self.clock.now()
        self._issued += 1
        idle, absolute = now + self.options.token_seconds, now + self.options.absolute_seconds
        token = _token(user, int(now), int(idle), int(absolute), self._issued)
        self.open[token] = LoginSession(user, guest, idle, absolute)
        headers = {"Content-Type": _PLAIN, "Set-Cookie": f"AR-JWT={token}; Path=/; HttpOnly"}
        return Reply(200, token.encode(), headers)

    def session(self, call: Call) -> tuple[str, LoginSession | None]:
        """The token of a call and its live session; a stored AR-JWT cookie wins over the header."""
        token = ""
        scheme, _, credentials = call.headers.get("Authorization", "").partition(" ")
        if scheme == "AR-JWT":
            token = credentials.strip()
        if "Cookie" in call.headers:
            token = _cookie(call.headers["Cookie"]) or token
        session = self.open.get(token)
        now = self.clock.now()
        if session is not None and now >= min(session.idle_until, session.absolute_until):
            del self.open[token]
            return token, None
        return token, session

    def touch(self, session: LoginSession) -> dict[str, str]:
        """Extend the idle deadline; returns the headers with both deadlines."""
        session.idle_until = self.clock.now() + self.options.token_seconds
        return {
            "Session-Expiration": _date(int(session.idle_until)),
            "Absolute-Session-Expiration": _date(int(session.absolute_until)),
        }

    def drop(self, user: str | None = None) -> None:
        """Revoke all tokens, or those of one user."""
        self.open = {t: s for t, s in self.open.items() if user is not None and s.user != user}

    def logout(self, token: str) -> Reply:
        """Release a token: 204."""
        self.open.pop(token, None)
        return Reply(204)


def unauthorized() -> ArError:
    """The 401 for a missing, expired or unknown token."""
    return ArError(401, BAD_TOKEN, "Authentication failed", "session token is missing, expired or not valid")


def _cookie(header: str) -> str:
    jar = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return ""
    return jar["AR-JWT"].value if "AR-JWT" in jar else ""


@lru_cache(maxsize=4096)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def _token(user: str, now: int, idle: int, absolute: int, serial: int) -> str:
    claims = {
        "sub": user,
        "iss": "simulated.ar.example",
        "iat": now,
        "nbf": now - 120,
        "exp": idle,
        "_absoluteExpirationTime": absolute,
        "_cacheId": serial,
    }
    body = f"{_b64(msgspec.json.encode({'alg': 'HS256', 'typ': 'JWT'}))}.{_b64(msgspec.json.encode(claims))}"
    return f"{body}.{_b64(hmac.digest(_SIGNING, body.encode(), hashlib.sha256))}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
