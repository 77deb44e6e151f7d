"""Authentication: each flow says what to send and reads the answer; the client does the sending."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from hub.http.reply import Reply


@dataclass(frozen=True)
class Call:
    """One request of a login flow, in plain values. Its repr shows neither values nor body."""

    method: str
    path: str
    params: Mapping[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, Any] | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)


class Auth(ABC):
    """Credentials on each request."""

    @abstractmethod
    def apply(self, headers: MutableMapping[str, str], token: str) -> None:
        """Add the credentials to a request's headers; `token` is empty for flows without a login."""

    def is_refused(self, reply: Reply) -> bool:
        """Whether this answer refuses the credentials, so that a fresh login may help."""
        return reply.status == 401

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class HeaderAuth(Auth):
    """A fixed secret in a header of the vendor's choice."""

    def __init__(self, name: str, secret: SecretStr, *, prefix: str = "") -> None:
        self._name, self._secret, self._prefix = name, secret, prefix

    def apply(self, headers: MutableMapping[str, str], token: str) -> None:
        headers[self._name] = self._prefix + self._secret.get_secret_value()


class BearerAuth(HeaderAuth):
    """A fixed bearer token (RFC 6750)."""

    def __init__(self, secret: SecretStr) -> None:
        super().__init__("Authorization", secret, prefix="Bearer ")


class BasicAuth(Auth):
    """User and password on each request (RFC 7617, UTF-8)."""

    def __init__(self, user: str, password: SecretStr) -> None:
        self._user, self._password = user, password

    def apply(self, headers: MutableMapping[str, str], token: str) -> None:
        pair = f"{self._user}:{self._password.get_secret_value()}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"


class SessionLogin(Auth):
    """A login that yields a token, which each request then carries."""

    @abstractmethod
    def login_request(self) -> Call:
        """The request that logs in."""

    @abstractmethod
    def read_token(self, reply: Reply) -> tuple[str, float | None]:
        """The token and its lifetime in seconds (None: unknown), from the login's 2xx answer.

        Raise `reply.misbehaved(...)` when there is no token.
        """

    def logout_request(self, token: str) -> Call | None:
        """The request that ends the session, sent when the client closes; None if there is no logout."""
        return None


class OAuthLogin(SessionLogin):
    """A login with an OAuth 2 answer (RFC 6749): a bearer token, and perhaps its lifetime."""

    def apply(self, headers: MutableMapping[str, str], token: str) -> None:
        """Send the token as a bearer token (RFC 6750)."""
        headers["Authorization"] = f"Bearer {token}"

    def read_token(self, reply: Reply) -> tuple[str, float | None]:
        """The token and its lifetime in seconds; None if the answer does not give one."""
        answer = reply.json(dict)
        token, lifetime = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise reply.misbehaved("the login's answer has no token")
        usable = isinstance(lifetime, int | float) and not isinstance(lifetime, bool) and lifetime > 0
        return token, float(lifetime) if usable and lifetime is not None else None
