"""Logs in at an account: an API token, an OAuth token that does not end, or an OAuth client.

Source: zenpy for the token; singer-io/tap-zendesk, oauth.py, for the OAuth call. The grant client_credentials is known
of newer accounts only by hearsay. A refresh token is not used: each use replaces it, and the hub keeps no secrets.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr

from hub.http import Auth, BasicAuth, BearerAuth, Call, OAuthLogin
from hub.platforms.zendesk.settings import Settings

NOTHING = SecretStr("")


def auth(settings: Settings) -> Auth:
    """The login that the account's settings name."""
    if settings.login == "bearer":
        return BearerAuth(settings.access_token or NOTHING)
    if settings.login == "client":
        return ClientLogin(settings)
    return BasicAuth(f"{settings.email}/token", settings.api_token or NOTHING)


class ClientLogin(OAuthLogin):
    """A token for an OAuth client, asked for at the host itself and renewed when it ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def login_request(self) -> Call:
        """The call that asks for a token, all in its body."""
        given = self._settings
        parts = urlsplit(given.base_url)
        asked = {
            "grant_type": "client_credentials",
            "scope": "read write",
            "client_id": given.client_id,
            "client_secret": (given.client_secret or NOTHING).get_secret_value(),
        }
        return Call("POST", f"{parts.scheme}://{parts.netloc}/oauth/tokens", json=asked)
