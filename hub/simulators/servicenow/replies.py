"""The instance's replies."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.simulators.kit import Reply

_JSON = {"Content-Type": "application/json;charset=UTF-8"}


class Refused(Exception):
    """A refusal with the instance's message."""

    def __init__(self, status: int, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.detail = status, message, detail

    def reply(self) -> Reply:
        """The refusal as a reply."""
        body = {"error": {"message": self.message, "detail": self.detail or None}, "status": "failure"}
        headers = dict(_JSON) | ({"WWW-Authenticate": 'BASIC realm="Service-now"'} if self.status == 401 else {})
        return Reply(self.status, msgspec.json.encode(body), headers)


def missing() -> Refused:
    """The refusal of an unknown or unreadable record."""
    return Refused(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")


def plain(value: object, status: int = 200) -> Reply:
    """A JSON document."""
    return Reply(status, msgspec.json.encode(value), dict(_JSON))


def result(value: Any, status: int = 200) -> Reply:
    """A result in its envelope."""
    return plain({"result": value}, status)
