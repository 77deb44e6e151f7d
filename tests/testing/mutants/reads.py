"""Bugs in what the plugin reports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hub import hookimpl
from hub.errors import CaseMissing
from hub.model import Article, Attachment, Case, CaseNews, CaseReference, CaseStatus, Comment, Cursor, Page
from hub.platforms.words import VendorWords
from tests.testing.mutants.known import caught_by
from tests.testing.quirk import WORDS, Plugin


@caught_by("every_case_is_reported_once")
class StopsAtOnePage(Plugin):
    """The stream ends after its first page and skips the rest."""

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        page = await super().hub_changed_cases(account, cursor)
        return page.evolve(more=False)


@caught_by("every_case_is_reported_once")
class NeverEnds(Plugin):
    """The cursor does not advance."""

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        page = await super().hub_changed_cases(account, cursor)
        return page.evolve(cursor=cursor, more=True)


@caught_by("equal_times_lose_nothing")
class TimeAlone(Plugin):
    """The cursor is only a time, so that other cases of its last second are skipped."""

    async def rows(self, account: Any, path: str, cursor: Cursor, ident: str) -> Any:
        asked = {"since": cursor.get("at", 0), "size": account.settings.page_size}
        rows = (await account.client.get(path, params=asked)).json(dict)["rows"]
        newest = max([cursor.get("at", 0), *(int(row["changed"]) for row in rows)])
        return rows, {"at": newest + 1 if rows else newest}, not rows


@caught_by("moved_cases_are_not_lost")
class CountsRows(Plugin):
    """Pages are counted by row number, although rows move."""

    async def rows(self, account: Any, path: str, cursor: Cursor, ident: str) -> Any:
        at, size = cursor.get("at", 0), account.settings.page_size
        all_rows = (await account.client.get(path, params={"size": 1000})).json(dict)["rows"]
        rows = all_rows[at : at + size]
        return rows, {"at": at + len(rows)}, not rows


@caught_by("rereading_reports_nothing")
class ForgetsWhatItTold(Plugin):
    """The overlap is reported again in every run."""

    async def rows(self, account: Any, path: str, cursor: Cursor, ident: str) -> Any:
        rows, position, over = await super().rows(account, path, cursor, ident)
        return rows, position | {"told": []}, over


@caught_by("an_answer_in_the_same_second_is_reported")
class TrustsTheSecond(Plugin):
    """A case is reported again only if the second of its change differs."""

    def says(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"changed": row["changed"]}


@caught_by("an_answer_reaches_the_stream")
class NewsWithoutWords(Plugin):
    """The stream reports that a case has changed, but not its new comments."""

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        page = await super().hub_changed_cases(account, cursor)
        bare = tuple(
            CaseNews(reference=item.reference, case=item.case and item.case.evolve(comments=())) for item in page.items
        )
        return page.evolve(items=bare)


@caught_by("the_given_cursor_is_not_modified")
class ChangesItsCursor(Plugin):
    """The given cursor is modified in place."""

    async def rows(self, account: Any, path: str, cursor: Cursor, ident: str) -> Any:
        rows, position, over = await super().rows(account, path, cursor, ident)
        cursor.update(position)
        return rows, position, over


@caught_by("a_change_is_reported")
class ToldOnceForEver(Plugin):
    """A case that was reported once is never reported again."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        page = await super().hub_changed_cases(account, cursor)
        new = tuple(item for item in page.items if (account.settings.base_url, item.reference.number) not in self.seen)
        self.seen |= {(account.settings.base_url, item.reference.number) for item in page.items}
        return page.evolve(items=new)


@caught_by("unknown_words_are_quarantined")
class GuessesStatus(Plugin):
    """An unknown status is treated as open."""

    def case_from(self, row: Mapping[str, Any]) -> Case:
        return super().case_from(dict(row) | {"state": row["state"] if row["state"] in WORDS.statuses else "Fresh"})


@caught_by("unknown_words_are_quarantined")
class DropsTheUnknown(Plugin):
    """A case that can't be read is silently dropped."""

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        page = await super().hub_changed_cases(account, cursor)
        return page.evolve(quarantined=())


@caught_by("times_are_in_utc")
class LocalTime(Plugin):
    """Times are reported in the time zone of the author's machine."""

    def time(self, row: Mapping[str, Any], name: str) -> datetime:
        from datetime import timezone

        return super().time(row, name).astimezone(timezone(timedelta(hours=2)))


@caught_by("every_case_is_reported_once")
class NaiveTime(Plugin):
    """Times have no time zone."""

    def time(self, row: Mapping[str, Any], name: str) -> datetime:
        return super().time(row, name).replace(tzinfo=None)


@caught_by("times_are_in_utc")
class OwnClock(Plugin):
    """Times of change are counted from the year 2000."""

    def time(self, row: Mapping[str, Any], name: str) -> datetime:
        return super().time(row, name) - timedelta(days=10957)


@caught_by("an_internal_note_is_private")
class AllIsPublic(Plugin):
    """The vendor's internal notes are reported as public."""

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return super().note_from(row).evolve(public=True)


