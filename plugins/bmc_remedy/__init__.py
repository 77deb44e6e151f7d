"""BMC Remedy and BMC Helix ITSM: cases are incidents of an AR System server, over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from hub import Hooks, hookimpl
from hub.http import Connection
from hub.model import (
    Account,
    Article,
    Attachment,
    Case,
    CaseChanges,
    CaseDraft,
    CaseNews,
    CaseReference,
    Comment,
    Cursor,
    Finding,
    Intake,
    Page,
    Patch,
    VendorInfo,
)

from . import cases, check, faults, knowledge, login, news, notes
from .mapping import REFUSED_FIELDS
from .settings import BmcSettings

SERVER_SHARE = 0.75
"""Of our deadline after which the server is told to give up: before us, so that nothing is stored later."""

NOTES = (
    "Verified against BMC's manuals, open clients and a simulator; not against a live server.",
    "Whether the key's field survives the vendor's create workflow differs: see correlation.",
    "One request at a time and user is the safe pace (AR error 9093).",
    "A title beyond summary_limit is shortened in the summary and kept whole in the details.",
    "Files have no media type at the vendor; each goes up as a note of its own.",
    "Patch notices are the articles that patch_field and patch_text pick; unset, there are none.",
)
"""What an operator should know of the vendor."""


class BmcRemedy(Hooks[BmcSettings]):
    """An AR System server."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(
            name="bmc_remedy",
            title="BMC Remedy / Helix ITSM",
            platform="AR System",
            discloses=("title", "description", "severity", "product"),
            index_lag=50.0,
            notes=NOTES,
        )

    @hookimpl
    def hub_settings(self, platform: str) -> type[BmcSettings]:
        return BmcSettings

    @hookimpl
    def hub_connect(self, settings: BmcSettings) -> Connection:
        return Connection(
            base_url=settings.base_url,
            auth=login.ArLogin(settings.username, settings.password, settings.auth_string),
            explain=faults.explainer(REFUSED_FIELDS),
            headers={"X-AR-Timeout": str(int(settings.timeout_seconds * SERVER_SHARE))},
            deadline=float(settings.timeout_seconds),
            ca_file=settings.ca_file,
        )

    @hookimpl
    def hub_simulator(self, platform: str) -> Any:
        from .simulator import simulator

        return simulator()

    @hookimpl
    async def hub_check_account(self, account: Account[BmcSettings]) -> tuple[Finding, ...]:
        return await check.check_account(account)

    @hookimpl
    async def hub_intake(self, account: Account[BmcSettings]) -> Intake:
        return cases.FORM.intake(account.settings)

    @hookimpl
    async def hub_open_case(self, account: Account[BmcSettings], draft: CaseDraft) -> Case:
        return await cases.open_case(account, draft)

    @hookimpl
    async def hub_find_case(self, account: Account[BmcSettings], key: str) -> Case | None:
        return await cases.find_case(account, key)

    @hookimpl
    async def hub_read_case(self, account: Account[BmcSettings], reference: CaseReference) -> Case:
        case = cases.case_from(await cases.read_row(account, reference), account.settings)
        told = await notes.read_notes(account, case.reference.number)
        return case.evolve(
            comments=tuple(comment for note in told for comment in note.comments),
            attachments=tuple(attachment for note in told for attachment in note.attachments),
        )

    @hookimpl
    async def hub_change_case(
        self, account: Account[BmcSettings], reference: CaseReference, changes: CaseChanges
    ) -> None:
        await cases.change_case(account, reference, changes)

    @hookimpl
    async def hub_add_comment(
        self, account: Account[BmcSettings], reference: CaseReference, comment: Comment
    ) -> Comment:
        return await notes.add_comment(account, reference, comment)

    @hookimpl
    async def hub_add_attachment(
        self,
        account: Account[BmcSettings],
        reference: CaseReference,
        attachment: Attachment,
        content: AsyncIterator[bytes],
    ) -> Attachment:
        return await notes.add_attachment(account, reference, attachment, content)

    @hookimpl
    def hub_fetch_attachment(
        self, account: Account[BmcSettings], reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        return notes.fetch_attachment(account, attachment)

    @hookimpl
    async def hub_changed_cases(self, account: Account[BmcSettings], cursor: Cursor) -> Page[CaseNews]:
        return await news.changed_cases(account, cursor)

    @hookimpl
    async def hub_changed_articles(self, account: Account[BmcSettings], cursor: Cursor) -> Page[Article]:
        return await knowledge.changed_articles(account, cursor)

    @hookimpl
    async def hub_search_articles(self, account: Account[BmcSettings], query: str) -> tuple[Article, ...]:
        return await knowledge.search_articles(account, query)

    @hookimpl
    async def hub_changed_patches(self, account: Account[BmcSettings], cursor: Cursor) -> Page[Patch]:
        return await knowledge.changed_patches(account, cursor)


plugin = BmcRemedy()
