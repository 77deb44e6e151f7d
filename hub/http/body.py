"""Builds request bodies: JSON, forms, raw bytes, and multipart that streams files in constant memory.

The multipart boundary is derived from the content, so that a preview shows exactly the bytes that will be sent
(RFC 7578, RFC 2046 section 5.1).
"""

from __future__ import annotations

import hashlib
import json as jsonlib
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from hub.errors import BadInput

Content = str | bytes | AsyncIterable[bytes]
LARGE = 524288  # bytes; a larger body is sent in pieces, so that it never holds up the others
PIECE = 65536


@dataclass(frozen=True)
class MultipartPart:
    """One part of a multipart form."""

    content: Content = field(repr=False)
    filename: str | None = None
    media_type: str = ""  # empty: text parts carry none, files are application/octet-stream
    size: int | None = None  # bytes of streamed content if known; then the request has a Content-Length
    sha256: str = ""  # of streamed content if known; then the boundary is the same each time


PartLike = MultipartPart | str | bytes | tuple[str | None, Content] | tuple[str | None, Content, str]
Files = Mapping[str, PartLike] | Sequence[tuple[str, PartLike]]


@dataclass(frozen=True)
class Streamed:
    """A piece of a body that comes in chunks and can be read once."""

    chunks: AsyncIterable[bytes]
    size: int | None = None  # bytes, if known


@dataclass(frozen=True)
class Body:
    """A request's body."""

    media_type: str = ""
    pieces: tuple[bytes | Streamed, ...] = field(default=(), repr=False)

    @property
    def length(self) -> int | None:
        """Bytes in total, or None when the size of a streamed piece is unknown."""
        sizes = [len(piece) if isinstance(piece, bytes) else piece.size for piece in self.pieces]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None

    @property
    def replayable(self) -> bool:
        """Whether the body can be sent a second time."""
        return all(isinstance(piece, bytes) for piece in self.pieces)

    @property
    def whole(self) -> bytes | None:
        """The body in one piece, or None when it is streamed or too large."""
        whole = [piece for piece in self.pieces if isinstance(piece, bytes)]
        if len(whole) < len(self.pieces) or sum(map(len, whole)) > LARGE:
            return None
        return b"".join(whole)

    async def stream(self) -> AsyncIterator[bytes]:
        """The body in pieces of limited size; raises BadInput when a stream differs from its declared size."""
        for piece in self.pieces:
            if isinstance(piece, bytes):
                for start in range(0, len(piece), PIECE):
                    yield piece[start : start + PIECE]
                continue
            size = 0
            async for chunk in piece.chunks:
                size += len(chunk)
                if piece.size is not None and size > piece.size:
                    raise BadInput("a streamed file is longer than its declared size", next_step="give the real size")
                yield chunk
            if piece.size is not None and size != piece.size:
                raise BadInput("a streamed file is shorter than its declared size", next_step="give the real size")


def make_body(
    *,
    json: Any = None,
    content: bytes | AsyncIterable[bytes] | MultipartPart | None = None,
    files: Files | None = None,
    form: Mapping[str, Any] | None = None,
    media_type: str = "",
) -> Body:
    """The body of a request from one of its forms; `form` beside `files` goes before them as text parts.

    `content` may be a MultipartPart, for a stream whose size is known. The request then has a Content-Length, and a
    stream that is shorter or longer is an error.

    Raises BadInput for values that JSON can't hold, such as NaN, and for more than one form of body.
    """
    if sum(given is not None for given in (json, content, files if files is not None else form)) > 1:
        raise BadInput("a request has only one body: json, content, form or files")
    if files is not None:
        return _multipart(form or {}, files)
    if json is not None:
        try:
            raw = jsonlib.dumps(json, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except (TypeError, ValueError) as error:
            raise BadInput(f"JSON can't hold this value ({type(error).__name__})") from None
        return Body(media_type or "application/json", (raw,))
    if form is not None:
        raw = urlencode(list(pairs(form))).encode()
        return Body(media_type or "application/x-www-form-urlencoded", (raw,))
    if content is None:
        return Body()
    if isinstance(content, MultipartPart):
        return Body(media_type or _file_type(content), (_piece(content),))
    piece = content if isinstance(content, bytes) else Streamed(content)
    return Body(media_type or "application/octet-stream", (piece,))


def pairs(values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Name and text of each value: None is left out, a list repeats the name, a bool is true or false."""
    for name, value in values.items():
        for item in value if isinstance(value, (list, tuple)) else (value,):
            if item is not None:
                yield name, str(item).lower() if isinstance(item, bool) else str(item)


def _multipart(form: Mapping[str, Any], files: Files) -> Body:
    named = [(name, MultipartPart(text)) for name, text in pairs(form)]
    named += [(name, _part(value)) for name, value in (files.items() if isinstance(files, Mapping) else files)]
    heads = [_head(name, part) for name, part in named]
    boundary = _boundary(heads, [part for _, part in named])
    pieces: list[bytes | Streamed] = []
    for head, (_, part) in zip(heads, named, strict=True):
        pieces += [f"--{boundary}\r\n".encode() + head, _piece(part), b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return Body(f"multipart/form-data; boundary={boundary}", tuple(pieces))


def _piece(part: MultipartPart) -> bytes | Streamed:
    if isinstance(part.content, str):
        return part.content.encode()
    return part.content if isinstance(part.content, bytes) else Streamed(part.content, part.size)


def _part(value: PartLike) -> MultipartPart:
    if isinstance(value, MultipartPart):
        return value
    if isinstance(value, (str, bytes)):
        return MultipartPart(value)
    filename, content, *media_type = value
    return MultipartPart(content, filename, media_type[0] if media_type else "")


def _head(name: str, part: MultipartPart) -> bytes:
    head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
    if part.filename is not None:
        head += f'; filename="{_quoted(part.filename)}"'
    media_type = _file_type(part) if part.filename is not None or part.media_type else ""
    return (head + (f"\r\nContent-Type: {media_type}" if media_type else "") + "\r\n\r\n").encode()


def _file_type(part: MultipartPart) -> str:
    if any(character in part.media_type for character in "\r\n"):
        raise BadInput("a part's media type has a line break")
    return part.media_type or "application/octet-stream"


def _quoted(text: str) -> str:
    """A name for use inside quotes, escaped as browsers do (HTML standard, multipart/form-data)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _boundary(heads: list[bytes], parts: list[MultipartPart]) -> str:
    """A boundary from the content's own hash, which the content can't contain; random for an unknown stream."""
    digest = hashlib.sha256()
    for head, part in zip(heads, parts, strict=True):
        digest.update(hashlib.sha256(head).digest())
        piece = _piece(part)
        if isinstance(piece, bytes):
            digest.update(hashlib.sha256(piece).digest())
        else:
            digest.update((part.sha256 or secrets.token_hex(32)).encode())
    return f"hub-{digest.hexdigest()[:40]}"
