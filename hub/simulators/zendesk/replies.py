"""Answers as the account words them: documents, and errors that are a word or an object."""

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
        """As it is sent."""
        body = {"error": self.error} | ({"description": self.description} if self.description else {})
        made = document(body | self.more, self.status)
        made.headers |= self.headers
        return made


def invalid(field: str, error: str, says: str) -> Refused:
    """For a value that is wrong."""
    details = {field: [{"description": says, "error": error}]}
    return Refused(422, "RecordInvalid", "Record validation errors", details=details)


def missing() -> Refused:
    """For a record that is not there, or not for this caller."""
    return Refused(404, "RecordNotFound", "Not found")


def no_path() -> Refused:
    """For a path that there is not."""
    return Refused(404, "InvalidEndpoint", "Not found")


def forbidden(*, nested: bool = False) -> Refused:
    """For who may not; the error comes as a word or as an object."""
    if nested:
        says = "Access to this resource is restricted. Please contact the account administrator for assistance."
        return Refused(403, {"title": "Forbidden", "message": says})
    return Refused(403, "Forbidden", "You do not have access to this page.")


def unknown_caller() -> Refused:
    """For credentials that are none."""
    return Refused(401, "Couldn't authenticate you")


def document(value: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON document."""
    return Reply(status, msgspec.json.encode(value), dict(_JSON) | headers)
