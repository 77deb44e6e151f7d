"""The appliance's login: OAuth2 client credentials in a Basic header, for an opaque token.

Source: docs.beyondtrust.com, "Authenticate to the Remote Support API".
"""

from __future__ import annotations

import base64
from collections.abc import MutableMapping
from typing import Any

from pydantic import SecretStr

from hub.http import Call, Reply, SessionLogin


class ApplianceLogin(SessionLogin):
    """Logs in with the API account; there is no logout."""

    def __init__(self, client_id: str, client_secret: SecretStr) -> None:
        self._client_id, self._client_secret = client_id, client_secret

    def login_request(self) -> Call:
        pair = f"{self._client_id}:{self._client_secret.get_secret_value()}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return Call("POST", "/oauth2/token", headers=headers, form={"grant_type": "client_credentials"})

    def read_token(self, reply: Reply) -> tuple[str, float | None]:
        told: dict[str, Any] = reply.json(dict)
        token, seconds = told.get("access_token"), told.get("expires_in")
        usable = isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
        if not usable or not token or str(told.get("token_type", "")).lower() != "bearer":
            raise reply.misbehaved("the login brought no bearer token", next_step="check base_url")
        life = float(seconds) if isinstance(seconds, (int, float)) and seconds > 0 else None
        return str(token), life

    def apply(self, headers: MutableMapping[str, str], token: str) -> None:
        headers["Authorization"] = f"Bearer {token}"
