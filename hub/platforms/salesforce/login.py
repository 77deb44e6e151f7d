"""Logs in at the org's own domain, with a signed assertion or the app's secret.

Source: RFC 7523; "OAuth 2.0 JWT Bearer Flow" and "Client Credentials Flow" of Salesforce Help.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import jwt
from pydantic import SecretStr

from hub.errors import SettingsError
from hub.http import Call, OAuthLogin, Reply
from hub.platforms.salesforce.settings import Settings

LOGIN_PATH = "/services/oauth2/token"
ASSERTION_SECONDS = 150
"""How long an assertion is valid; Salesforce accepts about three minutes at most."""


class TokenLogin(OAuthLogin):
    """A session of the org. It has no known end, so it is renewed when the org refuses the token."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def login_request(self) -> Call:
        """The call that requests a token."""
        settings = self._settings
        if settings.uses_app_secret:
            form = {
                "grant_type": "client_credentials",
                "client_id": settings.consumer_key,
                "client_secret": _secret(settings.consumer_secret),
            }
            return Call("POST", LOGIN_PATH, form=form)
        claims = {
            "iss": settings.consumer_key,
            "sub": settings.username,
            "aud": settings.login_host,
            "exp": int(time.time()) + ASSERTION_SECONDS,
        }
        assertion = jwt.encode(claims, _secret(settings.private_key), algorithm="RS256")
        grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return Call("POST", LOGIN_PATH, form={"grant_type": grant, "assertion": assertion})

    def read_token(self, reply: Reply) -> tuple[str, float | None]:
        """The token; raises VendorMisbehaved if it is for another org."""
        token, _ = super().read_token(reply)
        instance = reply.json(dict).get("instance_url")
        if not isinstance(instance, str):
            raise reply.misbehaved("the login's answer has no instance_url")
        if _origin(instance) != _origin(self._settings.base_url):
            raise reply.misbehaved(
                f"the login is for another host, {(urlsplit(instance).hostname or 'unnamed')[:100]}",
                next_step="set base_url to the org's My Domain",
            )
        return token, None


def _secret(value: SecretStr | None) -> str:
    if value is None:
        raise SettingsError("the account has no secret for its login", next_step="set private_key or consumer_secret")
    return value.get_secret_value()


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme.lower(), parts.netloc.lower()
