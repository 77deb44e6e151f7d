"""What every simulated vendor can be told to do and asked for, whatever its interface looks like."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hub.simulators.kit.call import Simulator

CASE_ACTIONS = (
    "take",
    "answer",
    "ask",
    "internal_note",
    "auto_reply",
    "attach",
    "resolve",
    "reopen",
    "close",
    "set_severity",
    "set_text",
    "delete",
)
"""What an engineer does on a case, named by its number: see `Engineer`."""

KNOWLEDGE_ACTIONS = ("publish", "revise", "withdraw", "publish_patch")
"""What an editor does with knowledge: see `Editor`."""

OPERATIONS = {
    "login": "a token is asked for",
    "create": "a case is stored",
    "update": "fields or status of a case are changed",
    "note": "a comment is stored",
    "attach": "a file is stored, where that is a call of its own",
    "find": "a case is looked for by the key that it carries",
    "query": "cases are listed",
    "read": "one case is read",
    "notes": "comments are listed",
    "download": "a file is fetched",
    "articles": "articles or patches are listed or searched",
    "article": "one article is read",
}
"""The kinds of call by which faults are aimed; a system without some of them has no such calls."""


class Engineer(Protocol):
    """The vendor's support engineer. LookupError for an unknown case, ValueError for what the system forbids."""

    def take(self, number: str) -> None:
        """Assign the case to oneself and start."""

    def answer(self, number: str, text: str) -> str:
        """Write a comment that the customer sees; its id."""

    def ask(self, number: str, question: str) -> str:
        """Ask the customer: a public comment, and the status that waits for them; the comment's id."""

    def internal_note(self, number: str, text: str) -> str:
        """Write a comment for colleagues; its id. ValueError where the account can never see one."""

    def auto_reply(self, number: str, text: str = ...) -> str:
        """Send the canned acknowledgement that a machine sends; its id."""

    def attach(self, number: str, name: str, data: bytes) -> str:
        """Add a file that the customer sees; its id."""

    def resolve(self, number: str, text: str) -> None:
        """Say how it was solved, and set the status."""

    def reopen(self, number: str) -> None:
        """Work on it again."""

    def close(self, number: str) -> None:
        """End it; where only a resolved case can be closed, resolve first."""

    def set_severity(self, number: str, severity: int) -> None:
        """Give it another severity, in RjR's numbers from 1 to 4."""

    def set_text(self, number: str, description: str) -> None:
        """Give it another title."""

    def delete(self, number: str) -> None:
        """Delete it; later reads find nothing."""


class Editor(Protocol):
    """The vendor's editor of knowledge; each publication has the id that the interface gives it."""

    def publish(self, title: str, body: str, *, language: str = "en", product: str = "", version: str = "") -> str:
        """Publish an article, HTML; its id."""

    def revise(self, reference: str, **changes: str) -> None:
        """Change an article's title or body."""

    def withdraw(self, reference: str) -> None:
        """Take an article back."""

    def publish_patch(self, title: str, body: str, *, product: str = "", version: str = "") -> str:
        """Publish a patch as this vendor does; its id."""


@dataclass(frozen=True)
class Push:
    """One delivery as the vendor's system would send it, proof included."""

    path: str  # behind the account's own address at the receiver
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    unsigned: frozenset[str] = frozenset()
    """Headers, in lower case, that no proof covers: anybody may change them, so that they prove and say nothing."""


class Desk(Simulator, Protocol):
    """A simulated vendor with all that tests, demo and chaos ask of one. What it can't do, it has no method for."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit it at its address, secrets included, its platform where there is a choice."""

    def fill(self, count: int, *, run: int = 1, first: str = "") -> list[str]:
        """Store many cases at once, out of the ledger; their numbers, in order of change.

        They changed lately, each `run` of them in the same instant. `first`, when given, is the key that the first
        one carries.
        """

    def touch(self, number: str) -> None:
        """Change a case a little, so that it moves to the end of the order of change."""

    def expire_logins(self) -> None:
        """End all sessions; the next call of each is refused as expired. Without sessions, nothing."""

    def push(self, number: str) -> Push:
        """The delivery that tells of a change of this case; only where the vendor sends any."""


def carry_out(actor: object, actions: frozenset[str], action: str, arguments: Mapping[str, Any]) -> object:
    """Carry out an order by name; file data comes in base64. ValueError when it can't be done."""
    if action not in actions:
        raise ValueError(f"unknown action {action!r}; choose one of {', '.join(sorted(actions))}")
    given = dict(arguments)
    if isinstance(given.get("data"), str):
        given["data"] = base64.b64decode(given["data"])
    try:
        return getattr(actor, action)(**given)
    except LookupError as error:
        raise ValueError(str(error)) from None


def actions_of(kind: type) -> frozenset[str]:
    """The orders that an engineer or editor takes: its public methods."""
    return frozenset(name for name in dir(kind) if not name.startswith("_") and callable(getattr(kind, name)))
