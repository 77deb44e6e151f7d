"""XML documents as the appliance writes them."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from hub.simulators.kit import Reply

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Refused(Exception):
    """An error document: the XML interfaces answer it with HTTP 200."""


def tag(name: str, inner: str = "", /, **attributes: object) -> str:
    """One element; `inner` is XML already."""
    given = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given} />"


def text(name: str, value: object, /, **attributes: object) -> str:
    """One element with text."""
    return tag(name, escape(str(value)), **attributes)


def body(value: str) -> str:
    """A message, in base64 where XML can't contain it."""
    if _ILLEGAL.search(value):
        return text("encoded_body", base64.b64encode(value.encode()).decode())
    return text("body", value)


def moment(name: str, at: float, attribute: str = "timestamp") -> str:
    """A time: ISO 8601 as text and epoch seconds as an attribute."""
    return text(name, datetime.fromtimestamp(int(at), UTC).isoformat(), **{attribute: int(at)})


def document(root: str, inner: str, namespace: str, **attributes: object) -> Reply:
    """A whole document, HTTP 200."""
    made = tag(root, inner, xmlns=namespace, **attributes)
    data = f'<?xml version="1.0" encoding="UTF-8"?>\n{made}'.encode()
    return Reply(200, data, {"Content-Type": "text/xml; charset=UTF-8"})


def error(words: str, namespace: str) -> Reply:
    """The error document."""
    return document("error", escape(words), namespace)
