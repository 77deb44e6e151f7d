"""What tests and demos can do with every simulated vendor, whatever its interface looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hub.simulators.kit.call import Simulator

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
"""The operations by which a fault's rule selects calls; not every vendor has all of them."""


class Engineer(Protocol):
    """The vendor's support engineer. LookupError for an unknown case, ValueError for what the system forbids."""

    def take(self, number: str) -> None:
        """Assign the case to the engineer and start work."""

    def answer(self, number: str, text: str) -> str:
        """Write a comment that the customer sees; returns its id."""

    def ask(self, number: str, question: str) -> str:
        """Ask the customer in a public comment and wait for them; returns the comment's id."""

    def internal_note(self, number: str, text: str) -> str:
        """Write a comment for colleagues; returns its id. ValueError where the account can never see one."""

    def auto_reply(self, number: str, text: str = ...) -> str:
        """Send the canned automatic acknowledgement; returns its id."""

    def attach(self, number: str, name: str, data: bytes) -> str:
        """Add a file that the customer sees; returns its id."""

    def resolve(self, number: str, text: str) -> None:
        """Describe the solution and mark the case as resolved."""

    def reopen(self, number: str) -> None:
        """Resume work on it."""

    def close(self, number: str) -> None:
        """Close it; where only a resolved case can be closed, resolve it first."""

    def set_severity(self, number: str, severity: int) -> None:
        """Set its severity, as RjR numbers it from 1 to 4."""

    def set_text(self, number: str, description: str) -> None:
        """Change its title."""

    def delete(self, number: str) -> None:
        """Delete it; later reads find nothing."""


class Editor(Protocol):
    """The vendor's editor of knowledge; a publication's id is the one that the interface uses."""

    def publish(self, title: str, body: str, *, language: str = "en", product: str = "", version: str = "") -> str:
        """Publish an article in HTML; returns its id."""

    def revise(self, reference: str, **changes: str) -> None:
        """Change an article's title or body."""

    def withdraw(self, reference: str) -> None:
        """Withdraw an article."""

    def publish_patch(self, title: str, body: str, *, product: str = "", version: str = "") -> str:
        """Publish a patch as this vendor does; returns its id."""


@dataclass(frozen=True)
class Push:
    """One delivery as the vendor's system would send it, proof included."""

    path: str  # relative to the account's own address at the receiver
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    unsigned: frozenset[str] = frozenset()
    """Headers, in lower case, that no signature covers, so a receiver must not rely on them."""


class VendorSimulator(Simulator, Protocol):
    """A simulated vendor as tests, demo and chaos runs need it, without the methods that its system can't offer."""

    def account(self, url: str) -> dict[str, object]:
        """Settings of an account at this address, including secrets and, if the vendor has several, the platform."""

    def fill(self, count: int, *, run: int = 1, first: str = "") -> list[str]:
        """Store many recently changed cases without ledger entries; returns their numbers in order of change.

        Each `run` of them changed in the same instant. `first`, if given, is the key of the first case.
        """

    def touch(self, number: str) -> None:
        """Change a case slightly, so that it becomes the last in order of change."""

    def expire_logins(self) -> None:
        """End all sessions, so that their next calls are refused as expired, or do nothing if there are none."""

    def push(self, number: str) -> Push:
        """The delivery for a change of this case; only for vendors that send deliveries."""
