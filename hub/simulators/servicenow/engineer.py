"""The vendor's support engineer and its editor of knowledge."""

from __future__ import annotations

from hub.simulators.servicenow import knowledge, records
from hub.simulators.servicenow.options import Article
from hub.simulators.servicenow.query import Row
from hub.simulators.servicenow.state import ENGINEER, MACHINE, State

_DANA = (ENGINEER, "Dana Levesque")
_SYSTEM = (MACHINE, "System")
_ACKNOWLEDGEMENT = "This is an automatic reply. Your request has been received. Please do not reply to this message."


class Engineer:
    """Acts on cases by number or key, and on articles by number."""

    def __init__(self, state: State) -> None:
        self._state = state

    def take(self, number: str) -> None:
        """Assign the case to oneself and open it."""
        self._set(number, {"state": "10", "assigned_to": ENGINEER})

    def answer(self, number: str, text: str) -> str:
        """Write a comment; returns its id."""
        return self._comment(number, "comments", text)

    def ask(self, number: str, question: str) -> str:
        """Ask in a comment, and await the answer; returns the comment's id."""
        ident = self._comment(number, "comments", question)
        self._set(number, {"state": "18"})
        return ident

    def internal_note(self, number: str, text: str) -> str:
        """Write a work note; its id. ValueError for a contact's login, which never sees work notes."""
        if self._state.options.profile == "external":
            raise ValueError("a contact's login never sees work notes")
        return self._comment(number, "work_notes", text)

    def auto_reply(self, number: str, text: str = _ACKNOWLEDGEMENT) -> str:
        """Send the canned acknowledgement; returns its id."""
        return self._comment(number, "comments", text, _SYSTEM)

    def attach(self, number: str, name: str, data: bytes) -> str:
        """Add a file; returns its id."""
        return records.attach(self._state, self._state.case(number), name, "application/octet-stream", data, _DANA)

    def resolve(self, number: str, text: str) -> None:
        """Propose a solution."""
        code = "Solved - Fixed by Support/Guidance provided"
        now = self._state.now()
        self._set(number, {"state": "6", "close_notes": text, "resolution_code": code, "resolved_at": now})

    def reopen(self, number: str) -> None:
        """Resume work on it; ValueError for a closed case."""
        self._set(number, {"state": "10"})

    def close(self, number: str) -> None:
        """Close it for good."""
        self._set(number, {"state": "3", "active": "false", "closed_at": self._state.now()})

    def set_severity(self, number: str, severity: int) -> None:
        """Give it the priority of that number."""
        self._set(number, {"priority": str(severity)})

    def set_text(self, number: str, description: str) -> None:
        """Change its title, keeping a key at its beginning."""
        title = self._state.case(number)["short_description"]
        head = title[: title.index("]") + 2] if title.startswith("[") and "]" in title else ""
        self._set(number, {"short_description": head + description})

    def delete(self, number: str) -> None:
        """Delete it."""
        row = self._state.case(number)
        del self._state.cases[row["sys_id"]], self._state.numbers[row["number"]]

    def publish(self, title: str, body: str, *, language: str = "en", product: str = "", version: str = "") -> str:
        """Publish an article; returns its number."""
        fields = {"u_product": product, "u_version": version}
        number = self._state.number("KB")
        article = Article(number=number, title=title, body=body, language=language, age_seconds=0, fields=fields)
        return knowledge.store(self._state, article)

    def revise(self, reference: str, **changes: str) -> None:
        """Publish a new version: a new row with the same number; the old one is outdated."""
        old = self._article(reference)
        names = {"title": "short_description", "body": "text"}
        new = {**old, **{names[name]: value for name, value in changes.items()}}
        now, ident = self._state.now(), self._state.new_id()
        old |= {"workflow_state": "outdated", "sys_updated_on": now}
        self._state.articles[ident] = new | {"sys_id": ident, "sys_updated_on": now}

    def withdraw(self, reference: str) -> None:
        """Retire an article."""
        self._article(reference).update({"workflow_state": "retired", "sys_updated_on": self._state.now()})

    def publish_patch(self, title: str, body: str, *, product: str = "", version: str = "") -> str:
        """Publish a download, or for contacts the article that announces it; returns its number."""
        fields = {"u_product": product, "u_version": version}
        number = self._state.number("KB" if self._state.options.profile == "external" else "DOW")
        article = Article(number=number, title=title, body=body, age_seconds=0, fields=fields)
        return knowledge.store(self._state, article, "patch")

    def _article(self, number: str) -> Row:
        versions = [article for article in self._state.articles.values() if article["number"] == number]
        live = [row for row in versions if row["workflow_state"] == "published"]
        if not live:
            raise LookupError(f"there is no published article {number}")
        return live[-1]

    def _comment(self, number: str, element: str, text: str, who: tuple[str, str] = _DANA) -> str:
        state, row = self._state, self._state.case(number)
        _open_only(row)
        ident = state.add_entry(row, element, text, who)
        state.change_case(row, {}, who[1])
        public = element == "comments"
        state.ledger.store(
            "note", ident, at=state.clock.now(), by=who[1], parent=row["number"], text=text, public=public
        )
        return ident

    def _set(self, number: str, values: Row) -> None:
        state, row = self._state, self._state.case(number)
        _open_only(row)
        state.change_case(row, values, _DANA[1])
        state.ledger.store(
            "change", row["number"], at=state.clock.now(), by=_DANA[1], parent=row["number"], values=dict(values)
        )


def _open_only(row: Row) -> None:
    if row["state"] == "3":
        raise ValueError("a closed case can't be changed")
