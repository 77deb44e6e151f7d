"""The vendor's support engineer and its editor of articles."""

from __future__ import annotations

from typing import Any

from hub.simulators.kit import Row
from hub.simulators.zendesk import helpcenter
from hub.simulators.zendesk.state import ENGINEER, MACHINE, ME, State, stamp

_ACKNOWLEDGEMENT = "This is an automatic reply: your request has been received."
_PRIORITIES = {1: "urgent", 2: "high", 3: "normal", 4: "low"}


class Engineer:
    """Acts on tickets and articles by their ids."""

    def __init__(self, state: State) -> None:
        self._state = state

    def take(self, number: str) -> None:
        """Assign the ticket to oneself, which opens it."""
        self._set(number, {"assignee_id": ENGINEER, "status": "open"})

    def answer(self, number: str, text: str) -> str:
        """Write a public comment; returns its id."""
        return self._comment(number, text)

    def ask(self, number: str, question: str) -> str:
        """Ask in public, and wait; returns the comment's id."""
        return self._comment(number, question, {"status": "pending"})

    def internal_note(self, number: str, text: str) -> str:
        """Write a private comment; its id. ValueError where the account is an end user's."""
        if self._state.options.profile == "enduser":
            raise ValueError("an end user never sees a private comment")
        return self._comment(number, text, public=False)

    def auto_reply(self, number: str, text: str = _ACKNOWLEDGEMENT) -> str:
        """Add a public comment as a trigger; returns its id."""
        return self._comment(number, text, by=MACHINE)

    def attach(self, number: str, name: str, data: bytes) -> str:
        """Send a file with a comment; returns its id."""
        state, row = self._state, self._open(number)
        token = state.keep_file(name, "application/octet-stream", data)
        about = state.files[token][0]
        said = state.add_comment(row, name, public=True, by=ENGINEER, files=[about], audit=state.new_id())
        self._change(row, {}, [said], ENGINEER)
        state.record_file(token, row.key, by=ENGINEER, public=True)
        return str(about["id"])

    def resolve(self, number: str, text: str) -> None:
        """Describe the solution in a public comment, and solve the ticket."""
        self._comment(number, text, {"status": "solved"})

    def reopen(self, number: str) -> None:
        """Resume work on it; ValueError for a closed ticket."""
        self._set(number, {"status": "open"})

    def close(self, number: str) -> None:
        """Close it for good."""
        self._set(number, {"status": "closed"})

    def hold(self, number: str) -> None:
        """Put it on hold."""
        self._set(number, {"status": "hold"})

    def set_severity(self, number: str, severity: int) -> None:
        """Give it the priority for that severity."""
        self._set(number, {"priority": _PRIORITIES[severity]})

    def set_text(self, number: str, description: str) -> None:
        """Change its subject, keeping a key at its beginning."""
        subject = self._state.ticket(number).values["subject"]
        head = subject[: subject.index("]") + 2] if subject.startswith("[") and "]" in subject else ""
        self._set(number, {"subject": head + description, "raw_subject": head + description})

    def delete(self, number: str) -> None:
        """Delete it, so that only exports still report it."""
        state, row = self._state, self._state.ticket(number)
        state.change(row, {"status": "deleted"})
        state.ledger.store("delete", row.key, at=state.clock.now(), by=str(ENGINEER), parent=row.key)

    def system_update(self, number: str) -> None:
        """Change it as the account itself does, so that it is exported again with its old time of change."""
        self._state.change(self._state.ticket(number), {}, silent=True)

    def make_private(self, number: str, comment: str) -> None:
        """Make a comment private."""
        for entry in self._state.comments[self._open(number).key]:
            if str(entry["id"]) == str(comment):
                entry["public"] = False
        self._state.change(self._open(number), {})

    def customer_comment(self, number: str, text: str) -> str:
        """Add a comment as the customer, which reopens a solved ticket; returns the comment's id."""
        solved = self._open(number).values["status"] == "solved"
        return self._comment(number, text, {"status": "open"} if solved else {}, by=ME)

    def publish(self, title: str, body: str, *, language: str = "en", product: str = "", version: str = "") -> str:
        """Publish an article; returns its id."""
        name = f"{title} {product} {version}".strip()
        return self._publish("article", "Articles", name, body, "en-us" if language == "en" else language, ())

    def publish_patch(self, title: str, body: str, *, product: str = "", version: str = "") -> str:
        """Publish release notes in their section and with their label; returns the article's id."""
        seeds, name = self._state.seeds, f"{title} {product} {version}".strip()
        return self._publish("patch", seeds.releases, name, body, "en-us", (seeds.release_label,))

    def revise(self, reference: str, **changes: str) -> None:
        """Change an article's title or body."""
        article = self._article(reference)
        if "title" in changes:
            article |= {"title": changes["title"], "name": changes["title"]}
        if "body" in changes:
            article["body"] = changes["body"]
        now = self._state.clock.now()
        article |= {"updated_at": stamp(now), "edited_at": stamp(now)}
        article["_hidden"] = now + self._state.options.index_seconds

    def unpublish(self, reference: str) -> None:
        """Turn an article back into a draft."""
        self._article(reference).update({"draft": True, "updated_at": self._state.now()})

    def withdraw(self, reference: str) -> None:
        """Archive an article, so that nothing finds it."""
        del self._state.articles[str(self._article(reference)["id"])]

    def _publish(self, kind: str, where: str, title: str, body: str, locale: str, labels: tuple[str, ...]) -> str:
        state = self._state
        ident = helpcenter.store(state, helpcenter.section(state, where), title, body, locale=locale, labels=labels)
        state.ledger.store(kind, ident, at=state.clock.now(), by=str(ENGINEER), text=body)
        return ident

    def _article(self, reference: str) -> dict[str, Any]:
        article = self._state.articles.get(str(reference))
        if article is None:
            raise LookupError(f"there is no article {reference}")
        return article

    def _open(self, number: str) -> Row:
        row = self._state.ticket(number)
        if row.values["status"] == "closed":
            raise ValueError("a closed ticket can't be changed")
        return row

    def _comment(
        self, number: str, text: str, values: dict[str, Any] | None = None, *, public: bool = True, by: int = ENGINEER
    ) -> str:
        state, row = self._state, self._open(number)
        entry = state.add_comment(row, text, public=public, by=by, audit=state.new_id())
        state.ledger.store(
            "note", str(entry["id"]), at=state.clock.now(), by=str(by), parent=row.key, text=text, public=public
        )
        self._change(row, values or {}, [entry], by)
        return str(entry["id"])

    def _set(self, number: str, values: dict[str, Any]) -> None:
        self._change(self._open(number), values, [], ENGINEER)

    def _change(self, row: Row, values: dict[str, Any], said: list[dict[str, Any]], by: int) -> None:
        state = self._state
        events = [
            {
                "id": state.new_id(),
                "type": "Change",
                "field_name": name,
                "value": value,
                "previous_value": row.values.get(name),
            }
            for name, value in values.items()
        ]
        state.change(row, values)
        state.audit(row, [*said, *events], by=by, ident=said[0]["audit_id"] if said else 0)
        if values:
            state.ledger.store("change", row.key, at=state.clock.now(), by=str(by), parent=row.key, values=values)
