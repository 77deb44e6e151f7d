"""A vendor's answer: status, headers and body, read strictly."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar, overload
from xml.etree.ElementTree import Element, ParseError

import httpx
import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from hub.errors import VendorMisbehaved
from hub.markup.characters import storable_json

T = TypeVar("T")

MAX_DEPTH = 64
MAX_VALUES = 1_000_000
"""Values in one body: a report of 10,000 sessions has half of that; each costs about 100 bytes of memory."""

_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id", "x-transaction-id", "x-amzn-requestid")


@dataclass(frozen=True)
class Reply:
    """One complete answer. Header names are case-insensitive. Its repr shows no body."""

    status: int
    headers: httpx.Headers = field(repr=False)
    content: bytes = field(repr=False)
    method: str = ""
    path: str = ""  # without query
    vendor: str = ""
    account: str = ""

    @property
    def request_id(self) -> str:
        """The vendor's own id of the call: at most 100 printable characters, or empty."""
        for name in _REQUEST_IDS:
            value = str(self.headers.get(name, ""))
            if value:
                return value[:100] if value.isprintable() else ""
        return ""

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()

    @property
    def date(self) -> int | None:
        """The Date header in epoch seconds; None when it is missing or not a time."""
        try:
            return int(parsedate_to_datetime(str(self.headers.get("date", ""))).timestamp())
        except (TypeError, ValueError, OverflowError):
            return None

    def text(self) -> str:
        """The body as UTF-8 text; raises VendorMisbehaved when it is not UTF-8."""
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            raise self.misbehaved("the body is not UTF-8") from None

    @overload
    def json(self) -> Any: ...
    @overload
    def json(self, kind: type[T]) -> T: ...
    def json(self, kind: Any = Any) -> Any:
        """The body as a JSON value of the given type (dict, list, a msgspec.Struct ...).

        Characters that can't be stored (NUL, half a surrogate pair, bytes that are not UTF-8) become U+FFFD, wherever
        they are. Raises VendorMisbehaved for anything else: another type, HTML, NaN, more than 64 levels, more than
        `MAX_VALUES` values, which is judged before anything is built. The message names the problem and never quotes
        the body.
        """
        if self.media_type in {"text/html", "application/xhtml+xml"} or self.content.lstrip()[:1] == b"<":
            page = self.misbehaved(
                "the answer is an HTML page instead of JSON", next_step="check the address and the login"
            )
            page.passing = True  # often a proxy's page during maintenance
            raise page
        nested = self.content.count(b"[") + self.content.count(b"{")
        self._check_values(nested + self.content.count(b","))
        try:
            value = msgspec.json.decode(storable_json(self.content), type=kind)
        except msgspec.ValidationError as error:
            raise self.misbehaved(f"the JSON does not have the documented form: {_without_values(error)}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self.misbehaved("the body is not JSON, or is nested too deeply") from None
        if nested > MAX_DEPTH and _is_deep(value):
            raise self.misbehaved("the JSON is nested too deeply")
        return value

    def xml(self) -> Element:
        """The root of an XML body.

        Raises VendorMisbehaved for anything else, for DTDs and entities, and for more than `MAX_VALUES` elements and
        attributes, which is judged before anything is built.
        """
        self._check_values(self.content.count(b"<") + self.content.count(b"="))
        try:
            root: Element = fromstring(self.content, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            raise self.misbehaved("the body is not plain XML", next_step="check base_url") from None
        return root

    def _check_values(self, most: int) -> None:
        if most > MAX_VALUES:
            raise self.misbehaved(
                f"the body may hold more than {MAX_VALUES} values",
                next_step="use smaller pages, or report this to the vendor",
            )

    def misbehaved(self, problem: str, *, next_step: str = "") -> VendorMisbehaved:
        """The error for an answer that is not as documented, with what is known about the call."""
        return VendorMisbehaved(
            f"{self.method} {self.path}: {problem}",
            next_step=next_step,
            vendor=self.vendor,
            account=self.account,
            request_id=self.request_id,
        )


def _without_values(error: msgspec.ValidationError) -> str:
    """msgspec's message names types and the place, but quotes an unknown choice."""
    text = str(error)
    where = text.rpartition(" - at ")[2] if " - at " in text else "`$`"
    return text if text.startswith(("Expected", "Object missing")) else f"invalid value - at {where}"


def _inside(values: list[Any]) -> list[Any]:
    children: list[Any] = []
    for value in values:
        if isinstance(value, dict):
            children.extend(value.values())
        elif isinstance(value, (list, tuple)):
            children.extend(value)
        else:
            children.extend(getattr(value, name) for name in value.__struct_fields__)
    return children


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [item for item in level if isinstance(item, (dict, list, tuple, msgspec.Struct))]
        if not level:
            return False
        level = _inside(level)
    return True
