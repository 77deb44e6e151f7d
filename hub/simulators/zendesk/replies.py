"""Answers as the account words them: `error` as a word or an object, and documents."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.simulators.kit import Reply

_JSON = {"Content-Type": "application/json; charset=utf-8"}


class Refused(Exception):
    """A refusal."""

    def __init__(self, status: int, error: Any, description: str = "", **more: Any) -> None:
        super().__init__(str(error))
        self.status, self.headers = status, dict[str, str]()
        self.told = {"error": error} | ({"description": description} if description else {}) | more

    def reply(self) -> Reply:
        """As it is sent."""
        return Reply(self.status, msgspec.json.encode(self.told), _JSON | self.headers)


def document(value: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON document."""
    return Reply(status, msgspec.json.encode(value), _JSON | headers)


def unknown() -> Refused:
    """For a record that there is not."""
    return Refused(404, "RecordNotFound", "Not found")


def no_such_path() -> Refused:
    """For an address that there is not."""
    return Refused(404, {"title": "InvalidEndpoint", "message": "Not found"})


def unauthorized() -> Refused:
    """For credentials that are none."""
    return Refused(401, "Couldn't authenticate you")


def forbidden() -> Refused:
    """For a role that may not do this."""
    says = "Access to this resource is restricted. Please contact the account administrator for assistance."
    return Refused(403, {"title": "Forbidden", "message": says})


def out_of_scope(scope: str) -> Refused:
    """For a token that lacks a scope."""
    return Refused(403, "Forbidden", f"Missing the following required scopes: {scope}")


def invalid(**fields: tuple[str, str]) -> Refused:
    """For values that are refused: a description and a code by field."""
    details = {name: [{"description": says, "error": code}] for name, (says, code) in fields.items()}
    return Refused(422, "RecordInvalid", "Record validation errors", details=details)


def too_many(wait: int) -> Refused:
    """For a limit that was passed."""
    refusal = Refused(429, "APIRateLimitExceeded", "Number of allowed API requests per minute exceeded")
    refusal.headers["Retry-After"] = str(wait)
    return refusal
