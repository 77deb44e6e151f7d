"""The example vendor's system: few calls, all of them a little awkward.

Priorities count upwards to the worst, a case must be resolved before it can be closed, times are seconds as texts,
a file's name travels in base64, and the address wants a uid that people never see.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from hub.simulators.kit import Call, Clock, FaultKind, FaultRule, Faults, Ledger, Push, Reply, Row, Table, carry_out

USER, PASSWORD, HOOK_SECRET = "rjr", "p4ss-quirk-0815", "hook-secret-quirk-4711"
LIVES = 600  # seconds of a session
STATES = ("Fresh", "Busy", "YourTurn", "Parked", "Fixed", "Shut")


class Quirk:
    """One simulated system in memory."""

    def __init__(self) -> None:
        self.clock, self.ledger, self.latency = Clock(), Ledger(), 0.0
        self.faults = Faults((FaultKind("unknown_status", "shape", "a state that nobody knows"),))
        self.reset()

    def reset(self) -> None:
        self.clock.reset()
        self.ledger.reset()
        self.faults.reset()
        self.cases = Table(("no", "ext"), ("changed",))
        self.articles = Table((), ("changed",))
        self.patches = Table((), ("changed",))
        self.meetings = Table((), ("changed",))
        self.files: dict[str, tuple[str, bytes]] = {}
        self.sessions: dict[str, float] = {}
        self._ids = count(1)

    # --- what tests ask of it ---

    def account(self, url: str) -> dict[str, object]:
        return {"base_url": url, "user": USER, "password": PASSWORD, "webhook_secret": HOOK_SECRET}

    def fill(self, many: int, *, run: int = 1, first: str = "") -> list[str]:
        now = self._now() - 60
        return [
            str(
                self._new(
                    f"Case {at}", "", "P2", first if first and not at else "", now - (many - 1 - at) // run
                ).values["no"]
            )
            for at in range(many)
        ]

    def touch(self, number: str) -> None:
        self.cases.change(self._case(number), {"changed": self._now()})

    def expire_logins(self) -> None:
        self.sessions.clear()

    def push(self, number: str) -> Push:
        at = str(self._now())
        body = json.dumps({"case": number, "event": f"e{next(self._ids)}"}).encode()
        proof = hmac.digest(HOOK_SECRET.encode(), at.encode() + b"." + body, "sha256")
        headers = {"X-Quirk-Time": at, "X-Quirk-Proof": base64.b64encode(proof).decode(), "X-Quirk-Try": "1"}
        return Push("", body, headers, unsigned=frozenset({"x-quirk-try"}))

    def act(self, action: str, arguments: Mapping[str, Any]) -> object:
        return carry_out(People(self), action, arguments)

    # --- HTTP ---

    def classify(self, call: Call) -> None:
        call.user = USER if self._is_known(call) else ""
        kinds: dict[tuple[str, ...], str] = {
            ("POST", "session"): "login",
            ("POST", "cases"): "create",
            ("GET", "cases"): "query",
            ("GET", "cases", "*"): "read",
            ("PATCH", "cases", "*"): "update",
            ("GET", "cases", "*", "notes"): "notes",
            ("POST", "cases", "*", "notes"): "note",
            ("POST", "cases", "*", "files"): "attach",
            ("GET", "files", "*"): "download",
            ("GET", "articles"): "articles",
            ("GET", "articles", "*"): "article",
            ("POST", "articles"): "offer",
            ("POST", "articles", "*", "votes"): "vote",
            ("GET", "patches"): "articles",
            ("GET", "meetings"): "meetings",
            ("POST", "meetings"): "meet",
        }
        shape = tuple("*" if at == 1 else part for at, part in enumerate(call.parts))
        call.operation = kinds.get((call.method, *shape), "other")
        if call.operation == "query" and "ext" in call.query:
            call.operation = "find"

    def admit(self, call: Call) -> Reply | None:
        return None

    def _login(self, call: Call) -> Reply:
        given = json.loads(call.body)
        if (given.get("user"), given.get("pass")) != (USER, PASSWORD):
            return _json({"error": "no"}, 401)
        ticket = f"t{next(self._ids)}-{hashlib.sha256(call.body).hexdigest()[:12]}"
        self.sessions[ticket] = self.clock.now() + LIVES
        return _json({"ticket": ticket, "lives": LIVES})

    def refuse(self, rule: FaultRule) -> Reply:
        return _json({"error": rule.kind}, int(rule.kind[-3:]))

    def reshape(self, rule: FaultRule, reply: Reply) -> Reply:
        body = reply.body
        for state in STATES:
            body = body.replace(f'"state": "{state}"'.encode(), b'"state": "Sideways"')
        return Reply(reply.status, body, reply.headers)

    def answer(self, call: Call) -> Reply:
        if call.operation == "login":
            return self._login(call)
        if not self._is_known(call):
            return _json({"error": "ticket"}, 401)
        try:
            return self._routes()[call.operation](call)
        except LookupError:
            return _json({"error": "not there"}, 404)

    def _routes(self) -> dict[str, Callable[[Call], Reply]]:
        return {
            "create": self._create,
            "query": self._query,
            "find": self._find,
            "read": self._read,
            "update": self._update,
            "notes": self._notes,
            "note": self._add_note,
            "attach": self._add_file,
            "download": self._download,
            "articles": self._list_articles,
            "article": self._article,
            "offer": self._offer,
            "vote": self._vote,
            "meet": self._meet,
            "meetings": lambda call: _json({"rows": [_shown(row) for row in self._after(self.meetings, call)]}),
        }

    def _create(self, call: Call) -> Reply:
        given = json.loads(call.body)
        if set(given) - {"subject", "details", "prio", "ext"} or given.get("prio") not in {"P1", "P2", "P3", "P4"}:
            return _json({"error": "fields", "field": "prio"}, 422)
        row = self._new(given["subject"], given["details"], given["prio"], given.get("ext", ""), self._now())
        self.ledger.store(
            "case",
            row.values["no"],
            at=self.clock.now(),
            by=USER,
            key=row.values["ext"] or None,
            text=given["details"],
            sha256=hashlib.sha256(call.body).hexdigest(),
            values=given,
        )
        return _json(_shown(row), 201)

    def _query(self, call: Call) -> Reply:
        return _json({"rows": [_shown(row) for row in self._after(self.cases, call)]})

    def _after(self, table: Table, call: Call) -> list[Row]:
        since, uid = int(call.query.get("since", "0")), call.query.get("after", "")
        rows = sorted(
            table.between("changed", *table.bounds("changed", since)), key=lambda r: (r.values["changed"], r.key)
        )
        rows = [row for row in rows if (row.values["changed"], row.key) > (since, uid)]
        return rows[: int(call.query.get("size", "50"))]

    def _find(self, call: Call) -> Reply:
        return _json({"rows": [_shown(row) for row in self.cases.where("ext", call.query["ext"])]})

    def _read(self, call: Call) -> Reply:
        return _json(_shown(self.cases.rows[call.parts[1]]))

    def _update(self, call: Call) -> Reply:
        row, given = self.cases.rows[call.parts[1]], json.loads(call.body)
        if given.get("state") == "Shut" and row.values["state"] != "Fixed":
            return _json({"error": "fix it first"}, 409)
        self.cases.change(row, {**given, "changed": self._now()})
        self.ledger.store(
            "change",
            row.values["no"],
            at=self.clock.now(),
            by=USER,
            parent=row.values["no"],
            values=given,
            sha256=hashlib.sha256(call.body).hexdigest(),
        )
        return _json(_shown(row))

    def _notes(self, call: Call) -> Reply:
        row = self.cases.rows[call.parts[1]]
        return _json({"rows": row.values["notes"], "files": row.values["files"]})

    def _add_note(self, call: Call) -> Reply:
        given, row = json.loads(call.body), self.cases.rows[call.parts[1]]
        ident = self._note(row, given["text"], given["visible"], given.get("tag", ""), USER)
        self.ledger.store(
            "note",
            ident,
            at=self.clock.now(),
            by=USER,
            parent=row.values["no"],
            text=given["text"],
            public=given["visible"] == "all",
            key=given.get("tag"),
            sha256=hashlib.sha256(call.body).hexdigest(),
        )
        return _json({"id": ident}, 201)

    def _add_file(self, call: Call) -> Reply:
        row, name = self.cases.rows[call.parts[1]], base64.urlsafe_b64decode(call.query["name"]).decode()
        ident = self._file(row, name, call.body, call.query.get("tag", ""))
        values = {"name": name, "size": len(call.body), "sha256": hashlib.sha256(call.body).hexdigest()}
        self.ledger.store("attachment", ident, at=self.clock.now(), by=USER, parent=row.values["no"], values=values)
        return _json({"id": ident, "name": name}, 201)

    def _download(self, call: Call) -> Reply:
        return Reply(200, self.files[call.parts[1]][1], {"Content-Type": "application/octet-stream"})

    def _list_articles(self, call: Call) -> Reply:
        if "q" in call.query:
            rows = [row for row in self.articles if call.query["q"].lower() in str(row.values["title"]).lower()]
            return _json({"rows": [_shown(row) for row in rows if row.values["live"]]})
        table = self.patches if call.parts[0] == "patches" else self.articles
        return _json({"rows": [_shown(row) for row in self._after(table, call)]})

    def _article(self, call: Call) -> Reply:
        return _json(_shown(self.articles.rows[call.parts[1]]))

    def _offer(self, call: Call) -> Reply:
        given = json.loads(call.body)
        ident = self._page(self.articles, given["title"], given["html"])
        self.ledger.store("article", ident, at=self.clock.now(), by=USER, text=given["html"])
        return _json(_shown(self.articles.rows[ident]), 201)

    def _vote(self, call: Call) -> Reply:
        self.ledger.store("feedback", f"v{next(self._ids)}", at=self.clock.now(), by=USER, parent=call.parts[1])
        return _json({"ok": True}, 201)

    def _meet(self, call: Call) -> Reply:
        ident = f"m{next(self._ids)}"
        ticket = json.loads(call.body)["ticket"]
        row = self.meetings.add(ident, {"ticket": ticket, "code": f"7{next(self._ids):05d}", "changed": self._now()})
        self.ledger.store("session", ident, at=self.clock.now(), by=USER, parent=ticket)
        return _json(_shown(row), 201)

    def _page(self, table: Table, title: str, html: str) -> str:
        ident = f"A{next(self._ids)}"
        table.add(ident, {"id": ident, "title": title, "html": html, "live": True, "changed": self._now()})
        return ident

    # --- inside ---

    def _now(self) -> int:
        return int(self.clock.now())

    def _is_known(self, call: Call) -> bool:
        return self.sessions.get(call.headers.get("x-ticket", ""), 0.0) > self.clock.now()

    def _case(self, number: str) -> Row:
        rows = self.cases.where("no", number)
        if not rows:
            raise LookupError(f"no case {number}")
        return rows[0]

    def _new(self, subject: str, details: str, prio: str, ext: str, at: int) -> Row:
        number = next(self._ids)
        return self.cases.add(
            f"u{number * 7919 % 100003:06d}",
            {
                "no": f"Q-{number}",
                "subject": subject,
                "details": details,
                "prio": prio,
                "ext": ext,
                "state": "Fresh",
                "cure": "",
                "made": at,
                "changed": at,
                "notes": [],
                "files": [],
            },
        )

    def _set(self, number: str, **values: str) -> None:
        self.cases.change(self._case(number), {**values, "changed": self._now()})

    def _note(self, row: Row, text: str, visible: str, tag: str, by: str) -> str:
        ident = f"n{next(self._ids)}"
        note = {"id": ident, "text": text, "visible": visible, "tag": tag, "by": by, "at": str(self._now())}
        self.cases.change(row, {"notes": [*row.values["notes"], note], "changed": self._now()})
        return ident

    def _file(self, row: Row, name: str, data: bytes, tag: str) -> str:
        ident = f"f{next(self._ids)}"
        self.files[ident] = (name, data)
        about = {"id": ident, "name": name, "size": len(data), "tag": tag}
        self.cases.change(row, {"files": [*row.values["files"], about], "changed": self._now()})
        return ident


class People:
    """The vendor's engineer and editor."""

    def __init__(self, system: Quirk) -> None:
        self._system = system

    def take(self, number: str) -> None:
        self._system._set(number, state="Busy")

    def answer(self, number: str, text: str) -> str:
        return self._system._note(self._system._case(number), text, "all", "", "Dana")

    def ask(self, number: str, question: str) -> str:
        self._system._set(number, state="YourTurn")
        return self.answer(number, question)

    def internal_note(self, number: str, text: str) -> str:
        return self._system._note(self._system._case(number), text, "staff", "", "Dana")

    def auto_reply(self, number: str, text: str = "We have got it.") -> str:
        return self._system._note(self._system._case(number), text, "all", "", "robot")

    def attach(self, number: str, name: str, data: bytes) -> str:
        return self._system._file(self._system._case(number), name, data, "")

    def resolve(self, number: str, text: str) -> None:
        self._system._set(number, state="Fixed", cure=text)

    def reopen(self, number: str) -> None:
        self._system._set(number, state="Busy")

    def close(self, number: str) -> None:
        self._system._set(number, state="Shut")

    def set_severity(self, number: str, severity: int) -> None:
        self._system._set(number, prio=f"P{5 - severity}")

    def set_text(self, number: str, description: str) -> None:
        self._system._set(number, subject=description)

    def delete(self, number: str) -> None:
        self._system.cases.remove(self._system._case(number))

    def publish(self, title: str, body: str, *, language: str = "en", product: str = "", version: str = "") -> str:
        return self._system._page(self._system.articles, title, body)

    def publish_patch(self, title: str, body: str, *, product: str = "", version: str = "") -> str:
        return self._system._page(self._system.patches, title, body)

    def revise(self, reference: str, **changes: str) -> None:
        self._system.articles.change(self._system.articles.rows[reference], {**changes, "changed": self._system._now()})

    def withdraw(self, reference: str) -> None:
        self._system.articles.change(
            self._system.articles.rows[reference], {"live": False, "changed": self._system._now()}
        )


def _shown(row: Row) -> dict[str, Any]:
    values = {name: value for name, value in row.values.items() if name not in {"notes", "files", "details"}}
    counted = len(row.values.get("notes", ())) + len(row.values.get("files", ()))
    return {
        **values,
        "uid": row.key,
        "said": counted,
        "made": str(values.get("made", 0)),
        "changed": str(values["changed"]),
    }


def _json(value: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})
