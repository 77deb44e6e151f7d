"""How to reach an account's system over HTTP: plain values, which a plugin's `hub_connect` returns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from hub.errors import BadInput, HubError, SettingsError, VendorMisbehaved
from hub.http.auth import Auth
from hub.http.body import pairs
from hub.http.reply import Reply

Explain = Callable[[Reply], HubError | None]
"""Returns the error for a vendor's documented error answer; None leaves it to the status."""

_PORTS = {"http": 80, "https": 443}
_ILLEGAL = re.compile(r"[\x00-\x1f\x7f\\]|(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?i)[a-z][a-z0-9+.-]*://")
_LEGAL = "/%:@!$&'()*+,;=-._~"


@dataclass(frozen=True)
class Connection:
    """Address, login and limits of one account's system. Raises SettingsError for an unusable address."""

    base_url: str
    auth: Auth | None = None
    explain: Explain | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    deadline: float = 60.0  # seconds for one call, including login and retries
    max_reply: int = 16 * 1024 * 1024  # bytes, decompressed
    ca_file: Path | None = None  # a private CA in PEM, trusted in addition to the public ones
    file_hosts: tuple[str, ...] = ()
    """Other hosts that files may be downloaded from, without credentials: names, or patterns such as *.example.com."""

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.base_url)
            usable = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable or parts.query or parts.fragment or "@" in parts.netloc:
            raise SettingsError(
                "base_url is not a plain http or https address",
                next_step="give scheme, host and path only, such as https://vendor.example/api",
            )

    @property
    def is_encrypted(self) -> bool:
        """Whether calls use TLS."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def origin(self) -> str:
        """Scheme and host of base_url, without a path."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def address(self, path: str, params: Mapping[str, Any] | None = None) -> str:
        """The full address of a path below base_url; the path may have a query.

        An absolute address must have base_url's origin. Any other raises VendorMisbehaved: some vendors return names
        of internal hosts. Raises BadInput for a path that climbs. Quote values from outside, such as a case number
        (`urllib.parse.quote(part, safe="")`).
        """
        if _ABSOLUTE.match(path):
            if not self.is_ours(path):
                raise VendorMisbehaved(
                    "the address is outside base_url; nothing was sent",
                    next_step="use its path only, or set base_url to its host",
                )
            parts = urlsplit(path)
            root, path = self.origin, parts.path + (f"?{parts.query}" if parts.query else "")
        else:
            root = self.base_url.rstrip("/")
        bare, mark, query = path.partition("?")
        if _ILLEGAL.search(bare):
            raise BadInput(
                "a path contains control characters, backslashes or dot segments", next_step="quote its parts"
            )
        bare = quote(bare.lstrip("/"), safe=_LEGAL)
        query = quote(query, safe=_LEGAL + "?[]")
        if params:
            query += ("&" if query else "") + urlencode(list(pairs(params)), quote_via=quote)
        return f"{root}/{bare}" + (f"?{query}" if query or mark else "")

    def is_ours(self, url: str) -> bool:
        """Whether an address is a path or has base_url's origin; credentials are sent nowhere else."""
        return not _ABSOLUTE.match(url) or _origin(url) == _origin(self.base_url)

    def elsewhere(self, url: str) -> str:
        """The address of a file on another host; raises VendorMisbehaved unless file_hosts allows the host.

        The scheme must be base_url's, so that no file of an encrypted vendor is downloaded unencrypted.
        """
        scheme, host, port = _origin(url)
        default_port = port == _PORTS.get(scheme)
        names = {host, f"{host}:{port}"} if default_port else {f"{host}:{port}"}
        allowed = any(fnmatchcase(name, pattern.lower()) for pattern in self.file_hosts for name in names)
        if scheme != urlsplit(self.base_url).scheme or "@" in urlsplit(url).netloc or not allowed:
            raise VendorMisbehaved(
                f"the file is on {host[:100] or 'an unreadable address'}, which file_hosts does not list",
                next_step="if it is the vendor's storage, add the host to the account's file_hosts",
            )
        return url


def _origin(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme, 0)
    except ValueError:
        return "", "", 0
