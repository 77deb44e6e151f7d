"""The hooks for cases on Salesforce."""

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
from hub.model.keys import bond_of
from hub.platforms import parts
from hub.platforms.desk import PlatformDesk
from hub.platforms.form import IntakeForm
from hub.platforms.salesforce import cases, check, comments, faults, files, news
from hub.platforms.salesforce.library import Library
from hub.platforms.salesforce.login import TokenLogin
from hub.platforms.salesforce.settings import Own, Settings
from hub.platforms.texts import text
from hub.platforms.words import VendorWords


class Desk(Library[Own], PlatformDesk[Own]):
    """Cases and knowledge of a Salesforce org; an account's own words override the vendor's `words`."""

    def __init__(self, *, form: IntakeForm, words: VendorWords, settings: type[Own]) -> None:
        super().__init__(form=form, settings=settings)
        self._words = words

    @hookimpl
    def hub_connect(self, settings: Settings) -> Connection:
        """How to reach the org."""
        return Connection(
            base_url=settings.base_url,
            auth=TokenLogin(settings),
            explain=faults.explain,
            deadline=float(settings.timeout_seconds),
            ca_file=settings.ca_file,
        )

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether the hub can log in, read what it needs, and find a case by its key."""
        return await check.check_account(account, knowledge=True)

    @hookimpl
    async def hub_open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Upsert a case by its key, and return it as stored."""
        return await cases.open_case(account, draft, self._form, self._words)

    @hookimpl
    async def hub_find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case with the key, or None."""
        return await cases.find_case(account, key, self._words)

    @hookimpl
    async def hub_read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """One complete case; raises CaseMissing."""
        case = cases.case_from(await cases.read_record(account, reference), account.settings, self._words)
        found = parts.joined(await comments.read(account, case.reference.id, case.key))
        return case.evolve(comments=found, attachments=await files.read(account, case.reference.id))

    @hookimpl
    async def hub_change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> None:
        """Write what differs; a resolution without a field of its own is sent as a published comment, once."""
        record = await cases.read_record(account, reference)
        case = cases.case_from(record, account.settings, self._words)
        values = cases.changed_values(case, changes, account.settings, self._words)
        if changes.resolution and not account.settings.resolution_field:
            found = parts.joined(await comments.read(account, case.reference.id, bond_of(changes.key)))
            if not any(changes.key and comment.key == changes.key for comment in found):
                resolution = Comment(body=changes.resolution, public=True, key=changes.key)
                await comments.add(account, case.reference.id, resolution)
        await cases.change_case(account, record, values)

    @hookimpl
    async def hub_add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Add one comment, in parts if it is long."""
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
        """One page of changed cases, comments or files."""
        return await news.changed_cases(account, cursor, self._words)


async def _id(account: AnyAccount, reference: CaseReference) -> str:
    return reference.id or text(await cases.read_record(account, reference), "Id")
