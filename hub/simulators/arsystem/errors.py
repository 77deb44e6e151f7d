"""AR System error numbers and the array that carries them."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from hub.simulators.kit import Reply

# Seen in public clients and documents of AR System.
GUEST: Final = 59
TIMEOUT_ON_UPDATE: Final = 92
TIMEOUT_ON_READ: Final = 93
NO_ENTRY: Final = 302
CHANGED_MEANWHILE: Final = 309
LOGIN_FAILED: Final = 623
OTHER_SESSION: Final = 9093

# Unverified: common knowledge about AR System; compare with a real server before relying on the number.
CAPPED: Final = 66
NO_FORM: Final = 303
BAD_VALUE: Final = 306
MISSING: Final = 307
NO_PERMISSION: Final = 330
BAD_QUERY: Final = 1587
BAD_TOKEN: Final = 623
UNKNOWN_FIELD: Final = 8962
LOCKED_FIELD: Final = 8985
BAD_BODY: Final = 8932
NO_ATTACHMENT: Final = 9130
TOO_LARGE: Final = 410

# Unverified: numbers of the Incident application's own workflow.
NO_CONTACT: Final = 44897
STATUS_RULE: Final = 1291109
NO_INCIDENT: Final = 44900

MessageType = Literal["ERROR", "WARNING", "FATAL", "BAD STATUS"]


class Message(msgspec.Struct, rename="camel"):
    """One element of the array."""

    message_type: MessageType
    message_text: str
    message_appended_text: str | None
    message_number: int


class ArError(Exception):
    """A call that AR System refuses, with the HTTP status and the message of its array."""

    def __init__(self, status: int, number: int, text: str, appended: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.message = Message("ERROR", text, appended, number)

    def reply(self) -> Reply:
        """The refusal as sent."""
        return Reply(self.status, msgspec.json.encode([self.message]), {"Content-Type": "application/json"})


def bad_request(number: int, text: str, appended: str | None = None) -> ArError:
    """A 400: the caller's data."""
    return ArError(400, number, text, appended)


def workflow(number: int, text: str, appended: str | None = None) -> ArError:
    """A 500: most refusals of the application's filters arrive so."""
    return ArError(500, number, text, appended)
