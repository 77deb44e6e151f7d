"""A cookie jar that stays empty: cookies of vendors are never stored or sent."""

from __future__ import annotations

from http.client import HTTPResponse
from http.cookiejar import CookieJar
from urllib.request import Request


class NoCookies(CookieJar):
    """Stores no cookies and sends none."""

    def extract_cookies(self, response: HTTPResponse, request: Request) -> None:
        """Ignore the reply's cookies."""

    def add_cookie_header(self, request: Request) -> None:
        """Add nothing."""
