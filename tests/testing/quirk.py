"""The correct plugin for the example vendor; each mutant overrides one of its methods."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping, MutableMapping
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

import msgspec
from pydantic import Field, SecretStr

from hub import hookimpl
from hub.errors import CaseMissing, DeliveryRefused, HubError, IntakeIncomplete, VendorMisbehaved
from hub.http import Call, Connection, Reply, SessionLogin
from hub.model import (
    Account,
    AccountSettings,
    Article,
    ArticleDraft,
    Attachment,
    Case,
    CaseChanges,
    CaseDraft,
    CaseNews,
    CaseReference,
    CaseStatus,
    Comment,
    Cursor,
    Delivery,
    Feedback,
    Finding,
    Intake,
    Page,
    Patch,
    Quarantined,
    Question,
    Session,
    Severity,
    StreamKind,
    Ticket,
    VendorInfo,
    WebhookRequest,
)
from hub.platforms.form import choice
from hub.platforms.proof import require_recent, require_signature
from hub.platforms.stream import advance, fresh, seen_row, stream
from hub.platforms.texts import file_name, shortened, storable, text
from hub.platforms.words import VendorWords
from tests.testing.quirk_simulator import Quirk as Simulator

TITLE = 120  # characters
WORDS = VendorWords(
    statuses={
        "Fresh": CaseStatus.OPEN,
        "Busy": CaseStatus.IN_PROGRESS,
        "YourTurn": CaseStatus.WAITING_ON_US,
        "Parked": CaseStatus.WAITING_ON_VENDOR,
        "Fixed": CaseStatus.RESOLVED,
        "Shut": CaseStatus.CLOSED,
    },
    severities={"P4": Severity.S1, "P3": Severity.S2, "P2": Severity.S3, "P1": Severity.S4},
    status_words={
        CaseStatus.OPEN: "Fresh",
        CaseStatus.IN_PROGRESS: "Busy",
        CaseStatus.WAITING_ON_US: "YourTurn",
        CaseStatus.WAITING_ON_VENDOR: "Parked",
        CaseStatus.RESOLVED: "Fixed",
        CaseStatus.CLOSED: "Shut",
    },
    severity_words={Severity.S1: "P4", Severity.S2: "P3", Severity.S3: "P2", Severity.S4: "P1"},
)
FORM = (
    Question(name="site", title="Site", required=True, choices=("north", "south")),
    Question(name="build", title="Build", default="7"),
)


class QuirkSettings(AccountSettings):
    """One login at the example vendor."""

    base_url: str = Field(title="Address", description="Of the interface.")
    user: str = Field(title="User", description="The login of the hub alone.")
    password: SecretStr = Field(title="Password", description="Of the user.")
    webhook_secret: SecretStr | None = Field(None, title="Secret", description="Signs deliveries.")
    page_size: int = Field(50, ge=1, le=500, title="Page size", description="Rows asked for at once.")


class Rows(msgspec.Struct):
    """The reply with a list of cases, articles, patches or sessions."""

    rows: list[dict[str, Any]]


class Notes(Rows):
    """The reply with a case's comments and files."""

    files: list[dict[str, Any]]


class Login(SessionLogin):
    """The login, whose ticket expires."""

    def __init__(self, settings: QuirkSettings) -> None:
        self._settings = settings

    def login_request(self) -> Call:
        password = self._settings.password.get_secret_value()
        return Call("POST", "/session", json={"user": self._settings.user, "pass": password})

    def read_token(self, reply: Reply) -> tuple[str, float | None]:
        session = reply.json(dict)
        if not isinstance(session.get("ticket"), str):
            raise reply.misbehaved("the login holds no ticket")
        return session["ticket"], float(session["lives"])

    def apply(self, headers: MutableMapping[str, str], token: str) -> None:
        headers["X-Ticket"] = token


