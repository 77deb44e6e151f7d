"""Logs in to an instance, with OAuth, a key, or user and password.

Source: "OAuth API request parameters" and "Configure API key" of ServiceNow's documentation.
"""

from __future__ import annotations

from pydantic import SecretStr

from hub.http import Auth, BasicAuth, Call, HeaderAuth, OAuthLogin
from hub.platforms.servicenow.settings import Settings

LOGIN_PATH = "/oauth_token.do"


def auth(settings: Settings) -> Auth:
    """The login that the account's auth_mode names."""
    if settings.auth_mode == "apikey":
        return HeaderAuth("x-sn-apikey", settings.api_key or SecretStr(""))
    if settings.auth_mode == "basic":
        return BasicAuth(settings.username, settings.password or SecretStr(""))
    return TokenLogin(settings)


class TokenLogin(OAuthLogin):
    """An OAuth token; a new request may return the same token with the rest of its lifetime."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def login_request(self) -> Call:
        """The call that requests a token, with all values in its body."""
        settings = self._settings
        form = {"client_id": settings.client_id, "client_secret": _plain(settings.client_secret)}
        if settings.auth_mode == "oauth_cc":
            form |= {"grant_type": "client_credentials"}
        else:
            form |= {"grant_type": "password", "username": settings.username, "password": _plain(settings.password)}
        return Call("POST", LOGIN_PATH, form=form)


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
