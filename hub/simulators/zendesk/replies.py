"""The account's replies: documents, and errors that are a word or an object."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.simulators.kit import Reply

_JSON = {"Content-Type": "application/json; charset=utf-8"}


class Refused(Exception):
    """A refusal with a label and a description, and details by field where a value is wrong."""

    def __init__(self, status: int, error: Any, description: str = "", **more: Any) -> None:
        super().__init__(str(error))
        self.status, self.error, self.description, self.more = status, error, description, more
        self.headers: dict[str, str] = {}

    def reply(self) -> Reply:
        """The refusal as a reply."""
        body = {"error": self.error} | ({"description": self.description} if self.description else {})
        made = document(body | self.more, self.status)
        made.headers |= self.headers
        return made


def invalid(field: str, error: str, says: str) -> Refused:
    """The refusal of a wrong value."""
    details = {field: [{"description": says, "error": error}]}
    return Refused(422, "RecordInvalid", "Record validation errors", details=details)


def missing() -> Refused:
    """The refusal of an unknown record, or of one that this caller may not see."""
    return Refused(404, "RecordNotFound", "Not found")


def no_path() -> Refused:
    """The refusal of an unknown path."""
    return Refused(404, "InvalidEndpoint", "Not found")


def forbidden(*, nested: bool = False) -> Refused:
    """The refusal of a caller without permission; the error is a word or an object."""
    if nested:
        says = "Access to this resource is restricted. Please contact the account administrator for assistance."
        return Refused(403, {"title": "Forbidden", "message": says})
    return Refused(403, "Forbidden", "You do not have access to this page.")


def unknown_caller() -> Refused:
    """The refusal of wrong credentials."""
    return Refused(401, "Couldn't authenticate you")


def document(value: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON document."""
    return Reply(status, msgspec.json.encode(value), dict(_JSON) | headers)
