"""Bugs in what the plugin sends."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

from hub import hookimpl
from hub.errors import CaseRefused
from hub.model import (
    Article,
    ArticleDraft,
    Attachment,
    Case,
    CaseChanges,
    CaseDraft,
    CaseReference,
    CaseStatus,
    Comment,
    Feedback,
    Session,
    Severity,
)
from hub.platforms.words import VendorWords
from tests.testing.mutants.known import caught_by
from tests.testing.quirk import WORDS, Plugin


@caught_by("a_case_is_stored_once_with_its_key")
class SendsNoKey(Plugin):
    """The case does not carry the key."""

    def values(self, draft: CaseDraft) -> dict[str, Any]:
        return super().values(draft) | {"ext": ""}


@caught_by("a_case_reads_back_as_sent")
class LosesKeyOnReading(Plugin):
    """The key is sent, but not read back."""

    def case_from(self, row: Mapping[str, Any]) -> Case:
        return super().case_from(row).evolve(key="")


@caught_by("an_unknown_key_finds_nothing")
class FindsAnything(Plugin):
    """The search by key returns the first case."""

    @hookimpl
    async def hub_find_case(self, account: Any, key: str) -> Case | None:
        rows = (await account.client.get("/cases")).json(dict)["rows"]
        return self.case_from(rows[0]) if rows else None


@caught_by("each_severity_is_reported")
class SeverityUpsideDown(Plugin):
    """Priorities are read and written in the wrong order."""

    words = VendorWords(
        WORDS.statuses,
        {f"P{n}": Severity(n) for n in range(1, 5)},
        WORDS.status_words,
        {Severity(n): f"P{n}" for n in range(1, 5)},
    )


@caught_by("every_severity_survives")
class WorstIsOnlyBad(Plugin):
    """The highest severity is written as the second highest."""

    words = VendorWords(
        WORDS.statuses, WORDS.severities, WORDS.status_words, {**WORDS.severity_words, Severity.S1: "P3"}
    )


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
    """Texts are escaped for HTML, which the vendor does not use."""

    def values(self, draft: CaseDraft) -> dict[str, Any]:
        made = super().values(draft)
        return made | {"details": made["details"].replace("<", "&lt;")}


@caught_by("a_missing_answer_is_asked_for")
class AsksNothing(Plugin):
    """A case is opened without a required answer."""

    def answers(self, draft: CaseDraft) -> str:
        return super().answers(draft.evolve(answers={"site": "north"} | draft.answers))


@caught_by("a_wrong_answer_is_named")
class TakesAnyAnswer(Plugin):
    """Answers are not checked against the choices."""

    def answers(self, draft: CaseDraft) -> str:
        return super().answers(draft.evolve(answers={"site": "north"} if draft.answers else {}))


@caught_by("a_comment_arrives_once")
class CommentWithoutKey(Plugin):
    """Comments are sent without their key."""

    def note_values(self, comment: Comment) -> dict[str, Any]:
        return super().note_values(comment) | {"tag": ""}


@caught_by("comment_visibility_is_kept")
class TellsEverybody(Plugin):
    """A private comment is sent as public."""

    def note_values(self, comment: Comment) -> dict[str, Any]:
        return super().note_values(comment) | {"visible": "all"}


@caught_by("a_comment_arrives_once")
class CommentsTwice(Plugin):
    """A comment is sent twice."""

    @hookimpl
    async def hub_add_comment(self, account: Any, reference: CaseReference, comment: Comment) -> Comment:
        await super().hub_add_comment(account, reference, comment)
        return await super().hub_add_comment(account, reference, comment)


@caught_by("equal_comments_stay_separate")
class SwallowsRepeats(Plugin):
    """A comment with the text of an earlier comment is not sent."""

    @hookimpl
    async def hub_add_comment(self, account: Any, reference: CaseReference, comment: Comment) -> Comment:
        for earlier in (await self.hub_read_case(account, reference)).comments:
            if earlier.body == comment.body:
                return earlier
        return await super().hub_add_comment(account, reference, comment)


@caught_by("a_file_arrives_byte_by_byte")
class TidiesFiles(Plugin):
    """Line ends in files are normalised."""

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
    """Reported file names lose all non-ASCII characters."""

    def file_from(self, row: Mapping[str, Any]) -> Attachment:
        return super().file_from(dict(row) | {"name": row["name"].encode("ascii", "replace").decode()})


@caught_by("a_case_can_be_closed")
class ClosesInOneStep(Plugin):
    """Closing skips the step that the vendor requires first, and ignores the refusal."""

    @hookimpl
    async def hub_change_case(self, account: Any, reference: CaseReference, changes: CaseChanges) -> None:
        if changes.status == CaseStatus.CLOSED:
            with suppress(CaseRefused):
                await account.client.send("PATCH", self.place(reference), json={"state": "Shut"})
            return
        await super().hub_change_case(account, reference, changes)


@caught_by("the_same_change_twice_changes_nothing")
class WritesBlindly(Plugin):
    """A change is written even if it is already in place."""

    @hookimpl
    async def hub_change_case(self, account: Any, reference: CaseReference, changes: CaseChanges) -> None:
        case = await self.hub_read_case(account, reference)
        for values in self.steps(case.evolve(severity=None), changes):
            await account.client.send("PATCH", self.place(reference), json=values)


@caught_by("a_change_returns_what_was_stored")
class AnswersWithWhatWas(Plugin):
    """A change returns the case as it was before."""

    @hookimpl
    async def hub_change_case(  # type: ignore[override]
        self, account: Any, reference: CaseReference, changes: CaseChanges
    ) -> Case | None:
        case = await self.hub_read_case(account, reference)
        await super().hub_change_case(account, reference, changes)
        return case


@caught_by("a_severity_can_be_changed")
class ChangesTooMuch(Plugin):
    """A change of severity resets the status."""

    def steps(self, case: Case, changes: CaseChanges) -> list[dict[str, Any]]:
        return [values | {"state": "Busy"} for values in super().steps(case, changes)]


@caught_by("opening_returns_the_case_as_stored")
class AnswersWithUid(Plugin):
    """Opening returns the internal number instead of the one that people see."""

    async def create(self, account: Any, values: dict[str, Any]) -> Case:
        case = await super().create(account, values)
        return case.evolve(reference=CaseReference(case.reference.id, case.reference.id))


@caught_by("unstorable_text_is_refused_by_field")
class DropsSilently(Plugin):
    """A character that can't be stored is silently removed."""

    def values(self, draft: CaseDraft) -> dict[str, Any]:
        return super().values(draft.evolve(title=draft.title.replace("\0", "")))


