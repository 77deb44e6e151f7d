"""The hooks of a desk on ServiceNow: who logs in, and what becomes of cases, comments and files."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub.hooks import capabilities
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
    Intake,
    Page,
)
from hub.platforms.form import IntakeForm
from hub.platforms.servicenow import activities, cases, check, faults, files, login, news
from hub.platforms.servicenow.library import Library
from hub.platforms.servicenow.settings import Own, Settings
from hub.platforms.servicenow.state import WORDS
from hub.platforms.texts import text
from hub.platforms.words import VendorWords


class Desk(Library[Own]):
    """Cases of one vendor's instance, with its knowledge; an account's own words go before `words`."""

    def __init__(self, *, form: IntakeForm, words: VendorWords = WORDS, settings: type[Own]) -> None:
        self._form, self._words, self._model = form, words, settings

    @hookimpl
    def hub_settings(self, platform: str) -> type[Own]:
        """The settings of an account at this instance."""
        return self._model

    @hookimpl
    def hub_connect(self, settings: Settings) -> Connection:
        """How the instance is spoken to; opens nothing."""
        return Connection(
            base_url=settings.base_url,
            auth=login.auth(settings),
            explain=faults.explain,
            headers={"Accept": "application/json"},
            deadline=float(settings.timeout_seconds),
            ca_file=settings.ca_file,
        )

    @hookimpl
    def hub_capabilities(self, settings: Settings) -> frozenset[str]:
        """All that the desk answers, less patches where the settings name no source of them."""
        without = {"changed_patches"} if settings.patches_from == "none" else set()
        return capabilities(self) - without

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether we can log in, see what we need, and find a case by its key."""
        return await check.check_account(account, self._words)

    @hookimpl
    async def hub_intake(self, account: AnyAccount) -> Intake:
        """The vendor's questions."""
        return self._form.intake(account.settings)

    @hookimpl
    async def hub_open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Store a case that carries the key, and return it as read back."""
        return await cases.open_case(account, draft, self._form, self._words)

    @hookimpl
    async def hub_find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case that carries the key, or None."""
        return await cases.find_case(account, key, self._words)

    @hookimpl
    async def hub_read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """One case whole; raises CaseMissing."""
        case = cases.case_from(await cases.read_row(account, reference), account.settings, self._words)
        said, attached = await activities.read(account, case.reference.id)
        return case.evolve(comments=said, attachments=attached)

    @hookimpl
    async def hub_change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> None:
        """Write what differs in one call; a contact's resolution goes with it as a comment, once."""
        settings = account.settings
        case = cases.case_from(await cases.read_row(account, reference), settings, self._words)
        values = cases.changed_values(case, changes, settings, self._words)
        if changes.resolution and settings.is_external:
            pieces = await activities.missing(account, case.reference.id, changes.resolution, changes.key)
            for piece in pieces[:-1]:
                await cases.write(account, case.reference.id, {"comments": piece})
            values |= {"comments": pieces[-1]} if pieces else {}
        if values:
            await cases.write(account, case.reference.id, values)

    @hookimpl
    async def hub_add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Add one comment; a private one is a work note, which a contact's login can't write."""
        return await activities.add(account, await _id(account, reference), comment)

    @hookimpl
    async def hub_add_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        """Stream one file up."""
        return await files.add(account, await _id(account, reference), attachment, content)

    @hookimpl
    def hub_fetch_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """Stream one file down; its own reference says where it is."""
        return files.fetch(account, attachment)

    @hookimpl
    async def hub_changed_cases(self, account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
        """One page of changed cases with their comments and files."""
        return await news.changed_cases(account, cursor, self._words)


async def _id(account: AnyAccount, reference: CaseReference) -> str:
    return reference.id or text(await cases.read_row(account, reference), "sys_id")
