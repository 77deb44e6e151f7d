"""How an account's system is spoken to: pure values, which a plugin's `hub_connect` returns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from hub.errors import BadInput, HubError, SettingsError, VendorMisbehaved
from hub.http.auth import Auth
from hub.http.body import pairs
from hub.http.reply import Reply

Explain = Callable[[Reply], HubError | None]
"""Reads a vendor's documented error answer; None leaves it to the status."""

_PORTS = {"http": 80, "https": 443}
_ILLEGAL = re.compile(r"[\x00-\x1f\x7f\\]|(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_LEGAL = "/%:@!$&'()*+,;=-._~"


@dataclass(frozen=True)
class Connection:
    """Address, login and manners of one account's system. Raises SettingsError for an unusable address."""

    base_url: str
    auth: Auth | None = None
    explain: Explain | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    deadline: float = 60.0  # seconds for one call whole, login and repeats included
    max_reply: int = 16 * 1024 * 1024  # bytes, unpacked
    ca_file: Path | None = None  # a private CA in PEM, trusted besides the public ones

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.base_url)
            usable = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable or parts.query or parts.fragment or "@" in parts.netloc:
            raise SettingsError(
                "base_url is no plain http or https address",
                next_step="give scheme, host and path only, such as https://vendor.example/api",
            )

    @property
    def is_encrypted(self) -> bool:
        """Whether calls are made over TLS."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def origin(self) -> str:
        """Scheme and host of base_url, without a path."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def address(self, path: str, params: Mapping[str, Any] | None = None) -> str:
        """The whole address of a path below base_url, which may have a query of its own.

        An absolute address is taken when it has base_url's origin; another raises VendorMisbehaved, as
        vendors do hand out names of inner hosts. Raises BadInput for a path that climbs. What comes from
        outside, such as a case number, must be quoted (`urllib.parse.quote(part, safe="")`).
        """
        if re.match(r"(?i)[a-z][a-z0-9+.-]*://", path):
            if _origin(path) != _origin(self.base_url):
                raise VendorMisbehaved(
                    "an address outside base_url was to be called; nothing was sent",
                    next_step="take its path only, or set base_url to its host",
                )
            parts = urlsplit(path)
            root, path = self.origin, parts.path + (f"?{parts.query}" if parts.query else "")
        else:
            root = self.base_url.rstrip("/")
        bare, mark, query = path.partition("?")
        if _ILLEGAL.search(bare):
            raise BadInput(
                "a path holds control characters, backslashes or dot segments", next_step="quote its parts"
            )
        bare = quote(bare.lstrip("/"), safe=_LEGAL)
        query = quote(query, safe=_LEGAL + "?[]")
        if params:
            query += ("&" if query else "") + urlencode(list(pairs(params)), quote_via=quote)
        return f"{root}/{bare}" + (f"?{query}" if query or mark else "")


def _origin(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme, 0)
    except ValueError:
        return "", "", 0
