"""The hooks for cases on ServiceNow."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub.hookspecs import hookimpl
from hub.http import Connection
from hub.model import (
    AnyAccount,
    Attachment,
    Case,
    CaseChanges,
    CaseDraft,
    CaseNews,
    CaseReference,
    Comment,
    Cursor,
    Finding,
    Page,
)
from hub.platforms.desk import PlatformDesk
from hub.platforms.form import IntakeForm
from hub.platforms.servicenow import cases, check, comments, faults, files, login, news
from hub.platforms.servicenow.library import Library
from hub.platforms.servicenow.settings import Own, Settings
from hub.platforms.servicenow.words import WORDS
from hub.platforms.texts import text
from hub.platforms.words import VendorWords


class Desk(Library[Own], PlatformDesk[Own]):
    """Cases and knowledge of a ServiceNow instance; an account's own words override `words`."""

    def __init__(self, *, form: IntakeForm, words: VendorWords = WORDS, settings: type[Own]) -> None:
        super().__init__(form=form, settings=settings)
        self._words = words

    @hookimpl
    def hub_connect(self, settings: Settings) -> Connection:
        """How to reach the instance."""
        return Connection(
            base_url=settings.base_url,
            auth=login.auth(settings),
            explain=faults.explain,
            deadline=float(settings.timeout_seconds),
            ca_file=settings.ca_file,
        )

    @hookimpl
    def hub_capabilities(self, settings: Settings) -> frozenset[str]:
        """All hooks of the desk, without patches if the settings name no source for them."""
        return self.offered(patches=settings.patches_from != "none")

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether the hub can log in, read what it needs, and find a case by its key."""
        return await check.check_account(account, self._words)

    @hookimpl
    async def hub_open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Create a case with the key, and return it as read back."""
        return await cases.open_case(account, draft, self._form, self._words)

    @hookimpl
    async def hub_find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case with the key, or None."""
        return await cases.find_case(account, key, self._words)

    @hookimpl
    async def hub_read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """One complete case; raises CaseMissing."""
        case = cases.case_from(await cases.read_record(account, reference), account.settings, self._words)
        found, attached = await comments.read(account, case.reference.id, case.key)
        return case.evolve(comments=found, attachments=attached)

    @hookimpl
    async def hub_change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> None:
        """Write what differs in one call, with a contact's resolution as a comment, once."""
        settings = account.settings
        case = cases.case_from(await cases.read_record(account, reference), settings, self._words)
        values = cases.changed_values(case, changes, settings, self._words)
        if changes.resolution and settings.is_external:
            pieces = await comments.missing_parts(account, case.reference.id, changes.resolution, changes.key)
            for piece in pieces[:-1]:
                await cases.write(account, case.reference.id, {"comments": piece})
            values |= {"comments": pieces[-1]} if pieces else {}
        if values:
            await cases.write(account, case.reference.id, values)

    @hookimpl
    async def hub_add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Add one comment; a private comment is a work note, which a contact's login can't write."""
        return await comments.add(account, await _id(account, reference), comment)

    @hookimpl
    async def hub_add_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        """Upload one file."""
        return await files.add(account, await _id(account, reference), attachment, content)

    @hookimpl
    def hub_fetch_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """Download one file."""
        return files.fetch(account, attachment)

    @hookimpl
    async def hub_changed_cases(self, account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
        """One page of changed cases with their comments and files."""
        return await news.changed_cases(account, cursor, self._words)


async def _id(account: AnyAccount, reference: CaseReference) -> str:
    return reference.id or text(await cases.read_record(account, reference), "sys_id")
