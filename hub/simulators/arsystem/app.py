"""The AR System REST server: classifies and authenticates each call, and passes it to the forms."""

from __future__ import annotations

from typing import Any

from hub.simulators.arsystem import cases, drift, engineer, knowledge, query, worklogs
from hub.simulators.arsystem.auth import LoginSession, Sessions, unauthorized
from hub.simulators.arsystem.errors import NO_ENTRY, NO_FORM, NO_PERMISSION, ArError
from hub.simulators.arsystem.forms import ARTICLES, CREATE, FORMS, HELP_DESK, INTERFACE, TEMPLATES, WORKLOG, Form
from hub.simulators.arsystem.incoming import read_entry
from hub.simulators.arsystem.options import Options, Seeds
from hub.simulators.arsystem.state import State, StoredFile
from hub.simulators.kit import BaseSimulator, Call, FaultRule, Reply, Row

_KINDS = {
    ("POST", CREATE): "create",
    ("POST", WORKLOG): "note",
    ("PUT", WORKLOG): "note_change",
    ("PUT", INTERFACE): "update",
    ("PUT", HELP_DESK): "update",
    ("DELETE", HELP_DESK): "delete",
}
_QUERIES = {WORKLOG: "notes", ARTICLES: "articles", **dict.fromkeys(TEMPLATES, "article_body")}


