"""Uploads, their tokens, and the addresses of files; a storage of its own where the account keeps them elsewhere."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from hub.simulators.kit import Call, Faults, Ledger, Reply, Rule
from hub.simulators.zendesk.replies import Refused, invalid, unknown
from hub.simulators.zendesk.state import State, stamp


def upload(state: State, call: Call) -> Reply:
    """Keep the raw bytes; the answer is JSON under another name, as the recorded one."""
    name = call.query.get("filename", "")
    if not name:
        raise Refused(400, "InvalidParameter", "The filename parameter is required")
    if len(call.body) > state.options.max_upload:
        raise Refused(413, "AttachmentTooLarge", "The attachment is too large")
    token = call.query.get("token", "")
    known = state.uploads.get(token)
    if token and known is None:
        raise unknown()
    secret, now = state.secret("file"), state.clock.now()
    token = token or state.secret("upload")
    about = keep(state, secret, name, call.headers.get("Content-Type", "application/octet-stream"), call.body)
    held = [*(known[1] if known else []), secret]
    state.uploads[token] = (now + 60 * state.options.token_minutes, held)
    host = call.headers.get("Host", "")
    told = {
        "token": token, "expires_at": stamp(now + 3 * 86_400),
        "attachments": [located(state.files[one][0], host) for one in held], "attachment": located(about, host),
    }  # fmt: skip
    return Reply(201, msgspec.json.encode({"upload": told}), {"Content-Type": "text/plain; charset=utf-8"})


def keep(state: State, secret: str, name: str, media: str, data: bytes) -> dict[str, Any]:
    """Store a file's bytes; what is told of it, without the host of its address."""
    about = {
        "id": state.new_id("file", 6164048711000), "file_name": name, "content_type": media, "size": len(data),
        "content_url": f"/attachments/token/{secret}/?name={quote(name, safe='')}", "inline": False, "deleted": False,
        "malware_access_override": False, "malware_scan_result": "not_scanned", "thumbnails": [],
    }  # fmt: skip
    state.files[secret] = (about, data)
    return about


def located(about: dict[str, Any], host: str) -> dict[str, Any]:
    """What is told of a file, its address with the host."""
    return about | {"content_url": f"http://{host}{about['content_url']}"}


def claim(state: State, tokens: Any) -> list[str]:
    """The secrets of the files behind the tokens, which are then used up."""
    found: list[str] = []
    for token in tokens if isinstance(tokens, list) else []:
        until, secrets = state.uploads.get(str(token), (0.0, []))
        if until < state.clock.now():
            raise invalid(base=("Uploads: the token is invalid or expired", "InvalidValue"))
        found += secrets
    for token in tokens or []:
        state.uploads.pop(str(token), None)
    return found


def fetch(state: State, call: Call, *, known: bool) -> Reply:
    """A file by its address: its bytes, or the way to the storage."""
    secret = call.parts[2] if len(call.parts) > 2 else ""
    if secret not in state.files or state.files[secret][0]["deleted"]:
        raise unknown()
    if state.options.private_files and not known:
        raise Refused(401, "Couldn't authenticate you")
    if state.options.files_url:
        return Reply(302, b"", {"Location": f"{state.options.files_url}/{secret}"})
    about, data = state.files[secret]
    return Reply(200, data, {"Content-Type": about["content_type"] or "application/octet-stream"})


class Storage:
    """The storage as a server of its own, for accounts whose `files_url` names it; it takes no login."""

    def __init__(self, state: State) -> None:
        self.state, self.clock, self.latency = state, state.clock, 0.0
        self.ledger, self.faults = Ledger(), Faults()

    def classify(self, call: Call) -> None:
        """Every call is a download."""
        call.operation = "download"

    def admit(self, call: Call) -> Reply | None:
        """Refuse whoever brings a login, and what is no address of a file."""
        if "Authorization" in call.headers:
            return Reply(
                400, b"<Error><Code>InvalidArgument</Code></Error>", {"Content-Type": "application/xml"}
            )
        return None if call.parts[0] in self.state.files else Reply(404)

    def answer(self, call: Call) -> Reply:
        """The file."""
        return Reply(200, self.state.files[call.parts[0]][1], {"Content-Type": "application/octet-stream"})

    def refuse(self, rule: Rule) -> Reply:  # noqa: ARG002 - the storage has one refusal
        """A refusal for a fault."""
        return Reply(503)

    def reshape(self, rule: Rule, reply: Reply) -> Reply:  # noqa: ARG002 - bytes have no shape
        """The reply as it is."""
        return reply

    def tell(self, action: str, arguments: dict[str, Any]) -> object:  # noqa: ARG002 - nobody works there
        """ValueError: nobody works at the storage."""
        raise ValueError(f"nobody works at the storage, so there is no {action}")

    def reset(self) -> None:
        """Forget the calls."""
        self.ledger.reset()
        self.faults.reset()
