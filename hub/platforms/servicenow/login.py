"""Logs in at an instance: OAuth, a key or user and password.

Source: "OAuth API request parameters" and "Configure API key" of ServiceNow's documentation.
"""

from __future__ import annotations

from pydantic import SecretStr

from hub.http import Auth, BasicAuth, Call, HeaderAuth, OAuthLogin
from hub.platforms.servicenow.settings import Settings

TOKEN_PATH = "/oauth_token.do"  # noqa: S105 - a path


def auth(settings: Settings) -> Auth:
    """The login that the account's auth_mode names."""
    if settings.auth_mode == "apikey":
        return HeaderAuth("x-sn-apikey", settings.api_key or SecretStr(""))
    if settings.auth_mode == "basic":
        return BasicAuth(settings.username, settings.password or SecretStr(""))
    return TokenLogin(settings)


class TokenLogin(OAuthLogin):
    """A token; asking again may bring the same one with what is left of its life, as the reply says."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def login_request(self) -> Call:
        """The call that asks for a token, all in its body."""
        given = self._settings
        form = {"client_id": given.client_id, "client_secret": _plain(given.client_secret)}
        if given.auth_mode == "oauth_cc":
            form |= {"grant_type": "client_credentials"}
        else:
            form |= {"grant_type": "password", "username": given.username, "password": _plain(given.password)}
        return Call("POST", TOKEN_PATH, form=form)


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
