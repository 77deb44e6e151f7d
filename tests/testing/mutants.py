"""Seeded bugs: plugins of the example vendor, each wrong in one way, with the rule that catches it."""

from __future__ import annotations

import asyncio
import logging
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ConfigDict, Field

from hub import hookimpl
from hub.errors import CaseMissing, CaseRefused, HubError, VendorError, VendorMisbehaved
from hub.http import Connection, Reply
from hub.model import (
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
    Finding,
    Intake,
    Page,
    Quarantined,
    Question,
    Severity,
    VendorInfo,
)
from hub.platforms.words import Words
from tests.testing.quirk import FORM, WORDS, Login, Plugin, QuirkSettings

LOADING = "refused when it is loaded"
CAUGHT_BY: dict[type[Plugin], str] = {}
"""Every mutant, and the rule that catches it."""
log = logging.getLogger("quirk")


def caught_by(rule: str) -> Callable[[type[Plugin]], type[Plugin]]:
    def keep(mutant: type[Plugin]) -> type[Plugin]:
        CAUGHT_BY[mutant] = rule
        return mutant

    return keep


# --- speaks ----------------------------------------------------------------------------------------------------


@caught_by("hooks_match_the_spec")
class WrongAnnotation(Plugin):
    """A hook promises another result than the spec."""

    @hookimpl
    async def hub_find_case(self, account: Any, key: str) -> Case:  # type: ignore[override]
        return await super().hub_find_case(account, key)


@caught_by(LOADING)
class MisnamedArgument(Plugin):
    """A hook asks for an argument that the spec does not have."""

    @hookimpl
    async def hub_find_case(self, account: Any, the_key: str) -> Case | None:
        return await super().hub_find_case(account, the_key)


class _Open(QuirkSettings):
    model_config = ConfigDict(extra="allow", frozen=True)


@caught_by(LOADING)
class OpenSettings(Plugin):
    """The settings take names that nobody knows."""

    settings = _Open


class _Loose(QuirkSettings):
    model_config = ConfigDict(extra="forbid", frozen=False)


@caught_by(LOADING)
class MutableSettings(Plugin):
    """The settings can be changed while the hub runs."""

    settings = _Loose


class _Plain(QuirkSettings):
    password: str = Field(title="Password", description="Of the user.")  # type: ignore[assignment]


class _PlainLogin(Login):
    def login_request(self) -> Any:
        made = super().login_request
        self._settings = self._settings.model_copy()
        try:
            return made()
        except AttributeError:
            from hub.http import Call

            return Call(
                "POST", "/session", json={"user": self._settings.user, "pass": self._settings.password}
            )


@caught_by("secrets_are_typed")
class PlainPassword(Plugin):
    """The password is a plain text."""

    settings, login = _Plain, _PlainLogin


class _Silent(QuirkSettings):
    depth: int = Field(3)


@caught_by("settings_are_explained")
class UnexplainedSetting(Plugin):
    """A setting has neither title nor description."""

    settings = _Silent


@caught_by("tells_without_acting")
class ConnectsAtOnce(Plugin):
    """Saying how to connect tries the vendor's name already."""

    @hookimpl
    def hub_connect(self, settings: QuirkSettings) -> Connection:
        with suppress(OSError):
            urllib.request.urlopen("http://127.0.0.1:9/", timeout=0.2)
        return super().hub_connect(settings)


@caught_by("connection_keeps_to_the_address")
class OwnAddress(Plugin):
    """The address is the author's, whatever the settings say."""

    @hookimpl
    def hub_connect(self, settings: QuirkSettings) -> Connection:
        return Connection(base_url="http://127.0.0.1:9", auth=self.login(settings))


@caught_by("intake_makes_sense")
class DefaultOffTheList(Plugin):
    """A question's default is not among its choices."""

    @hookimpl
    async def hub_intake(self, account: Any) -> Intake:
        return Intake(questions=(*FORM, Question(name="zone", title="Zone", choices=("a", "b"), default="c")))


@caught_by("the_check_sees_a_wrong_login")
class CheckIsBlind(Plugin):
    """The account check finds everything in order without looking."""

    @hookimpl
    async def hub_check_account(self, account: Any) -> tuple[Finding, ...]:
        return (Finding(name="login", ok=True, message="looks fine"),)


