"""A cookie jar that stays empty: no vendor's cookie is ever kept or sent."""

from __future__ import annotations

from http.client import HTTPResponse
from http.cookiejar import CookieJar
from urllib.request import Request


class NoCookies(CookieJar):
    """Takes nothing in and gives nothing out."""

    def extract_cookies(self, response: HTTPResponse, request: Request) -> None:
        """Leave the reply's cookies where they are."""

    def add_cookie_header(self, request: Request) -> None:
        """Add nothing."""