class ArSystem(BaseSimulator[Options, Seeds]):
    """One simulated server in memory; tests may use `state`, `ledger`, `faults`, `clock` and `engineer`."""

    options_type, seeds_type = Options, Seeds
    own_faults = drift

    @property
    def least_latency(self) -> float:  # type: ignore[override]
        """One millisecond where a second call of the same user is refused, so that calls overlap."""
        return 0.001 if self.options.one_in_flight else 0.0

    def _start(self) -> None:
        self.state = State(self.options, self.clock, self.ledger)
        self.sessions = Sessions(dict(self.seeds.users), self.options, self.clock)
        self.staff = self.engineer = engineer.Engineer(self.state)
        tables = self.state.tables
        for at, person in enumerate(self.seeds.people, 1):
            key = f"PPL{at:012d}"
            values = {"Person ID": key, "First Name": person.first_name, "Last Name": person.last_name}
            values |= {"Remedy Login ID": person.login_id, "Company": person.company, "Internet Email": person.email}
            tables["people"].add(key, values)
        for at, group in enumerate(self.seeds.groups, 1):
            key = f"SGP{at:012d}"
            named: dict[str, Any] = {"Support Group ID": key, "Support Group Name": group.name, "Status": 0}
            tables["groups"].add(key, {**named, "Company": group.company, "Support Organization": group.organization})
        for article in self.seeds.articles:
            knowledge.publish(self.state, article)
        self.ledger.reset()

    def load(self, incidents: list[dict[str, Any]], by: str = "import") -> None:
        """Store many incidents at once, unchecked and out of the ledger.

        Each gives at least Status, Impact and Urgency as numbers, and may give Submit Date and Last Modified
        Date as epoch seconds.
        """
        cases.fill(self.state, incidents, by)

    def touch(self, number: str) -> None:
        """Change an incident's time of change; LookupError when there is none."""
        row = self.state.incident(number)
        if row is None:
            raise LookupError(f"no incident {number}; give an Incident Number")
        self.state.tables["incidents"].change(row, {"Last Modified Date": self.state.now()})

    def expire_logins(self) -> None:
        """Revoke all tokens."""
        self.sessions.drop()

    def classify(self, call: Call) -> None:
        """Name the operation and the user from method, path and token."""
        parts = call.parts
        if parts[:2] == ["api", "jwt"]:
            call.operation = parts[2] if len(parts) == 3 else "other"
            return
        _, session = self.sessions.session(call)
        call.user = session.user if session is not None else ""
        if len(parts) < 5 or parts[3] != "entry":
            return
        form = parts[4]
        if call.method == "GET":
            if len(parts) >= 7 and parts[6] == "attach":
                call.operation = "download"
            else:
                call.operation = _QUERIES.get(form, "query") if len(parts) == 5 else "read"
        else:
            call.operation = "schema" if call.method == "OPTIONS" else _KINDS.get((call.method, form), "other")

    def admit(self, call: Call) -> Reply | None:
        """Refuse a second call of a user while another is running."""
        if self.options.one_in_flight and call.user and call.in_flight > 1:
            return drift.refuse(FaultRule(kind="ar_9093"))
        return None

    def answer(self, call: Call) -> Reply:
        """Carry out the call; refusals are replied as an error array."""
        try:
            if call.operation == "login" and call.method == "POST":
                return self.sessions.login(call)
            if "token_dropped" in call.faults:
                self.sessions.drop(call.user)
            token, session = self.sessions.session(call)
            if session is None:
                raise unauthorized()
            if call.operation == "logout" and call.method == "POST":
                return self.sessions.logout(token)
            reply = self._entry(call, session)
        except ArError as refusal:
            return refusal.reply()
        reply.headers.update(self.sessions.touch(session))
        return reply

    def _entry(self, call: Call, session: LoginSession) -> Reply:
        parts = call.parts
        if len(parts) < 4 or parts[:2] != ["api", "arsys"] or parts[2] not in ("v1", "v1.0") or parts[3] != "entry":
            raise ArError(404, NO_FORM, "No such resource", call.path)
        if len(parts) == 4:
            return Reply.json([query.href(self.state, call, form) for form in FORMS.values()])
        form = FORMS.get(parts[4])
        if form is None:
            raise ArError(404, NO_FORM, "Form does not exist on server", parts[4])
        if session.guest and (call.method not in ("GET", "OPTIONS") or len(parts) > 5):
            raise ArError(403, NO_PERMISSION, "You do not have permission for this operation", form.name)
        if len(parts) == 5:
            return self._on_form(call, form, session)
        return self._on_row(call, form, session)

    def _on_form(self, call: Call, form: Form, session: LoginSession) -> Reply:
        match call.method:
            case "GET" if session.guest:
                return Reply.json({"entries": [], "_links": {}})
            case "GET":
                return query.run(self.state, call, form)
            case "OPTIONS":
                return Reply.json(self._schema(form))
            case "POST" if form.name == CREATE:
                return self._create(call, form, session.user)
            case "POST" if form.name == WORKLOG:
                incoming = read_entry(self.state, call, form, creating=True)
                row = worklogs.add(self.state, incoming.values, session.user, incoming.sha256)
                return self._created(call, form, row)
            case "POST":
                raise ArError(403, NO_PERMISSION, "You do not have permission for this operation", form.name)
        raise ArError(405, NO_PERMISSION, "Method is not allowed", call.method)

    def _on_row(self, call: Call, form: Form, session: LoginSession) -> Reply:
        row = self.state.row(form, call.parts[5])
        if row is None:
            raise ArError(404, NO_ENTRY, "Entry does not exist in database", f"{form.name}, {call.parts[5]}")
        state, rest = self.state, call.parts[6:]
        if call.method == "GET" and len(rest) == 2 and rest[0] == "attach":
            return _bytes(worklogs.attachment(row, rest[1]))
        if call.method == "GET" and rest[:1] == ["assoc"]:
            return Reply.json({"entries": []})
        match call.method:
            case "GET" if not rest:
                fields = query.projection(state, form, call.query.get("fields"))
                own = query.href(state, call, form, row.values[form.id_source])
                return Reply.json(query.document(row, fields, own))
            case "PUT" if form.name in (INTERFACE, HELP_DESK):
                cases.change(state, row, read_entry(state, call, form, creating=False), session.user)
                return Reply(204)
            case "PUT" if form.name == WORKLOG:
                worklogs.change(state, row, read_entry(state, call, form, creating=False), session.user)
                return Reply(204)
            case "DELETE" if form.name == HELP_DESK:
                cases.delete(state, row, session.user)
                return Reply(204)
            case "PUT" | "DELETE":
                raise ArError(403, NO_PERMISSION, "You do not have permission for this operation", form.name)
        raise ArError(405, NO_PERMISSION, "Method is not allowed", call.method)

    def _create(self, call: Call, form: Form, user: str) -> Reply:
        incoming = read_entry(self.state, call, form, creating=True)
        # A wrong field list has to be refused before anything is stored.
        query.projection(self.state, form, call.query.get("fields"))
        slow = call.faults.get("slow_index")
        hidden = 0.0 if slow is None else (5.0 if slow.seconds is None else slow.seconds)
        row = cases.create(self.state, incoming, user, hidden_seconds=hidden)
        if self.options.auto_acknowledge:
            self.engineer.auto_reply(row.values["Incident Number"])
        return self._created(call, form, row)

    def _created(self, call: Call, form: Form, row: Row) -> Reply:
        if form.name == CREATE and self.options.create_reply == "none":
            return Reply(204)
        own = query.href(self.state, call, form, row.values[form.id_source])
        headers = {"Location": own}
        asked = call.query.get("fields", "").replace(" ", "")
        if asked in ("", "values()") or self.options.create_reply == "empty":
            return Reply(201, b"", headers)
        fields = query.projection(self.state, form, call.query["fields"])
        shown = query.document(row, fields, own)
        for name in self.options.left_out_of_create:
            shown["values"].pop(name, None)
        if not self.options.self_link_has_id:
            shown["_links"]["self"][0]["href"] = query.href(self.state, call, form)
        return Reply.json(shown, 201, Location=own)

    def _schema(self, form: Form) -> dict[str, Any]:
        """A form's fields; the shape of this reply is unverified."""
        fields = [
            {
                "name": f.name,
                "id": f.id,
                "type": f.kind.upper(),
                "required": f.name in form.required,
                "readOnly": f.locked or f.computed,
                "values": list(self.state.enums[f.enum].labels.values()) if f.kind == "enum" else None,
            }
            for f in form.fields.values()
        ]
        return {"name": form.name, "fields": fields}


def _bytes(stored: StoredFile) -> Reply:
    return Reply(200, stored.data, {"Content-Type": "application/octet-stream"})
