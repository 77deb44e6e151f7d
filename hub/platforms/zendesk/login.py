"""Logs in to an account: with an API token, an OAuth token that does not expire, or an OAuth client.

Source: zenpy for the token; singer-io/tap-zendesk, oauth.py, for the OAuth call. The grant client_credentials for newer
accounts is unconfirmed. Refresh tokens are not used: each use replaces them, and the hub stores no secrets.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr

from hub.http import Auth, BasicAuth, BearerAuth, Call, OAuthLogin
from hub.platforms.zendesk.settings import Settings

NO_SECRET = SecretStr("")


def auth(settings: Settings) -> Auth:
    """The login that the account's settings name."""
    if settings.login == "bearer":
        return BearerAuth(settings.access_token or NO_SECRET)
    if settings.login == "client":
        return ClientLogin(settings)
    return BasicAuth(f"{settings.email}/token", settings.api_token or NO_SECRET)


class ClientLogin(OAuthLogin):
    """A token for an OAuth client, requested from the host itself and renewed when it expires."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def login_request(self) -> Call:
        """The call that requests a token, with all values in its body."""
        settings = self._settings
        parts = urlsplit(settings.base_url)
        body = {
            "grant_type": "client_credentials",
            "scope": "read write",
            "client_id": settings.client_id,
            "client_secret": (settings.client_secret or NO_SECRET).get_secret_value(),
        }
        return Call("POST", f"{parts.scheme}://{parts.netloc}/oauth/tokens", json=body)
