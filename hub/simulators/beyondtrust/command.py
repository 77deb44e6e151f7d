"""The Command API in XML: keys, teams, attributes and orders to running sessions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from hub.simulators.beyondtrust.state import SessionEvent, State, SupportSession
from hub.simulators.beyondtrust.xml import Refused, document, moment, tag, text
from hub.simulators.kit import Call, Reply

MOST_TTL = 30 * 86_400
MOST_FIELDS, LONGEST = 30, 1024
_READS = ("get_", "check_")
Given = Mapping[str, str]


class Commands:
    """Carries out one action at a time; raises Refused for an error document."""

    def __init__(self, state: State, namespace: str) -> None:
        self._state, self._namespace = state, namespace

    def answer(self, given: Given, call: Call) -> Reply:
        """The reply to an action."""
        action = given.get("action", "")
        handler = _ACTIONS.get(action)
        if handler is None:
            raise Refused("Invalid action.")
        level = self._state.options.permissions.get("perm_command", "deny")
        if level == "deny" or (level != "full_access" and not action.startswith(_READS)):
            raise Refused("Permission denied.")
        root, inner = handler(self._state, {**given, "": call.headers.get("Host", "")}, call)
        return document(root, inner, self._namespace)


def _running(state: State, given: Given) -> SupportSession:
    session = state.sessions.get(given.get("lsid", ""))
    if session is None or session.ended is not None:
        raise Refused("Invalid lsid.")
    return session


def _queue(state: State, wanted: str) -> str:
    kind, _, name = wanted.partition(":")
    people = {rep.split()[0].lower() for rep in state.seeds.reps.values()}
    fits = {
        "general": name == "",
        "team": name.isdigit() and int(name) in state.seeds.teams,
        "rep": name.isdigit() and int(name) in state.seeds.reps,
        "rep_username": name in people,
        "issue": name in state.seeds.issues,
    }
    if not fits.get(kind, False):
        raise Refused("Invalid queue_id.")
    return wanted


def _attributes(state: State, given: Given) -> dict[str, str]:
    custom = {
        name.removeprefix("session.custom."): value
        for name, value in given.items()
        if name.startswith("session.custom.")
    }
    if "external_key" in given:
        custom.setdefault("external_key", given["external_key"])
    if not custom.keys() <= state.seeds.fields.keys():
        raise Refused("Invalid custom attribute.")
    if len(custom) > MOST_FIELDS or any(len(value) > LONGEST for value in custom.values()):
        raise Refused("Too many or too long custom attributes.")
    return custom


def _key(state: State, given: Given, call: Call) -> tuple[str, str]:
    if given.get("type") != "support":
        raise Refused("Invalid type.")
    ttl, priority = given.get("ttl", "1800"), given.get("session.priority", "2")
    if not ttl.isdigit() or not 0 < int(ttl) <= MOST_TTL:
        raise Refused("Invalid ttl.")
    if priority not in {"1", "2", "3"}:
        raise Refused("Invalid session.priority.")
    queue, attributes = _queue(state, given.get("queue_id", "")), _attributes(state, given)
    made = state.issue(queue, int(ttl), attributes, hashlib.sha256(call.body).hexdigest())
    address = f"http://{given['']}/?ak={made.long}"
    inner = (
        text("type", "support")
        + text("ttl", ttl)
        + moment("expires", made.expires, "ts")
        + text("queue", queue)
        + text("external_key", attributes.get("external_key", ""))
        + text("short_key", made.short)
        + text("key_url", address)
        + text("mail_subject", "Support session invitation")
        + text("mail_body", f"Please open {address} to start.")
    )
    return "session_key", inner


def _teams(state: State, given: Given, _: Call) -> tuple[str, str]:
    members = "".join(tag("representative", id=rep) for rep in state.seeds.reps)
    shown = tag("members", members) if given.get("showmembers") == "1" else ""
    teams = state.seeds.teams.items()
    return "support_teams", "".join(tag("support_team", text("name", name) + shown, id=at) for at, name in teams)


def _reps(state: State, _: Given, __: Call) -> tuple[str, str]:
    reps = state.seeds.reps.items()
    return "logged_in_reps", "".join(tag("rep", text("display_name", name), id=at) for at, name in reps)


def _read(state: State, given: Given, _: Call) -> tuple[str, str]:
    session = _running(state, given)
    return "custom_attributes", custom_attributes(state, session)


def custom_attributes(state: State, session: SupportSession) -> str:
    """A session's custom attributes, in XML."""
    return "".join(
        text("custom_attribute", value, display_name=state.seeds.fields[name], code_name=name)
        for name, value in session.attributes.items()
    )


def _set(state: State, given: Given, _: Call) -> tuple[str, str]:
    session, changes = _running(state, given), _attributes(state, given)
    session.attributes.update(changes)
    session.changed = state.clock.now()
    state.ledger.store(
        "change",
        session.lsid,
        at=state.clock.now(),
        by="api",
        parent=session.lsid,
        key=session.attributes.get("external_key"),
        values=changes,
    )
    return "success", "Session attributes were set"


def _terminate(state: State, given: Given, _: Call) -> tuple[str, str]:
    state.end(_running(state, given))
    return "success", "Session was terminated"


def _transfer(state: State, given: Given, _: Call) -> tuple[str, str]:
    session = _running(state, given)
    session.queue = _queue(state, given.get("queue_id", ""))
    state.note(session, SessionEvent(state.clock.now(), "Session Transferred"))
    return "success", "Session was transferred"


def _chat(state: State, given: Given, _: Call) -> tuple[str, str]:
    session, said = _running(state, given), given.get("message", "")
    state.note(session, SessionEvent(state.clock.now(), "Chat Message", "representative", said))
    state.ledger.store(
        "note",
        f"{session.lsid}:{len(session.events)}",
        at=state.clock.now(),
        by="api",
        parent=session.lsid,
        text=said,
        public=True,
    )
    return "success", "Message was sent"


def _info(state: State, _: Given, __: Call) -> tuple[str, str]:
    permissions = "".join(text("permission", value, name=name) for name, value in state.options.permissions.items())
    about = text("api_version", state.options.version) + text("timestamp", int(state.clock.now()))
    return "api_information", about + tag("permissions", permissions)


def _health(state: State, _: Given, __: Call) -> tuple[str, str]:
    appliance = tag("appliance", text("hostname", "support"), id=state.ident("appliance", 1))
    return "health", appliance + text("success", int(state.options.healthy))


_ACTIONS: dict[str, Callable[[State, Given, Call], tuple[str, str]]] = {
    "generate_session_key": _key,
    "get_support_teams": _teams,
    "get_logged_in_reps": _reps,
    "get_session_attributes": _read,
    "set_session_attributes": _set,
    "terminate_session": _terminate,
    "transfer_session": _transfer,
    "send_chat_message": _chat,
    "get_api_info": _info,
    "check_health": _health,
}