class Plugin:
    """All hooks of the plugin."""

    login: Any = Login
    words = WORDS
    settings: Any = QuirkSettings

    # --- who it is ---

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(name="quirk", title="Quirk", platform="its own", notes=("An example.",))

    @hookimpl
    def hub_settings(self) -> type[AccountSettings]:
        return self.settings

    @hookimpl
    def hub_connect(self, settings: QuirkSettings) -> Connection:
        return Connection(base_url=settings.base_url, auth=self.login(settings), explain=self.explain)

    @hookimpl
    def hub_simulator(self) -> Any:
        return Simulator()

    def explain(self, reply: Reply) -> HubError | None:
        return None

    @hookimpl
    async def hub_check_account(self, account: Account[QuirkSettings]) -> tuple[Finding, ...]:
        await account.client.get("/cases", params={"size": 1})
        return (Finding(name="login", ok=True, message="logged in, and cases can be listed"),)

    @hookimpl
    async def hub_intake(self, account: Account[QuirkSettings]) -> Intake:
        return Intake(questions=FORM)

    # --- cases ---

    def answers(self, draft: CaseDraft) -> str:
        questions = {question.name: question for question in FORM}
        for name, value in draft.answers.items():
            choice(name, value, questions[name].choices if name in questions else ("",))
        missing = tuple(question for question in FORM if question.required and not draft.answers.get(question.name))
        if missing:
            raise IntakeIncomplete("the vendor wants answers first", questions=missing)
        return "\n".join(f"{name}: {value}" for name, value in draft.answers.items())

    def values(self, draft: CaseDraft) -> dict[str, Any]:
        answers, title = self.answers(draft), storable(draft.title, "title")
        whole = title if len(title) > TITLE else ""
        details = "\n\n".join(part for part in (whole, draft.description, answers) if part)
        return {
            "subject": shortened(title, TITLE),
            "details": details,
            "prio": self.words.severity_word(draft.severity),
            "ext": draft.key,
        }

    def time(self, row: Mapping[str, Any], name: str) -> datetime:
        if not text(row, name).isdigit():
            raise VendorMisbehaved(f"field {name!r} holds no time")
        return datetime.fromtimestamp(int(row[name]), UTC)

    def case_from(self, row: Mapping[str, Any]) -> Case:
        state, prio = text(row, "state"), text(row, "prio")
        return Case(
            reference=CaseReference(number=text(row, "no"), id=text(row, "uid")),
            status=self.words.status(state),
            severity=self.words.severity(prio),
            title=text(row, "subject"),
            resolution=text(row, "cure"),
            key=text(row, "ext"),
            changed_at=self.time(row, "changed"),
            created_at=self.time(row, "made"),
            words={"status": state, "severity": prio},
        )

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return Comment(
            body=row["text"],
            public=row["visible"] == "all",
            author=row["by"],
            created_at=self.time(row, "at"),
            reference=row["id"],
            key=row["tag"],
            automatic=row["by"] == "robot",
        )

    def file_from(self, row: Mapping[str, Any]) -> Attachment:
        return Attachment(name=row["name"], size=row["size"], reference=row["id"], key=row["tag"], public=True)

    def place(self, reference: CaseReference, *below: str) -> str:
        return "/".join(("/cases", quote(reference.id, safe=""), *below))

    async def create(self, account: Account[QuirkSettings], values: dict[str, Any]) -> Case:
        return self.case_from((await account.client.send("POST", "/cases", json=values)).json(dict))

    @hookimpl
    async def hub_open_case(self, account: Account[QuirkSettings], draft: CaseDraft) -> Case:
        return await self.create(account, self.values(draft))

    @hookimpl
    async def hub_find_case(self, account: Account[QuirkSettings], key: str) -> Case | None:
        rows = (await account.client.get("/cases", params={"ext": key})).json(Rows).rows
        return self.case_from(rows[0]) if rows else None

    @hookimpl
    async def hub_read_case(self, account: Account[QuirkSettings], reference: CaseReference) -> Case:
        return await self.with_notes(
            account, self.case_from((await account.client.get(self.place(reference))).json(dict))
        )

    async def with_notes(self, account: Account[QuirkSettings], case: Case) -> Case:
        notes = (await account.client.get(self.place(case.reference, "notes"))).json(Notes)
        return case.evolve(
            comments=tuple(map(self.note_from, notes.rows)), attachments=tuple(map(self.file_from, notes.files))
        )

    def steps(self, case: Case, changes: CaseChanges) -> list[dict[str, Any]]:
        values: dict[str, Any] = {}
        if changes.title is not None and changes.title != case.title:
            values["subject"] = changes.title
        if changes.severity is not None and changes.severity != case.severity:
            values["prio"] = self.words.severity_word(changes.severity)
        if changes.resolution is not None and changes.resolution != case.resolution:
            values["cure"] = changes.resolution
        if changes.status is not None and changes.status != case.status:
            if changes.status == CaseStatus.CLOSED and case.status != CaseStatus.RESOLVED:
                return [{**values, "state": "Fixed"}, {"state": "Shut"}]
            values["state"] = self.words.status_word(changes.status)
        return [values] if values else []

    @hookimpl
    async def hub_change_case(
        self, account: Account[QuirkSettings], reference: CaseReference, changes: CaseChanges
    ) -> None:
        case = self.case_from((await account.client.get(self.place(reference))).json(dict))
        for values in self.steps(case, changes):
            (await account.client.send("PATCH", self.place(reference), json=values)).json(dict)

    def note_values(self, comment: Comment) -> dict[str, Any]:
        body, visible = storable(comment.body, "body"), "all" if comment.public else "staff"
        return {"text": body, "visible": visible, "tag": comment.key}

    @hookimpl
    async def hub_add_comment(
        self, account: Account[QuirkSettings], reference: CaseReference, comment: Comment
    ) -> Comment:
        place = self.place(reference, "notes")
        made = (await account.client.send("POST", place, json=self.note_values(comment))).json(dict)
        return comment.evolve(reference=made["id"])

    @hookimpl
    async def hub_add_attachment(
        self,
        account: Account[QuirkSettings],
        reference: CaseReference,
        attachment: Attachment,
        content: AsyncIterator[bytes],
    ) -> Attachment:
        name = file_name(attachment.name)
        params = {"name": base64.urlsafe_b64encode(name.encode()).decode(), "tag": attachment.key}
        made = await account.client.send(
            "POST",
            self.place(reference, "files"),
            params=params,
            content=content,
            headers={"Content-Type": "application/octet-stream"},
        )
        return attachment.evolve(name=name, reference=made.json(dict)["id"])

    @hookimpl
    def hub_fetch_attachment(
        self, account: Account[QuirkSettings], reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        if not attachment.reference:
            raise CaseMissing("the file has no place at the vendor")
        return account.client.stream(f"/files/{quote(attachment.reference, safe='')}")

    # --- news ---

    async def rows(self, account: Account[QuirkSettings], path: str, cursor: Cursor, ident: str) -> Any:
        """The new rows of a page, the cursor after it, and whether the run is over."""
        state = stream(cursor)
        asked = {"since": state.begin.at, "after": state.begin.id, "size": account.settings.page_size}
        rows = (await account.client.get(path, params=asked)).json(Rows).rows
        marks = [seen_row(int(row["changed"]), row[ident], self.says(row)) for row in rows]
        new = [row for row, is_new in zip(rows, fresh(state, marks), strict=True) if is_new]
        state, over = advance(state, marks, date=None, overlap=120)
        return new, state.plain(), over

    def says(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """What shows that a row has changed, including the number of its comments."""
        return row

    @hookimpl
    async def hub_changed_cases(self, account: Account[QuirkSettings], cursor: Cursor) -> Page[CaseNews]:
        rows, position, over = await self.rows(account, "/cases", cursor, "uid")
        items: list[CaseNews] = []
        bad: list[Quarantined] = []
        for row in rows:
            try:
                case = await self.with_notes(account, self.case_from(row))
                items.append(CaseNews(reference=case.reference, case=case))
            except VendorMisbehaved as error:
                bad.append(self.set_aside(row, error))
        return Page(items=tuple(items), cursor=position, more=not over, quarantined=tuple(bad))

    def set_aside(self, row: Mapping[str, Any], error: VendorMisbehaved) -> Quarantined:
        return Quarantined(reference=str(row["no"]), reason=error.message)

    def article(self, row: Mapping[str, Any]) -> Article:
        return Article(
            reference=row["uid"],
            title=row["title"],
            body=row["html"],
            changed_at=self.time(row, "changed"),
            withdrawn=not row["live"],
        )

    @hookimpl
    async def hub_changed_articles(self, account: Account[QuirkSettings], cursor: Cursor) -> Page[Article]:
        rows, position, over = await self.rows(account, "/articles", cursor, "uid")
        return Page(items=tuple(map(self.article, rows)), cursor=position, more=not over)

    @hookimpl
    async def hub_search_articles(self, account: Account[QuirkSettings], query: str) -> tuple[Article, ...]:
        rows = (await account.client.get("/articles", params={"q": query})).json(Rows).rows
        return tuple(map(self.article, rows))

    @hookimpl
    async def hub_read_article(self, account: Account[QuirkSettings], reference: str) -> Article:
        return self.article((await account.client.get(f"/articles/{quote(reference, safe='')}")).json(dict))

    @hookimpl
    async def hub_rate_article(self, account: Account[QuirkSettings], reference: str, feedback: Feedback) -> None:
        vote = {"good": feedback.solved, "why": feedback.comment}
        await account.client.send("POST", f"/articles/{quote(reference, safe='')}/votes", json=vote)

    @hookimpl
    async def hub_submit_article(self, account: Account[QuirkSettings], draft: ArticleDraft) -> Article:
        html = f"<p>{escape(draft.problem)}</p><p>{escape(draft.solution)}</p>"
        made = await account.client.send("POST", "/articles", json={"title": draft.title, "html": html})
        return self.article(made.json(dict))

    @hookimpl
    async def hub_changed_patches(self, account: Account[QuirkSettings], cursor: Cursor) -> Page[Patch]:
        rows, position, over = await self.rows(account, "/patches", cursor, "uid")
        patches = [
            Patch(reference=row["uid"], title=row["title"], body=row["html"], changed_at=self.time(row, "changed"))
            for row in rows
        ]
        return Page(items=tuple(patches), cursor=position, more=not over)

    def session(self, row: Mapping[str, Any]) -> Session:
        return Session(reference=row["uid"], ticket_number=row["ticket"], code=row["code"])

    @hookimpl
    async def hub_start_session(self, account: Account[QuirkSettings], ticket: Ticket) -> Session:
        made = await account.client.send("POST", "/meetings", json={"ticket": ticket.number})
        return self.session(made.json(dict))

    @hookimpl
    async def hub_changed_sessions(self, account: Account[QuirkSettings], cursor: Cursor) -> Page[Session]:
        rows, position, over = await self.rows(account, "/meetings", cursor, "uid")
        return Page(items=tuple(map(self.session, rows)), cursor=position, more=not over)

    @hookimpl
    async def hub_read_webhook(self, account: Account[QuirkSettings], request: WebhookRequest) -> Delivery:
        at, proof = request.headers.get("x-quirk-time", ""), request.headers.get("x-quirk-proof", "")
        require_signature((account.settings.webhook_secret,), at.encode() + b"." + request.body, proof)
        if not at.isdigit():
            raise DeliveryRefused("the delivery has no time")
        sent = datetime.fromtimestamp(int(at), UTC)
        require_recent(sent, request.received_at)
        said = json.loads(request.body)
        return Delivery(id=said["event"], stream=StreamKind.CASES, case_number=said["case"], sent_at=sent)
