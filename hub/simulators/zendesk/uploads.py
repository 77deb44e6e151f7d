"""Files: uploaded under a token that a comment has to use within the hour, and fetched by another token."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from hub.simulators.kit import Call, Reply
from hub.simulators.zendesk import shapes
from hub.simulators.zendesk.paging import root
from hub.simulators.zendesk.replies import Refused, document, invalid, missing
from hub.simulators.zendesk.state import State, stamp

_SHOWN = 3 * 86_400  # seconds of validity that a token claims, whatever its real lifetime


def upload(state: State, call: Call) -> Reply:
    """Store bytes under a new token, or under the one given."""
    name = call.query.get("filename", "")
    if not name:
        raise Refused(400, {"title": "Invalid attribute", "message": "Parameter filename is required"})
    if len(call.body) > state.options.max_upload:
        raise Refused(413, "AttachmentTooLarge", "The attachment is too large")
    token = call.query.get("token", "")
    if token and not _is_good(state, token):
        raise invalid("attachment", "InvalidToken", "Attachment token is not valid")
    media = call.headers.get("Content-Type", "application/octet-stream")
    made = state.keep_file(name, media, call.body)
    token = token or state.new_token()
    at, files = state.uploads.get(token, (state.clock.now(), []))
    state.uploads[token] = (at, [*files, made])
    shown = [shapes.file(call, state.files[file_token][0]) for file_token in state.uploads[token][1]]
    details = {
        "token": token,
        "expires_at": stamp(at + _SHOWN),
        "attachments": shown,
        "attachment": shapes.file(call, state.files[made][0]),
    }
    reply = document({"upload": details}, 201)
    reply.headers["Content-Type"] = "text/plain; charset=utf-8"
    return reply


def drop(state: State, token: str) -> Reply:
    """Forget an upload that no comment has used."""
    if token not in state.uploads:
        raise missing()
    for file_token in state.uploads.pop(token)[1]:
        del state.files[file_token]
    return Reply(204)


def check(state: State, comment: dict[str, Any]) -> None:
    """Raise Refused when a comment names an unknown or expired upload."""
    for token in comment.get("uploads") or ():
        if not _is_good(state, str(token)):
            raise invalid("base", "InvalidToken", "Attachment: token is invalid or has expired")


def claim(state: State, comment: dict[str, Any]) -> list[str]:
    """The files of a comment's uploads, which can't be used again."""
    return [file_token for token in comment.get("uploads") or () for file_token in state.uploads.pop(str(token))[1]]


def attachment(state: State, call: Call, ident: str) -> Reply:
    """The description of a file."""
    for about, _ in state.files.values():
        if str(about["id"]) == ident:
            return document({"attachment": shapes.file(call, about)})
    raise missing()


def fetch(state: State, call: Call, *, logged_in: bool) -> Reply:
    """A file's bytes, or a redirect to their address."""
    if state.options.private_files and not logged_in:
        raise missing()
    token = call.parts[2]
    if token not in state.files or "file_gone" in call.faults:
        raise missing()
    if not state.options.redirect:
        return _bytes(state, token)
    where = state.options.files_url or root(call)
    name = quote(state.files[token][0]["file_name"], safe="")
    return Reply(302, b"", {"Location": f"{where}/cdn/{token}/{name}?sig={_proof(token)}"})


def stored(state: State, call: Call) -> Reply:
    """The bytes where they are: the address is proof enough, and another host wants no other."""
    token = call.parts[1] if len(call.parts) > 1 else ""
    if state.options.files_url and "Authorization" in call.headers:
        return Reply(400, b"<Error><Code>InvalidArgument</Code></Error>", {"Content-Type": "application/xml"})
    if token not in state.files or call.query.get("sig") != _proof(token):
        return Reply(403, b"<Error><Code>AccessDenied</Code></Error>", {"Content-Type": "application/xml"})
    return _bytes(state, token)


def _bytes(state: State, token: str) -> Reply:
    about, data = state.files[token]
    return Reply(200, data, {"Content-Type": about["content_type"]})


def _is_good(state: State, token: str) -> bool:
    made = state.uploads.get(token)
    return made is not None and state.clock.now() <= made[0] + state.options.upload_seconds


def _proof(token: str) -> str:
    return hashlib.blake2b(token.encode(), key=b"cdn", digest_size=12).hexdigest()
