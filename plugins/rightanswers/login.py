"""The tenant's login: a JSON web token by GET, which lives as long as it says itself.

Source: open clients of the interface. Older builds answer with the token alone.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import MutableMapping

import msgspec

from hub.http import BasicAuth, Call, Reply, SessionLogin

from .settings import KnowledgeSettings


class _Claims(msgspec.Struct):
    exp: float
    iat: float = 0.0


class TenantLogin(SessionLogin):
    """Logs in with user and password, and again before the token ends."""

    def __init__(self, settings: KnowledgeSettings) -> None:
        self._params = {"companyCode": settings.company_code, "appInterface": settings.app_interface}
        self._proof: dict[str, str] = {}
        BasicAuth(settings.username, settings.password).apply(self._proof, "")

    def login_request(self) -> Call:
        return Call("GET", "/api/rest/login", params=self._params, headers=self._proof)

    def read_token(self, reply: Reply) -> tuple[str, float | None]:
        """The token and its life: the time between its claims, as the clocks need not agree."""
        token = reply.text().strip()
        if token.startswith("{"):
            told = reply.json(dict).get("jwtoken")
            token = told if isinstance(told, str) else ""
        try:
            head, body, _ = token.split(".")
            claims = msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=_Claims)
        except (ValueError, binascii.Error, msgspec.DecodeError):
            raise reply.misbehaved("the login brought no token", next_step="check base_url") from None
        if not head or not token.isascii():
            raise reply.misbehaved("the login brought no token", next_step="check base_url")
        return token, claims.exp - claims.iat if claims.iat else None

    def apply(self, headers: MutableMapping[str, str], token: str) -> None:
        headers["Authorization"] = f"Bearer {token}"
