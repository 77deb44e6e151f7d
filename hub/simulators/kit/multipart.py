"""Splits a multipart/form-data body, with its bytes unchanged."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*(name|filename)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


@dataclass(slots=True)
class FormPart:
    """One part of a form: field name, file name if any, media type and bytes."""

    name: str
    filename: str | None
    content_type: str
    data: bytes = field(repr=False)


def split_multipart(body: bytes, content_type: str) -> list[FormPart]:
    """The parts in order; ValueError when the framing is broken (RFC 7578)."""
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise ValueError("multipart body without a boundary; name one in Content-Type")
    mark = b"--" + (match[1] or match[2]).encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ValueError("multipart body is not closed; send the final boundary")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> FormPart:
    head, gap, data = piece.partition(b"\r\n\r\n")
    if not gap:
        raise ValueError("multipart part without an empty line after its headers")
    disposition, media = "", "text/plain"
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            disposition = value
        elif name.strip().lower() == "content-type":
            media = value.strip()
    named = {key.lower(): _plain(value) for key, value in _PARAMETER.findall(disposition)}
    if "name" not in named:
        raise ValueError("multipart part without a name; send Content-Disposition: form-data; name=...")
    return FormPart(named["name"], named.get("filename"), media, data)


def _plain(value: str) -> str:
    return unquote(re.sub(r"\\(.)", r"\1", value))
