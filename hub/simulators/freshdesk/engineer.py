"""The vendor's support engineer and its editor of solutions."""

from __future__ import annotations

from typing import Any

from hub.simulators.freshdesk import solutions
from hub.simulators.freshdesk.markup import html_of, text_of
from hub.simulators.freshdesk.state import CLOSED, ENGINEER, MACHINE, State
from hub.simulators.kit import Row

RELEASES = "Release notes"
"""The folder that holds patches, by convention."""
_ACKNOWLEDGEMENT = "This is an automatic reply: your request has been received."


class Engineer:
    """Acts on tickets and articles by their ids."""

    def __init__(self, state: State) -> None:
        self._state = state

    def take(self, number: str) -> None:
        """Assign the ticket to oneself."""
        self._set(number, {"responder_id": ENGINEER})

    def answer(self, number: str, text: str) -> str:
        """Reply to the requester; returns the reply's id."""
        return self._comment(number, text, source=0)

    def ask(self, number: str, question: str) -> str:
        """Ask in a reply, and wait; returns the reply's id."""
        ident = self._comment(number, question, source=0)
        self._set(number, {"status": 3})
        return ident

    def internal_note(self, number: str, text: str) -> str:
        """Write a private note; returns its id."""
        return self._comment(number, text, private=True)

    def auto_reply(self, number: str, text: str = _ACKNOWLEDGEMENT) -> str:
        """Add a public note as an automation rule; returns its id."""
        return self._comment(number, text, by=MACHINE)

    def attach(self, number: str, name: str, data: bytes) -> str:
        """Send a file with a reply; returns its id."""
        state, row = self._state, self._open(number)
        about = state.keep_file(name, "application/octet-stream", data)
        state.add_comment(row, "<div></div>", private=False, by=ENGINEER, source=0, files=[about])
        state.record_file(about, row.key, by=str(ENGINEER), public=True)
        return str(about["id"])

    def resolve(self, number: str, text: str) -> None:
        """Describe the solution in a reply, and resolve the ticket."""
        self._comment(number, text, source=0)
        self._set(number, {"status": 4})

    def reopen(self, number: str) -> None:
        """Resume work on it; ValueError where a closed ticket stays closed."""
        self._set(number, {"status": 2})

    def close(self, number: str) -> None:
        """Close it."""
        self._set(number, {"status": CLOSED})

    def set_status(self, number: str, status: int) -> None:
        """Set its status by number, which may be one of the account's own."""
        if status not in self._state.statuses:
            raise ValueError(f"there is no status {status}")
        self._set(number, {"status": status})

    def set_severity(self, number: str, severity: int) -> None:
        """Give it the priority for that severity: urgent is 4."""
        self._set(number, {"priority": 5 - severity})

    def set_text(self, number: str, description: str) -> None:
        """Change its subject, keeping a key at its beginning."""
        subject = self._state.ticket(number).values["subject"]
        head = subject[: subject.index("]") + 2] if subject.startswith("[") and "]" in subject else ""
        self._set(number, {"subject": head + description})

    def delete(self, number: str) -> None:
        """Delete it."""
        self._aside(number, "deleted")

    def mark_spam(self, number: str) -> None:
        """Mark it as spam, so that lists no longer show it."""
        self._aside(number, "spam")

    def publish(self, title: str, body: str, *, language: str = "en", product: str = "", version: str = "") -> str:
        """Publish an article; returns its id."""
        return self._publish("article", "Articles", f"{title} {product} {version}".strip(), body)

    def publish_patch(self, title: str, body: str, *, product: str = "", version: str = "") -> str:
        """Publish release notes in their folder; returns the article's id."""
        return self._publish("patch", RELEASES, f"{title} {product} {version}".strip(), body)

    def revise(self, reference: str, **changes: str) -> None:
        """Change an article's title or body."""
        article = self._article(reference)
        if "title" in changes:
            article["title"] = changes["title"]
        if "body" in changes:
            article |= {"description": changes["body"], "description_text": text_of(changes["body"])}
        article["updated_at"] = self._state.now()

    def withdraw(self, reference: str) -> None:
        """Turn an article back into a draft."""
        self._article(reference).update({"status": solutions.DRAFT, "updated_at": self._state.now()})

    def remove(self, reference: str) -> None:
        """Delete an article."""
        del self._state.articles[str(self._article(reference)["id"])]

    def _publish(self, kind: str, where: str, title: str, body: str) -> str:
        state = self._state
        ident = solutions.store(state, solutions.folder(state, where), title, body)
        state.ledger.store(kind, ident, at=state.clock.now(), by=str(ENGINEER), text=body)
        return ident

    def _article(self, reference: str) -> dict[str, Any]:
        article = self._state.articles.get(str(reference))
        if article is None:
            raise LookupError(f"there is no article {reference}")
        return article

    def _open(self, number: str) -> Row:
        row = self._state.ticket(number)
        if self._state.options.closed_is_final and row.values["status"] == CLOSED:
            raise ValueError("a closed ticket can't be changed")
        return row

    def _comment(self, number: str, text: str, *, private: bool = False, source: int = 2, by: int = ENGINEER) -> str:
        state, row = self._state, self._open(number)
        entry = state.add_comment(row, html_of(text), private=private, by=by, source=source)
        state.ledger.store(
            "note", str(entry["id"]), at=state.clock.now(), by=str(by), parent=row.key, text=text, public=not private
        )
        return str(entry["id"])

    def _set(self, number: str, values: dict[str, Any]) -> None:
        state, row = self._state, self._open(number)
        state.change(row, values)
        state.ledger.store("change", row.key, at=state.clock.now(), by=str(ENGINEER), parent=row.key, values=values)

    def _aside(self, number: str, mark: str) -> None:
        state, row = self._state, self._state.ticket(number)
        state.set_aside(row, mark)
        state.ledger.store("delete", row.key, at=state.clock.now(), by=str(ENGINEER), parent=row.key)
