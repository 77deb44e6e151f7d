"""The vendor's support engineer and its editor of articles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hub.simulators.kit import Row, actions_of, carry_out
from hub.simulators.zendesk import center, tickets
from hub.simulators.zendesk.files import keep
from hub.simulators.zendesk.options import Article
from hub.simulators.zendesk.state import CLOSED, DELETED, ENGINEER, MACHINE, State, User

_ACKNOWLEDGEMENT = "This is an automatic reply: your request has been received."


class Engineer:
    """Acts on tickets and articles by their ids."""

    def __init__(self, state: State) -> None:
        self._state = state

    def take(self, number: str) -> None:
        """Assign the ticket to oneself and start."""
        self._set(number, {"assignee_id": ENGINEER.id, "status": "open"})

    def answer(self, number: str, text: str) -> str:
        """Write a public comment; its id."""
        return self._say(number, text)

    def ask(self, number: str, question: str) -> str:
        """Ask in a public comment, and wait; the comment's id."""
        ident = self._say(number, question)
        self._set(number, {"status": "pending"})
        return ident

    def internal_note(self, number: str, text: str) -> str:
        """Write an internal note, which customers never see; its id."""
        return self._say(number, text, public=False)

    def auto_reply(self, number: str, text: str = _ACKNOWLEDGEMENT) -> str:
        """Let a trigger add a public comment; its id."""
        return self._say(number, text, by=MACHINE, channel="rule")

    def attach(self, number: str, name: str, data: bytes) -> str:
        """Send a file with a comment that has no words; its id."""
        state, row = self._state, self._open(number)
        secret = state.secret("file")
        about = keep(state, secret, name, "application/octet-stream", data)
        audit = state.audit(row, ENGINEER, "web", {})
        state.say(row, audit, "", public=True, files=[about])
        state.change(row, {})
        state.record_file(secret, row.key, by=ENGINEER, public=True)
        return str(about["id"])

    def resolve(self, number: str, text: str) -> None:
        """Say in a comment how it was solved, and solve the ticket."""
        self._say(number, text)
        self._set(number, {"status": "solved", "assignee_id": ENGINEER.id})

    def reopen(self, number: str) -> None:
        """Work on it again; ValueError for a closed ticket."""
        self._set(number, {"status": "open"})

    def close(self, number: str) -> None:
        """End it for good, as the automation does some days after it was solved."""
        self._set(number, {"status": CLOSED})

    def set_status(self, number: str, status: str) -> None:
        """Give it a status."""
        if status not in tickets.STATUSES:
            raise ValueError(f"there is no status {status}")
        self._set(number, {"status": status})

    def set_severity(self, number: str, severity: int) -> None:
        """Give it the priority for that severity."""
        self._set(number, {"priority": tickets.PRIORITIES[severity - 1]})

    def set_text(self, number: str, description: str) -> None:
        """Give it another subject, behind the key where one stands at its head."""
        subject = self._state.ticket(number).values["subject"]
        head = subject[: subject.index("]") + 2] if subject.startswith("[") and "]" in subject else ""
        self._set(number, {"subject": head + description})

    def delete(self, number: str) -> None:
        """Delete it; only exports still tell of it."""
        state, row = self._state, self._state.ticket(number)
        state.change(row, {"status": DELETED})
        state.ledger.store("delete", row.key, at=state.clock.now(), by=ENGINEER.email, parent=row.key)

    def let_the_system_write(self, number: str) -> None:
        """Rewrite the ticket without a change that anybody sees: it moves in exports only."""
        self._state.regenerate(self._state.ticket(number))

    def find_malware(self, reference: str) -> None:
        """Say of a file, by its id, that it holds malware."""
        self._file(reference)["malware_scan_result"] = "malware_found"

    def redact_file(self, reference: str) -> None:
        """Take a file away, by its id."""
        self._file(reference)["deleted"] = True

    def publish(
        self, title: str, body: str, *, language: str = "en", product: str = "", version: str = ""
    ) -> str:  # fmt: skip
        """Publish an article; its id."""
        return self._publish("article", f"{title} {product} {version}".strip(), body, (), language)

    def publish_patch(self, title: str, body: str, *, product: str = "", version: str = "") -> str:
        """Publish release notes under their label; the article's id."""
        label = (self._state.seeds.patch_label,)
        return self._publish("patch", f"{title} {product} {version}".strip(), body, label, "en")

    def revise(self, reference: str, **changes: str) -> None:
        """Change an article's title or body."""
        article = self._article(reference)
        if "title" in changes:
            article |= {"title": changes["title"], "name": changes["title"]}
        if "body" in changes:
            article["body"] = changes["body"]
        article |= dict.fromkeys(("updated_at", "edited_at"), self._state.now())

    def withdraw(self, reference: str) -> None:
        """Archive an article: it vanishes from lists without a word."""
        del self._state.articles[str(self._article(reference)["id"])]

    def make_draft(self, reference: str) -> None:
        """Make a draft of an article."""
        self._article(reference).update({"draft": True, "updated_at": self._state.now()})

    def _publish(self, kind: str, title: str, body: str, labels: tuple[str, ...], language: str) -> str:
        state = self._state
        locale = next(
            (one for one in state.seeds.locales if one.startswith(language)), state.seeds.locales[0]
        )
        ident = center.store(
            state, Article(title=title, body=body, labels=labels, locale=locale, age_seconds=0)
        )
        state.ledger.store(kind, ident, at=state.clock.now(), by=ENGINEER.email, text=body)
        return ident

    def _article(self, reference: str) -> dict[str, Any]:
        found = self._state.articles.get(str(reference))
        if found is None:
            raise LookupError(f"there is no article {reference}")
        return found

    def _file(self, reference: str) -> dict[str, Any]:
        found = [about for about, _ in self._state.files.values() if str(about["id"]) == str(reference)]
        if not found:
            raise LookupError(f"there is no file {reference}")
        return found[0]

    def _open(self, number: str) -> Row:
        row = self._state.ticket(number)
        if row.values["status"] == CLOSED:
            raise ValueError("a closed ticket can't be changed")
        return row

    def _say(
        self, number: str, text: str, *, public: bool = True, by: User = ENGINEER, channel: str = "web"
    ) -> str:
        state, row = self._state, self._open(number)
        audit = state.audit(row, by, channel, {})
        ident = tickets.add_comment(state, row, audit, text, by, public=public, files=[])
        state.change(row, {})
        return ident

    def _set(self, number: str, values: dict[str, Any]) -> None:
        state, row = self._state, self._open(number)
        state.change(row, values)
        state.ledger.store(
            "change", row.key, at=state.clock.now(), by=ENGINEER.email, parent=row.key, values=values
        )


ACTIONS: Final = actions_of(Engineer)


def tell(engineer: Engineer, action: str, arguments: Mapping[str, Any]) -> object:
    """Carry out an order by name; ValueError when it can't be done."""
    return carry_out(engineer, ACTIONS, action, arguments)