@caught_by("disclosure_names_ticket_fields")
class DisclosesTheUnknown(Plugin):
    """What may leave names a field that tickets do not have."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return super().hub_vendor().evolve(discloses=("title", "password"))


# --- reads -----------------------------------------------------------------------------------------------------


@caught_by("every_case_is_told_once")
class StopsAtOnePage(Plugin):
    """The stream ends at its first page, and passes over the rest."""

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        page = await super().hub_changed_cases(account, cursor)
        return page.evolve(more=False)


@caught_by("every_case_is_told_once")
class NeverEnds(Plugin):
    """The cursor does not move."""

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        page = await super().hub_changed_cases(account, cursor)
        return page.evolve(cursor=cursor, more=True)


@caught_by("equal_times_lose_nothing")
class TimeAlone(Plugin):
    """The cursor is a time, so that what shares its last second is passed over."""

    async def rows(self, account: Any, path: str, cursor: Cursor, ident: str) -> Any:
        asked = {"since": cursor.get("at", 0), "size": account.settings.page_size}
        rows = (await account.client.get(path, params=asked)).json(dict)["rows"]
        newest = max([cursor.get("at", 0), *(int(row["changed"]) for row in rows)])
        return rows, {"at": newest + 1 if rows else newest}, not rows


@caught_by("moved_cases_are_not_lost")
class CountsRows(Plugin):
    """Pages are counted by row numbers, while rows move."""

    async def rows(self, account: Any, path: str, cursor: Cursor, ident: str) -> Any:
        at, size = cursor.get("at", 0), account.settings.page_size
        found = (await account.client.get(path, params={"size": 1000})).json(dict)["rows"]
        rows = found[at : at + size]
        return rows, {"at": at + len(rows)}, not rows


@caught_by("reading_again_brings_nothing")
class ForgetsWhatItTold(Plugin):
    """The overlap is told again at every run."""

    async def rows(self, account: Any, path: str, cursor: Cursor, ident: str) -> Any:
        rows, kept, over = await super().rows(account, path, cursor, ident)
        return rows, kept | {"told": []}, over


@caught_by("the_cursor_given_stays_as_it_is")
class ChangesItsCursor(Plugin):
    """The cursor that was handed in is changed in place."""

    async def rows(self, account: Any, path: str, cursor: Cursor, ident: str) -> Any:
        rows, kept, over = await super().rows(account, path, cursor, ident)
        cursor.update(kept)
        return rows, kept, over


@caught_by("a_change_is_told")
class ToldOnceForEver(Plugin):
    """A case that was told once is never told again."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        page = await super().hub_changed_cases(account, cursor)
        new = tuple(
            one for one in page.items if (account.settings.base_url, one.reference.number) not in self.seen
        )
        self.seen |= {(account.settings.base_url, one.reference.number) for one in page.items}
        return page.evolve(items=new)


@caught_by("unknown_words_are_quarantined")
class GuessesStatus(Plugin):
    """An unknown status is taken for open."""

    def case_from(self, row: Mapping[str, Any]) -> Case:
        return super().case_from(
            dict(row) | {"state": row["state"] if row["state"] in WORDS.statuses else "Fresh"}
        )


@caught_by("unknown_words_are_quarantined")
class DropsTheUnknown(Plugin):
    """A case that can't be understood is dropped without a word."""

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        page = await super().hub_changed_cases(account, cursor)
        return page.evolve(quarantined=())


@caught_by("times_are_in_utc")
class LocalTime(Plugin):
    """Times are told in the zone of the author's machine."""

    def time(self, row: Mapping[str, Any], name: str) -> datetime:
        from datetime import timezone

        return super().time(row, name).astimezone(timezone(timedelta(hours=2)))


@caught_by("every_case_is_told_once")
class NaiveTime(Plugin):
    """Times have no zone."""

    def time(self, row: Mapping[str, Any], name: str) -> datetime:
        return super().time(row, name).replace(tzinfo=None)


@caught_by("times_are_in_utc")
class OwnClock(Plugin):
    """The time of change is an age from the year 2000."""

    def time(self, row: Mapping[str, Any], name: str) -> datetime:
        return super().time(row, name) - timedelta(days=10957)


