"""The account's replies: two shapes of errors, and documents."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.simulators.kit import Reply

_JSON = {"Content-Type": "application/json; charset=utf-8"}


class Refused(Exception):
    """A refusal with a code and a message; 404 and 405 have no body."""

    def __init__(self, status: int, code: str = "", message: str = "", **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.headers = status, code, message, headers

    def reply(self) -> Reply:
        """The refusal as a reply."""
        headers = {name.replace("_", "-"): value for name, value in self.headers.items()}
        if not self.message:
            return Reply(self.status, b"", headers)
        body = ({"code": self.code} if self.code else {}) | {"message": self.message}
        return Reply(self.status, msgspec.json.encode(body), dict(_JSON) | headers)


class Invalid(Refused):
    """A refusal that names fields: (field, code, message) each."""

    def __init__(self, *errors: tuple[str, str, str]) -> None:
        super().__init__(400, "invalid", "Validation failed")
        self.errors = errors

    def reply(self) -> Reply:
        """The refusal as a reply."""
        errors = [{"field": field, "message": message, "code": code} for field, code, message in self.errors]
        return document({"description": "Validation failed", "errors": errors}, 400)


def missing(field: str) -> tuple[str, str, str]:
    """The error for a missing field."""
    return field, "missing_field", "It should be a/an String"


def unexpected(field: str) -> tuple[str, str, str]:
    """The error for an unknown field."""
    return field, "invalid_field", "Unexpected/invalid field in request"


def mismatch(field: str, kind: str) -> tuple[str, str, str]:
    """The error for a value of the wrong type."""
    return field, "datatype_mismatch", f"It should be a/an {kind}"


def outside(field: str, allowed: str) -> tuple[str, str, str]:
    """The error for a value that is not allowed."""
    return field, "invalid_value", f"It should be one of these values: '{allowed}'"


def document(value: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON document."""
    return Reply(status, msgspec.json.encode(value), dict(_JSON) | headers)
