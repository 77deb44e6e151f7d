"""Errors as Salesforce's REST API words them: an array of message, errorCode and at times fields."""

from __future__ import annotations

import msgspec

from hub.simulators.kit import Reply

JSON = {"Content-Type": "application/json;charset=UTF-8"}


class SfError(Exception):
    """A refusal with its HTTP status, code and text."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields

    def reply(self) -> Reply:
        """The refusal as a reply."""
        error: dict[str, object] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return document([error], self.status)


class LoginError(Exception):
    """A refusal of the token endpoint, which has a form of its own."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description

    def reply(self) -> Reply:
        """The refusal as a reply."""
        return document({"error": self.error, "error_description": self.description}, 400)


def document(value: object, status: int = 200) -> Reply:
    """A JSON document."""
    return Reply(status, msgspec.json.encode(value), dict(JSON))


def not_found() -> SfError:
    """404 for an unknown resource."""
    return SfError(404, "NOT_FOUND", "The requested resource does not exist")


def session_invalid() -> SfError:
    """401 for an invalid or expired token."""
    return SfError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def malformed(text: str, at: int, what: str, code: str = "MALFORMED_QUERY") -> SfError:
    """400 with the place of the mistake marked by a caret below a piece of the query."""
    start = max(0, at - 30)
    piece = text[start : at + 20].replace("\n", " ")
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    caret = " " * (at - start) + "^"
    return SfError(400, code, f"\n{piece}\n{caret}\nERROR at Row:{row}:Column:{column}\n{what}")


def restricted(what: str) -> SfError:
    """400 for a query that the object does not support."""
    return SfError(400, "MALFORMED_QUERY", f"Implementation restriction: {what}")