@caught_by("an_internal_note_is_private")
class AllIsPublic(Plugin):
    """The vendor's internal notes are told as public."""

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return super().note_from(row).evolve(public=True)


@caught_by("an_answer_is_public")
class AllIsPrivate(Plugin):
    """The vendor's answers are told as private."""

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return super().note_from(row).evolve(public=False)


@caught_by("an_automatic_reply_is_marked")
class RobotsArePeople(Plugin):
    """A machine's reply is told as a person's."""

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return super().note_from(row).evolve(automatic=False)


@caught_by("an_answer_is_public")
class StripsUnicode(Plugin):
    """Comments lose what is not ASCII."""

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return super().note_from(dict(row) | {"text": row["text"].encode("ascii", "ignore").decode()})


@caught_by("comments_have_references_and_times")
class OneReferenceForAll(Plugin):
    """All comments of a case have the same reference."""

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return super().note_from(row).evolve(reference="n")


@caught_by("a_deleted_case_is_missing")
class DeletedIsClosed(Plugin):
    """A deleted case is told as a closed one."""

    @hookimpl
    async def hub_read_case(self, account: Any, reference: CaseReference) -> Case:
        try:
            return await super().hub_read_case(account, reference)
        except CaseMissing:
            return Case(reference=reference, status=CaseStatus.CLOSED, changed_at=datetime.now(UTC))