@caught_by("an_answer_is_public")
class AllIsPrivate(Plugin):
    """The vendor's answers are reported as private."""

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return super().note_from(row).evolve(public=False)


@caught_by("an_automatic_reply_is_marked")
class RobotsArePeople(Plugin):
    """An automatic reply is reported as a person's."""

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return super().note_from(row).evolve(automatic=False)


@caught_by("an_answer_is_public")
class StripsUnicode(Plugin):
    """Comments lose all non-ASCII characters."""

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return super().note_from(dict(row) | {"text": row["text"].encode("ascii", "ignore").decode()})


@caught_by("comments_have_references_and_times")
class OneReferenceForAll(Plugin):
    """All comments of a case have the same reference."""

    def note_from(self, row: Mapping[str, Any]) -> Comment:
        return super().note_from(row).evolve(reference="n")


@caught_by("a_deleted_case_is_missing")
class DeletedIsClosed(Plugin):
    """A deleted case is reported as closed."""

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
        whole = b"".join([part async for part in super().hub_fetch_attachment(account, reference, attachment)])
        yield whole[:65536]


@caught_by("a_question_waits_for_us")
class WaitsForNobody(Plugin):
    """The status for waiting on us is read as waiting on the vendor."""

    words = VendorWords(
        {**WORDS.statuses, "YourTurn": CaseStatus.WAITING_ON_VENDOR},
        WORDS.severities,
        WORDS.status_words,
        WORDS.severity_words,
    )


@caught_by("a_withdrawn_article_is_not_reported_as_published")
class KeepsWithdrawn(Plugin):
    """A withdrawn article is reported as published."""

    def article(self, row: Mapping[str, Any]) -> Any:
        return super().article(row).evolve(withdrawn=False)


def _misread(rule: str, name: str, says: str, word: str, status: CaseStatus) -> None:
    """Register a plugin that misreads one of the vendor's words."""
    words = VendorWords({**WORDS.statuses, word: status}, WORDS.severities, WORDS.status_words, WORDS.severity_words)
    caught_by(rule)(type(name, (Plugin,), {"words": words, "__doc__": says}))


_misread(
    "work_in_progress_is_reported", "WorkIsDone", "A case in work is told as resolved.", "Busy", CaseStatus.RESOLVED
)
_misread("a_closed_case_is_over", "ShutIsOpen", "A closed case is told as open.", "Shut", CaseStatus.OPEN)


@caught_by("a_solution_is_reported")
class KeepsTheCure(Plugin):
    """The solution of a case is not reported."""

    def case_from(self, row: Mapping[str, Any]) -> Case:
        return super().case_from(row).evolve(resolution="")


@caught_by("a_reopened_case_is_live")
class OnceSolvedAlwaysSolved(Plugin):
    """A case with a solution is reported as resolved, whatever its state."""

    def case_from(self, row: Mapping[str, Any]) -> Case:
        case = super().case_from(row)
        return case.evolve(status=CaseStatus.RESOLVED) if case.resolution else case


@caught_by("a_new_title_is_reported")
class RemembersTitles(Plugin):
    """A title that was read once is reported for ever."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}

    def case_from(self, row: Mapping[str, Any]) -> Case:
        case = super().case_from(row)
        return case.evolve(title=self.titles.setdefault(case.key or case.reference.number, case.title))


@caught_by("a_file_without_reference_is_missing")
class EmptyForMissing(Plugin):
    """A missing file is returned as an empty file."""

    @hookimpl
    async def hub_fetch_attachment(  # type: ignore[override]
        self, account: Any, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        if attachment.reference:
            async for part in super().hub_fetch_attachment(account, reference, attachment):
                yield part


class _Restarts(Plugin):
    stream = ""

    async def rows(self, account: Any, path: str, cursor: Cursor, ident: str) -> Any:
        rows, position, over = await super().rows(account, path, cursor, ident)
        return (rows, {}, True) if path == self.stream else (rows, position, over)


@caught_by("articles_are_reported_once")
class AllArticlesAlways(_Restarts):
    """Every run reports all articles."""

    stream = "/articles"


@caught_by("patches_are_reported_once")
class AllPatchesAlways(_Restarts):
    """Every run reports all patches."""

    stream = "/patches"


@caught_by("sessions_are_reported_once")
class AllSessionsAlways(_Restarts):
    """Every run reports all sessions."""

    stream = "/meetings"


@caught_by("a_search_finds_what_is_there")
class FindsNothing(Plugin):
    """A search never finds anything."""

    @hookimpl
    async def hub_search_articles(self, account: Any, query: str) -> tuple[Article, ...]:
        return await super().hub_search_articles(account, f'"{query}"')


@caught_by("an_article_is_read_in_full")
class ReadsAnotherArticle(Plugin):
    """Reading an unknown article returns the first article."""

    @hookimpl
    async def hub_read_article(self, account: Any, reference: str) -> Article:
        return (await self.hub_changed_articles(account, {})).items[0]
