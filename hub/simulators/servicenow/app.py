"""The REST server of a simulated instance: classifies, authenticates and answers each call."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from hub.simulators.kit import BaseSimulator, Call, Reply
from hub.simulators.servicenow import drift, engineer, knowledge, records
from hub.simulators.servicenow.auth import Logins
from hub.simulators.servicenow.lists import page
from hub.simulators.servicenow.options import Options, Seeds
from hub.simulators.servicenow.query import Row
from hub.simulators.servicenow.replies import Refused, missing, result
from hub.simulators.servicenow.state import CASES, State, stamp

_CASE = ["api", "sn_customerservice", "case"]


class ServiceNow(BaseSimulator[Options, Seeds]):
    """One simulated instance in memory; tests may use `state`, `ledger`, `faults`, `clock` and `engineer`."""

    options_type, seeds_type = Options, Seeds
    own_faults = drift

    def _start(self) -> None:
        self.state = State(self.options, self.seeds, self.clock, self.ledger)
        self.logins = Logins(self.seeds, self.options, self.clock)
        self.staff = self.engineer = engineer.Engineer(self.state)
        self.calls, self.hour = 0, self.clock.now()
        for article in self.seeds.articles:
            knowledge.store(self.state, article)
        self.ledger.reset()

    def account(self, url: str) -> dict[str, object]:
        """The settings that reach this instance."""
        return {
            "base_url": url,
            "auth_mode": "oauth_cc",
            "client_id": self.seeds.client_id,
            "client_secret": self.seeds.client_secret,
            "access_profile": self.options.profile,
        }

    def fill(self, count: int, *, run: int = 1, first: str = "") -> list[str]:
        """Store many cases without ledger entries, each `run` at the same time; returns their numbers in order."""
        began, made = self.clock.now() - 3600, []
        for at in range(count):
            head = f"[{first}] " if first and at == 0 and self.options.profile == "external" else ""
            values = {"short_description": f"{head}Case {at}"}
            if first and at == 0 and not head:
                values["correlation_id"] = first
            made.append(self.state.add_case(values, "someone", stamp(began + at // run)))
        return [row["number"] for row in sorted(made, key=lambda row: (row["sys_updated_on"], row["sys_id"]))]

    def touch(self, number: str) -> None:
        """Change a case slightly, so that it becomes the last in order of change."""
        row = self.state.case(number)
        self.state.change_case(row, {"short_description": f"{row['short_description']}."}, "someone")

    def expire_logins(self) -> None:
        """End the token."""
        self.logins.end()

    def classify(self, call: Call) -> None:
        """Name the operation from the request's head."""
        parts, query = call.parts, call.query.get("sysparm_query", "")
        call.user = self.seeds.user
        if parts == ["oauth_token.do"]:
            call.operation = "login"
        elif parts[:3] == _CASE:
            if call.method == "POST":
                call.operation = "create"
            elif call.method == "PUT":
                call.operation = "update"
            elif len(parts) == 3:
                keyed = "correlation_id=" in query or "short_descriptionSTARTSWITH" in query
                call.operation = "find" if keyed else "query"
            else:
                call.operation = "notes" if parts[4:] == ["activities"] else "read"
                call.operation = "query" if parts[3] == "field_values" else call.operation
        elif "attachment" in parts or "attachment_csm" in parts:
            download = call.method == "GET" and parts[-1] == "file"
            call.operation = "attach" if call.method == "POST" else ("download" if download else "files")
        elif parts[:2] == ["api", "sn_km_api"]:
            call.operation = "article" if len(parts) > 4 else "articles"
        elif parts[:3] == ["api", "now", "table"]:
            call.operation = "articles" if parts[3:4] == ["kb_knowledge"] else "query"

    def answer(self, call: Call) -> Reply:
        """Carry out the call."""
        try:
            if call.operation == "login":
                return self.logins.login(call)
            if "session_dropped" in call.faults:
                self.expire_logins()
            if not self.logins.is_known(call):
                raise Refused(401, "User Not Authenticated", "Required to provide Auth information")
            self._count()
            return self._route(call)
        except Refused as refusal:
            reply = refusal.reply()
            if refusal.status == 429:
                left = max(1, int(self.hour + 3600 - self.clock.now()))
                reply.headers |= {"Retry-After": str(left), "X-RateLimit-Limit": str(self.options.hourly_limit)}
            return reply

    def _count(self) -> None:
        if self.clock.now() >= self.hour + 3600:
            self.calls, self.hour = 0, self.clock.now()
        self.calls += 1
        if self.options.hourly_limit and self.calls > self.options.hourly_limit:
            raise Refused(429, "Rate limit exceeded", "Rate limit of requests per hour exceeded")

    def _route(self, call: Call) -> Reply:
        match call.method, call.parts:
            case "GET", ["api", "subscribers"]:
                return result([])
            case "GET", ["api", "sn_customerservice", "case"]:
                return page(self.state, call, self._all_cases(), records.readable(self.state))
            case "POST", ["api", "sn_customerservice", "case"]:
                row = records.create(self.state, _body(call), _sha(call))
                return result({"sys_id": row["sys_id"], "number": row["number"]}, 201)
            case "GET", ["api", "sn_customerservice", "case", "field_values", "state"]:
                return result([{"label": name, "value": at} for at, name in self.options.states])
            case "GET", ["api", "sn_customerservice", "case", ident]:
                return result(self._document(self._case(ident)))
            case "PUT", ["api", "sn_customerservice", "case", ident]:
                row = self._case(ident if len(ident) == 32 else "")
                records.update(self.state, row, _body(call), _sha(call))
                return result({"sys_id": row["sys_id"], "number": row["number"]}, 201)
            case "GET", ["api", "sn_customerservice", "case", ident, "activities"]:
                return self._timeline(call, self._case(ident))
            case "GET", ["api", "now", "table", table]:
                return self._table(call, table)
            case _, ["api", "now", *_]:
                return self._files(call, [part for part in call.parts[2:] if part != "v1"])
            case "GET", ["api", "sn_km_api", "knowledge", "articles", *rest]:
                return knowledge.answer(self.state, call, rest)
        raise Refused(400, "Requested URI does not represent any resource")

    def _all_cases(self) -> Iterable[Row]:
        return self.state.cases.values()

    def _case(self, name: str) -> Row:
        row = self.state.cases.get(self.state.numbers.get(name, name))
        if row is None or row["sys_id"] in self.state.hidden:
            raise missing()
        return row

    def _document(self, row: Row) -> dict[str, Any]:
        document: dict[str, Any] = {name: row[name] for name in records.readable(self.state)}
        document |= {"comments": "", "work_notes": ""}
        for name, kind in (("account", "customer_account"), ("contact", "customer_contact")):
            if document[name]:
                document[name] = {"sys_id": document[name], "name": self.seeds.name, "sys_class_name": kind}
        return document

    def _timeline(self, call: Call, row: Row) -> Reply:
        wanted = call.query.get("sysparm_activity_type", "comments,work_notes,attachment").split(",")
        if self.options.profile == "external":
            wanted = [element for element in wanted if element != "work_notes"]
        every = [entry for entry in reversed(self.state.journal.get(row["sys_id"], [])) if entry["element"] in wanted]
        limit, offset = (int(call.query.get("sysparm_limit", "100")), int(call.query.get("sysparm_offset", "0")))
        entries = [self._entry(entry) for entry in every[offset : offset + limit]]
        reply = result({"number": row["number"], "sys_id": row["sys_id"], "table": CASES, "entries": entries})
        reply.headers["X-Total-Count"] = str(len(every))
        return reply

    def _entry(self, entry: Row) -> dict[str, Any]:
        if "attachment" not in entry:
            return dict(entry)
        file = self.state.files[entry["attachment"]]
        about = {name: file[name] for name in ("sys_id", "file_name", "content_type", "state")}
        return {**entry, "attachment": {**about, "size_bytes": int(file["size_bytes"]), "image_path": ""}}

    def _table(self, call: Call, table: str) -> Reply:
        if self.options.profile == "external":
            raise Refused(403, "User Not Authorized", "Failed API level ACL Validation")
        if table not in self.options.tables:
            raise Refused(400, f"Invalid table {table}")
        if table == "kb_knowledge":
            rows = list(self.state.articles.values())
            return page(self.state, call, rows, {name for row in rows for name in row} or {"sys_id"})
        if table == CASES:
            return page(self.state, call, self._all_cases(), records.readable(self.state))
        entries = [entry for each in self.state.journal.values() for entry in each if "attachment" not in entry]
        return page(self.state, call, entries, ("sys_id", "element", "element_id", "value", "sys_created_on"))

    def _files(self, call: Call, rest: list[str]) -> Reply:
        own = "attachment_csm" if self.options.profile == "external" else "attachment"
        if rest[:1] != [own]:
            raise Refused(403, "User Not Authorized", "Failed API level ACL Validation")
        if call.method == "POST" and rest[1:] == ["file"]:
            return self._upload(call)
        if call.method != "GET":
            raise Refused(405, "Method not supported")
        if len(rest) == 1:
            if own == "attachment_csm" and "table_name=" not in call.query.get("sysparm_query", ""):
                raise Refused(400, "table_name is required")
            rows = list(self.state.files.values())
            return page(self.state, call, rows, rows[0] if rows else ("table_name",))
        file = self.state.files.get(rest[1])
        if file is None:
            raise missing()
        if rest[2:] == ["file"]:
            about = {"Content-Type": file["content_type"], "X-Attachment-Metadata": msgspec.json.encode(file).decode()}
            return Reply(200, self.state.bytes[rest[1]], about)
        return result(file)

    def _upload(self, call: Call) -> Reply:
        query, media = call.query, call.headers.get("Content-Type", "")
        if not media or not all(query.get(name) for name in ("table_name", "table_sys_id", "file_name")):
            raise Refused(400, "Missing parameter", "table_name, table_sys_id, file_name and Content-Type are needed")
        row = self._case(query["table_sys_id"])
        who = (self.seeds.user, self.seeds.name)
        ident = records.attach(self.state, row, query["file_name"], media, call.body, who)
        link = f"https://inner.service-now.example/api/now/attachment/{ident}/file"
        return result({**self.state.files[ident], "download_link": link}, 201)


def _body(call: Call) -> Row:
    try:
        given = msgspec.json.decode(call.body)
    except msgspec.DecodeError:
        raise Refused(400, "Exception while reading request", "malformed JSON") from None
    if not isinstance(given, dict):
        raise Refused(400, "Exception while reading request", "not an object")
    return given


def _sha(call: Call) -> str:
    return hashlib.sha256(call.body).hexdigest()