@caught_by("a_file_comes_byte_by_byte")
class CutsFiles(Plugin):
    """A file ends after its first 64 KiB."""

    @hookimpl
    async def hub_fetch_attachment(  # type: ignore[override]
        self, account: Any, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        whole = b"".join(
            [part async for part in super().hub_fetch_attachment(account, reference, attachment)]
        )
        yield whole[:65536]


@caught_by("a_question_waits_for_us")
class WaitsForNobody(Plugin):
    """The word for waiting on us is taken for waiting on the vendor."""

    words = Words({**WORDS.statuses, "YourTurn": CaseStatus.WAITING_ON_VENDOR}, WORDS.severities,
                  WORDS.status_words, WORDS.severity_words)  # fmt: skip


@caught_by("a_withdrawn_article_is_not_told_as_good")
class KeepsWithdrawn(Plugin):
    """A withdrawn article is told as good."""

    def article(self, row: Mapping[str, Any]) -> Any:
        return super().article(row).evolve(withdrawn=False)


# --- writes ----------------------------------------------------------------------------------------------------


@caught_by("a_case_is_stored_once_with_its_key")
class SendsNoKey(Plugin):
    """The case does not carry the key."""

    def values(self, draft: CaseDraft) -> dict[str, Any]:
        return super().values(draft) | {"ext": ""}


@caught_by("a_case_reads_back_as_sent")
class LosesKeyOnReading(Plugin):
    """The key is sent, and not read."""

    def case_from(self, row: Mapping[str, Any]) -> Case:
        return super().case_from(row).evolve(key="")


@caught_by("an_unknown_key_finds_nothing")
class FindsAnything(Plugin):
    """The search by key takes the first case that comes."""

    @hookimpl
    async def hub_find_case(self, account: Any, key: str) -> Case | None:
        rows = (await account.client.get("/cases")).json(dict)["rows"]
        return self.case_from(rows[0]) if rows else None


@caught_by("each_severity_is_told")
class SeverityUpsideDown(Plugin):
    """Priorities are read the wrong way round, and written so too."""

    words = Words(WORDS.statuses, {f"P{n}": Severity(n) for n in range(1, 5)},
                  WORDS.status_words, {Severity(n): f"P{n}" for n in range(1, 5)})  # fmt: skip


@caught_by("every_severity_survives")
class WorstIsOnlyBad(Plugin):
    """The worst severity is written as the second."""

    words = Words(WORDS.statuses, WORDS.severities, WORDS.status_words,
                  {**WORDS.severity_words, Severity.S1: "P3"})  # fmt: skip


@caught_by("a_case_reads_back_as_sent")
class ShoutsTitles(Plugin):
    """Titles are sent in capitals."""

    def values(self, draft: CaseDraft) -> dict[str, Any]:
        made = super().values(draft)
        return made | {"subject": made["subject"].upper()}


@caught_by("a_long_title_loses_nothing")
class CutsTitles(Plugin):
    """The end of a long title is lost."""

    def values(self, draft: CaseDraft) -> dict[str, Any]:
        return super().values(draft.evolve(title=draft.title[:100]))


@caught_by("awkward_text_survives")
class EscapesText(Plugin):
    """Texts are escaped for HTML that the vendor does not have."""

    def values(self, draft: CaseDraft) -> dict[str, Any]:
        made = super().values(draft)
        return made | {"details": made["details"].replace("<", "&lt;")}


@caught_by("a_missing_answer_is_asked_for")
class AsksNothing(Plugin):
    """A case is opened without an answer that the vendor needs."""

    def answers(self, draft: CaseDraft) -> str:
        return super().answers(draft.evolve(answers={"site": "north"} | draft.answers))


@caught_by("a_wrong_answer_is_named")
class TakesAnyAnswer(Plugin):
    """Answers are not compared with the list."""

    def answers(self, draft: CaseDraft) -> str:
        return super().answers(draft.evolve(answers={"site": "north"} if draft.answers else {}))


@caught_by("a_comment_arrives_once")
class CommentWithoutKey(Plugin):
    """Comments are sent without their key."""

    def note_values(self, comment: Comment) -> dict[str, Any]:
        return super().note_values(comment) | {"tag": ""}


@caught_by("a_comment_is_seen_by_whom_it_is_for")
class TellsEverybody(Plugin):
    """A private comment is sent as public."""

    def note_values(self, comment: Comment) -> dict[str, Any]:
        return super().note_values(comment) | {"visible": "all"}


@caught_by("a_comment_arrives_once")
class CommentsTwice(Plugin):
    """A comment is sent twice to be sure."""

    @hookimpl
    async def hub_add_comment(self, account: Any, reference: CaseReference, comment: Comment) -> Comment:
        await super().hub_add_comment(account, reference, comment)
        return await super().hub_add_comment(account, reference, comment)


@caught_by("equal_comments_are_two")
class SwallowsRepeats(Plugin):
    """A comment with the words of an earlier one is not sent."""

    @hookimpl
    async def hub_add_comment(self, account: Any, reference: CaseReference, comment: Comment) -> Comment:
        for known in (await self.hub_read_case(account, reference)).comments:
            if known.body == comment.body:
                return known
        return await super().hub_add_comment(account, reference, comment)


@caught_by("a_file_arrives_byte_by_byte")
class TidiesFiles(Plugin):
    """Line ends in files are made alike."""

    @hookimpl
    async def hub_add_attachment(
        self, account: Any, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        async def tidy() -> AsyncIterator[bytes]:
            async for part in content:
                yield part.replace(b"\r\n", b"\n")

        return await super().hub_add_attachment(account, reference, attachment, tidy())


@caught_by("file_names_survive")
class PlainFileNames(Plugin):
    """File names lose what is not ASCII when they are told."""

    def file_from(self, row: Mapping[str, Any]) -> Attachment:
        return super().file_from(dict(row) | {"name": row["name"].encode("ascii", "replace").decode()})


@caught_by("a_case_can_be_closed")
class ClosesInOneStep(Plugin):
    """Closing leaves out the step that the vendor wants first, and passes over its refusal."""

    @hookimpl
    async def hub_change_case(self, account: Any, reference: CaseReference, changes: CaseChanges) -> None:
        if changes.status == CaseStatus.CLOSED:
            with suppress(CaseRefused):
                await account.client.send("PATCH", self.place(reference), json={"state": "Shut"})
            return
        await super().hub_change_case(account, reference, changes)


@caught_by("the_same_change_twice_changes_nothing")
class WritesBlindly(Plugin):
    """A change is written whether it is there already or not."""

    @hookimpl
    async def hub_change_case(self, account: Any, reference: CaseReference, changes: CaseChanges) -> None:
        case = await self.hub_read_case(account, reference)
        for values in self.steps(case.evolve(severity=None), changes):
            await account.client.send("PATCH", self.place(reference), json=values)


@caught_by("a_severity_can_be_changed")
class ChangesTooMuch(Plugin):
    """A change of severity sets the status back."""

    def steps(self, case: Case, changes: CaseChanges) -> list[dict[str, Any]]:
        return [values | {"state": "Busy"} for values in super().steps(case, changes)]


# --- endures ---------------------------------------------------------------------------------------------------


@caught_by("writing_endures_http_503")
class RetriesCreate(Plugin):
    """Opening a case is tried again after any failure."""

    async def create(self, account: Any, values: dict[str, Any]) -> Case:
        try:
            return await super().create(account, values)
        except VendorError:
            return await super().create(account, values)


@caught_by("writing_endures_lost_reply")
class ForgetsDoubt(Plugin):
    """A failed opening is told as done."""

    async def create(self, account: Any, values: dict[str, Any]) -> Case:
        try:
            return await super().create(account, values)
        except VendorError:
            now = datetime.now(UTC)
            return Case(CaseReference("?", "?"), CaseStatus.OPEN, now, key=values["ext"])


@caught_by("writing_endures_lost_reply")
class WritesAsReads(Plugin):
    """Opening is sent as a call that changes nothing, so it is repeated, and its doubt is lost."""

    async def create(self, account: Any, values: dict[str, Any]) -> Case:
        return self.case_from(
            (await account.client.send("POST", "/cases", json=values, safe=True)).json(dict)
        )


@caught_by("reading_endures_http_503")
class EmptyOnError(Plugin):
    """A page that can't be read is taken for an empty one."""

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        try:
            return await super().hub_changed_cases(account, cursor)
        except VendorError:
            return Page(items=(), cursor=cursor)


@caught_by("reading_endures_malformed_json")
class RaisesItsOwn(Plugin):
    """JSON is read without the hub's reader, and its errors come out raw."""

    @hookimpl
    async def hub_read_case(self, account: Any, reference: CaseReference) -> Case:
        import json

        row = json.loads((await account.client.get(self.place(reference))).content)
        return self.case_from(row)


@caught_by("reading_endures_http_403")
class AllIsMissing(Plugin):
    """Every refusal is told as a case that is not there."""

    def explain(self, reply: Reply) -> HubError | None:
        return CaseMissing("there is no such case") if reply.status < 500 else None


@caught_by("reading_endures_retry_after_seconds")
class TooManyIsRefused(Plugin):
    """A request to slow down is told as a refusal, and the operation is given up."""

    def explain(self, reply: Reply) -> HubError | None:
        return CaseRefused("too many requests") if reply.status == 429 else None


class _Impatient(Login):
    def is_refused(self, reply: Reply) -> bool:
        return False


@caught_by("an_ended_login_is_renewed")
class NeverLogsInAgain(Plugin):
    """An expired login is not renewed."""

    login = _Impatient


class _Forgetful(Login):
    def read_token(self, reply: Reply) -> tuple[str, float | None]:
        return super().read_token(reply)[0], 0.0


@caught_by("one_login_for_all")
class LogsInEachTime(Plugin):
    """Every call logs in anew."""

    login = _Forgetful


@caught_by("a_refused_login_asks_the_operator")
class LoginTriedLater(Plugin):
    """A refused login is tried later, until the account is locked."""

    def explain(self, reply: Reply) -> HubError | None:
        from hub.errors import TryLater

        return TryLater("busy") if reply.status == 401 else None


@caught_by("a_cancelled_call_harms_nobody")
class SwallowsCancelling(Plugin):
    """A call that is given up goes on."""

    @hookimpl
    async def hub_read_case(self, account: Any, reference: CaseReference) -> Case:
        try:
            return await super().hub_read_case(account, reference)
        except asyncio.CancelledError:
            return await super().hub_read_case(account, reference)


# --- keeps quiet -----------------------------------------------------------------------------------------------


@caught_by("no_text_is_in_an_error")
class QuotesBodies(Plugin):
    """The words of an error are those of the vendor's reply."""

    def explain(self, reply: Reply) -> HubError | None:
        return (
            CaseRefused(f"refused: {reply.content.decode(errors='replace')}") if reply.status == 422 else None
        )


@caught_by("no_secret_is_in_an_error")
class QuotesSecrets(Plugin):
    """A refused login is told with the password that was tried."""

    @hookimpl
    async def hub_check_account(self, account: Any) -> tuple[Finding, ...]:
        try:
            return await super().hub_check_account(account)
        except VendorError as error:
            raise type(error)(f"refused {account.settings.password.get_secret_value()}") from None


class _Chatty(Login):
    def __repr__(self) -> str:
        return f"Login({self._settings.password.get_secret_value()})"


@caught_by("no_secret_is_shown")
class SecretInRepr(Plugin):
    """The login shows its password when it is printed."""

    login = _Chatty


@caught_by("no_secret_is_logged")
class LogsSecrets(Plugin):
    """The password is logged while debugging."""

    @hookimpl
    def hub_connect(self, settings: QuirkSettings) -> Connection:
        log.debug("connecting as %s", settings.password.get_secret_value())
        return super().hub_connect(settings)


@caught_by("no_text_is_logged")
class LogsTexts(Plugin):
    """What a customer wrote is logged."""

    def note_values(self, comment: Comment) -> dict[str, Any]:
        log.info("sending %s", comment.body)
        return super().note_values(comment)


@caught_by("no_text_is_logged")
class Prints(Plugin):
    """A line left over from debugging prints what was read."""

    def case_from(self, row: Mapping[str, Any]) -> Case:
        print("row", len(row))  # noqa: T201 - the bug
        return super().case_from(row)


@caught_by("what_is_set_aside_is_not_quoted")
class QuotesInQuarantine(Plugin):
    """The reason for setting a case aside quotes the case."""

    def set_aside(self, row: Mapping[str, Any], error: VendorMisbehaved) -> Quarantined:
        return Quarantined(reference=str(row["no"]), reason=f"can't read {dict(row)}")


@caught_by("only_the_vendor_is_called")
class CallsHome(Plugin):
    """Opening a case is reported to the author's own server."""

    def values(self, draft: CaseDraft) -> dict[str, Any]:
        with suppress(OSError):
            urllib.request.urlopen("http://127.0.0.1:9/seen", timeout=0.2)
        return super().values(draft)


@caught_by("no_secret_is_in_a_finding")
class FindingTellsSecret(Plugin):
    """The account check says which password worked."""

    @hookimpl
    async def hub_check_account(self, account: Any) -> tuple[Finding, ...]:
        found = await super().hub_check_account(account)
        secret = account.settings.password.get_secret_value()
        return tuple(one.evolve(message=f"{one.message} with {secret}") for one in found)


@caught_by("a_forged_delivery_is_refused")
class BelievesAnybody(Plugin):
    """A delivery is believed without proof."""

    @hookimpl
    async def hub_read_webhook(self, account: Any, request: Any) -> Delivery:
        import json

        said = json.loads(request.body)
        return Delivery(id=said["event"], stream="cases", case_number=said["case"])


@caught_by("an_old_delivery_is_refused")
class BelievesOldNews(Plugin):
    """A delivery is believed however old it is."""

    @hookimpl
    async def hub_read_webhook(self, account: Any, request: Any) -> Delivery:
        at = request.headers.get("x-quirk-time", "0")
        sent = datetime.fromtimestamp(int(at) if at.isdigit() else 0, UTC)
        return await super().hub_read_webhook(account, request.evolve(received_at=sent))


@caught_by("a_repeated_delivery_has_the_same_id")
class OneIdForAll(Plugin):
    """All deliveries have the same id, so that only the first has an effect."""

    @hookimpl
    async def hub_read_webhook(self, account: Any, request: Any) -> Delivery:
        return (await super().hub_read_webhook(account, request)).evolve(id="1")


@caught_by("reading_a_delivery_calls_nobody")
class AsksBeforeProof(Plugin):
    """A delivery makes the hub call the vendor before it is proved."""

    @hookimpl
    async def hub_read_webhook(self, account: Any, request: Any) -> Delivery:
        await account.client.get("/cases")
        return await super().hub_read_webhook(account, request)


# --- one that no rule sees --------------------------------------------------------------------------------------


@caught_by("")
class SlowCheck(Plugin):
    """The account check asks five times for what one call tells."""

    @hookimpl
    async def hub_check_account(self, account: Any) -> tuple[Finding, ...]:
        for _ in range(4):
            await super().hub_check_account(account)
        return await super().hub_check_account(account)