@caught_by("a_change_writes_only_what_it_names")
class WritesNothings(Plugin):
    """An empty change is written."""

    def steps(self, case: Case, changes: CaseChanges) -> list[dict[str, Any]]:
        return super().steps(case, changes) or ([{}] if changes == CaseChanges() else [])


@caught_by("file_names_contain_no_path")
class NamesClimb(Plugin):
    """A file is stored with the path in its name."""

    @hookimpl
    async def hub_add_attachment(
        self, account: Any, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        name = base64.urlsafe_b64encode(attachment.name.encode()).decode()
        made = await account.client.send(
            "POST", self.place(reference, "files"), params={"name": name, "tag": attachment.key}, content=content
        )
        return attachment.evolve(reference=made.json(dict)["id"])


@caught_by("a_file_adds_no_comment")
class AnnouncesFiles(Plugin):
    """Each file is announced in a comment without a key."""

    @hookimpl
    async def hub_add_attachment(
        self, account: Any, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        added = await super().hub_add_attachment(account, reference, attachment, content)
        await self.hub_add_comment(account, reference, Comment(body=f"See {added.name}", public=True))
        return added


@caught_by("a_file_keeps_its_key")
class FilesWithoutKey(Plugin):
    """Files are sent without their key."""

    @hookimpl
    async def hub_add_attachment(
        self, account: Any, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        bare = attachment.evolve(key="")
        return (await super().hub_add_attachment(account, reference, bare, content)).evolve(key=attachment.key)


@caught_by("an_article_is_rated_once")
class VotesTwice(Plugin):
    """An article is rated twice."""

    @hookimpl
    async def hub_rate_article(self, account: Any, reference: str, feedback: Feedback) -> None:
        await super().hub_rate_article(account, reference, feedback)
        await super().hub_rate_article(account, reference, feedback)


@caught_by("an_article_is_submitted_once")
class OffersHalf(Plugin):
    """An article is submitted without its solution."""

    @hookimpl
    async def hub_submit_article(self, account: Any, draft: ArticleDraft) -> Article:
        return await super().hub_submit_article(account, draft.evolve(solution=""))


@caught_by("a_session_can_be_joined")
class NoWayToJoin(Plugin):
    """A session has neither code nor address."""

    def session(self, row: Mapping[str, Any]) -> Session:
        return super().session(row).evolve(code="")


@caught_by("sessions_are_separate")
class OneSessionForAll(Plugin):
    """All sessions have the same code."""

    def session(self, row: Mapping[str, Any]) -> Session:
        return super().session(row).evolve(code="700000")
