"""The vendor's support engineer: answers, asks, resolves and everything else that the vendor's staff do."""

from __future__ import annotations

from typing import Any

from hub.simulators.arsystem import cases, knowledge, worklogs
from hub.simulators.arsystem.enums import CLOSED, IN_PROGRESS, PENDING, RESOLVED
from hub.simulators.arsystem.errors import ArError
from hub.simulators.arsystem.forms import ATTACHMENT_FIELDS
from hub.simulators.arsystem.incoming import Incoming
from hub.simulators.arsystem.options import Article
from hub.simulators.arsystem.state import State, StoredFile
from hub.simulators.kit import Row

_COMMUNICATION, _GENERAL, _RESOLUTION, _EMAIL = 1000, 6000, 7000, 13000
_ACKNOWLEDGEMENT = (
    "This is an automatic reply. Thank you for contacting support. Your request has been received and an "
    "engineer will be in touch. Please do not reply to this message."
)
# RjR's severities 1 to 4 as impact and urgency.
_SEVERITY = {1: (1000, 1000), 2: (2000, 2000), 3: (3000, 3000), 4: (4000, 4000)}


class Engineer:
    """Acts on incidents by Incident Number or Vendor Ticket Number; LookupError when there is none."""

    def __init__(self, state: State, name: str = "Dana Levesque", login: str = "dlevesque") -> None:
        self._state, self.name, self.login = state, name, login

    def take(self, number: str) -> None:
        """Assign the incident to oneself and start: In Progress."""
        self._set(number, {"Status": IN_PROGRESS, **self._me()})

    def answer(self, number: str, text: str) -> str:
        """Write a public note; returns its id."""
        return self._note(number, text, _COMMUNICATION, worklogs.PUBLIC)

    def ask(self, number: str, question: str) -> str:
        """Ask the caller: public note, then Pending with Client Action Required; returns the note's id."""
        note = self._note(number, question, _COMMUNICATION, worklogs.PUBLIC)
        self._set(number, {"Status": PENDING, "Status_Reason": 2000})
        return note

    def internal_note(self, number: str, text: str) -> str:
        """Write a note for colleagues, which the API user can still read; returns its id."""
        return self._note(number, text, _GENERAL, worklogs.INTERNAL)

    def auto_reply(self, number: str, text: str = _ACKNOWLEDGEMENT) -> str:
        """Send the canned acknowledgement as a public note; returns its id."""
        return self._note(number, text, _EMAIL, worklogs.PUBLIC, by="AR_ESCALATOR")

    def attach(self, number: str, name: str, data: bytes) -> str:
        """Add a public note with one file; returns its id."""
        values = self._values(number, f"file {name}", _COMMUNICATION, worklogs.PUBLIC)
        return worklogs.add(self._state, {**values, ATTACHMENT_FIELDS[0]: StoredFile(name, data)}, self.login).key

    def resolve(self, number: str, text: str) -> None:
        """Resolved, with the text as Resolution."""
        self._set(number, {"Status": RESOLVED, "Status_Reason": 15000, "Resolution": text, **self._me()})

    def reopen(self, number: str) -> None:
        """Back to In Progress."""
        self.take(number)

    def close(self, number: str) -> None:
        """Closed; only a resolved incident can be."""
        self._set(number, {"Status": CLOSED})

    def reassign(self, number: str, group: str, assignee: str | None = None) -> None:
        """Assign the incident to another support group."""
        self._set(number, {"Assigned Group": group, "Assignee": assignee})

    def set_severity(self, number: str, severity: int) -> None:
        """Set impact and urgency so that Priority becomes Critical (1), High (2), Medium (3) or Low (4)."""
        impact, urgency = _SEVERITY[severity]
        self._set(number, {"Impact": impact, "Urgency": urgency})

    def set_status(self, number: str, status: str, reason: str | None = None) -> None:
        """Set any status by label, subject to the usual rules."""
        enums = self._state.enums
        wanted = enums["Status"].number(status)
        cause = None if reason is None else enums["Status_Reason"].number(reason)
        if wanted is None or (reason is not None and cause is None):
            raise ValueError(f"unknown status {status!r} or reason {reason!r}; use this server's labels")
        self._set(number, {"Status": wanted, "Status_Reason": cause})

    def set_text(self, number: str, description: str) -> None:
        """Edit the incident's summary."""
        self._set(number, {"Description": description})

    def delete(self, number: str) -> None:
        """Delete the incident; later reads find nothing."""
        cases.delete(self._state, self._find(number), self.login)

    def publish(self, **article: Any) -> str:
        """Publish an article (arguments as of `Article`); returns its DocID."""
        return str(knowledge.publish(self._state, Article(**article)).values["DocID"])

    def revise(self, doc_id: str, **changes: Any) -> None:
        """Change an article's title, body or status."""
        knowledge.revise(self._state, doc_id, **changes)

    def _find(self, number: str) -> Row:
        state = self._state
        keyed = state.tables["incidents"].where("Vendor Ticket Number", number)
        row = state.incident(number) or (keyed[0] if keyed else None)
        if row is None:
            raise LookupError(f"no incident {number}; give an Incident Number or a Vendor Ticket Number")
        return row

    def _set(self, number: str, values: dict[str, Any]) -> None:
        try:
            cases.change(self._state, self._find(number), Incoming(values, {}), self.login)
        except ArError as refusal:
            raise ValueError(f"{refusal.message.message_text}: {refusal.message.message_appended_text}") from None

    def _note(self, number: str, text: str, kind: int, access: int, by: str | None = None) -> str:
        return worklogs.add(self._state, self._values(number, text, kind, access), by or self.login).key

    def _values(self, number: str, text: str, kind: int, access: int) -> dict[str, Any]:
        return {
            "Incident Number": self._find(number).values["Incident Number"],
            "Work Log Type": kind,
            "View Access": access,
            "Short Description": text.partition("\n")[0][:100],
            "Detailed Description": text,
        }

    def _me(self) -> dict[str, Any]:
        return {"Assignee": self.name, "Assignee Login ID": self.login}
