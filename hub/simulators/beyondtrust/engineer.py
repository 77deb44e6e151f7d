"""The people in a session: the customer, who joins with a key, and the representative."""

from __future__ import annotations

from hub.simulators.beyondtrust.state import SessionEvent, State, SupportSession


class Engineer:
    """Acts on sessions, named by lsid. LookupError for an unknown one, ValueError for one that has ended."""

    def __init__(self, state: State) -> None:
        self._state = state

    def join(self, code: str, customer: str = "Pat Customer") -> str:
        """Join as the customer with a short key; a representative accepts the session. Returns its lsid."""
        key = self._state.keys.get(code)
        if key is None:
            raise LookupError(f"no session key {code}; give a short key")
        session = self._state.begin(key, customer)
        session.rep = next(iter(self._state.seeds.reps))
        self._state.emit(session, "support_conference_member_added")
        return session.lsid

    def chat(self, lsid: str, text: str, by: str = "representative") -> None:
        """Send a chat message that the customer sees; `by` is representative or customer."""
        if by not in {"representative", "customer"}:
            raise ValueError(f"{by!r} can't chat; choose representative or customer")
        self._happen(lsid, SessionEvent(self._state.clock.now(), "Chat Message", by, text), public=True)

    def note(self, lsid: str, text: str) -> None:
        """Write a note for colleagues."""
        self._happen(
            lsid, SessionEvent(self._state.clock.now(), "Session Note Added", "representative", text), public=False
        )

    def transfer_file(self, lsid: str, name: str, size: int = 20_480) -> None:
        """Send the customer a file; the report names it and its size."""
        at = self._state.clock.now()
        self._happen(lsid, SessionEvent(at, "File Upload", "representative", "", name, size))

    def end(self, lsid: str, comment: str = "") -> None:
        """End the session; `comment` is the customer's in the exit survey."""
        session = self._running(lsid)
        session.comment = comment
        self._state.end(session)
        if comment:
            self._state.emit(session, "support_conference_customer_exit_survey_completed")

    def _running(self, lsid: str) -> SupportSession:
        session = self._state.sessions.get(lsid)
        if session is None:
            raise LookupError(f"no session {lsid}; give an lsid")
        if session.ended is not None:
            raise ValueError(f"session {lsid} has ended already")
        return session

    def _happen(self, lsid: str, event: SessionEvent, *, public: bool | None = None) -> None:
        session = self._running(lsid)
        self._state.note(session, event)
        if public is not None:
            self._state.ledger.store(
                "note",
                f"{lsid}:{len(session.events)}",
                at=event.at,
                by=event.by,
                parent=lsid,
                text=event.body,
                public=public,
            )
