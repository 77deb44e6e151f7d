"""The hooks for cases on Zendesk."""

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
    CaseStatus,
    Comment,
    Cursor,
    Delivery,
    Finding,
    Page,
    WebhookRequest,
)
from hub.model.keys import bond_of
from hub.platforms.desk import PlatformDesk
from hub.platforms.form import IntakeForm
from hub.platforms.words import VendorWords
from hub.platforms.zendesk import cases, check, comments, faults, files, login, news, updates, webhook
from hub.platforms.zendesk.library import Library
from hub.platforms.zendesk.settings import Own, Settings
from hub.platforms.zendesk.words import WORDS


class Desk(Library[Own], PlatformDesk[Own]):
    """Cases and articles of a Zendesk account: tickets for an agent, requests for an end user."""

    def __init__(self, *, form: IntakeForm, words: VendorWords = WORDS, settings: type[Own]) -> None:
        super().__init__(form=form, settings=settings)
        self._words = words

    @hookimpl
    def hub_connect(self, settings: Settings) -> Connection:
        """How to reach the account."""
        return Connection(
            base_url=settings.base_url,
            auth=login.auth(settings),
            explain=faults.explain,
            deadline=float(settings.timeout_seconds),
            ca_file=settings.ca_file,
            file_hosts=settings.file_hosts,
        )

    @hookimpl
    def hub_capabilities(self, settings: Settings) -> frozenset[str]:
        """All hooks of the desk, without those that the settings switch off."""
        return self.offered(
            knowledge=settings.knowledge != "none",
            patches=bool(settings.patch_labels),
            webhook=settings.webhook_secret is not None,
        )

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether the hub can log in as the right kind of user, and read what it needs."""
        return await check.check_account(account)

    @hookimpl
    async def hub_open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Create a case with the key, and return it as stored."""
        return await cases.open_case(account, draft, self._form, self._words)

    @hookimpl
    async def hub_find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case with the key, or None."""
        return await cases.find_case(account, key, self._words)

    @hookimpl
    async def hub_read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """One complete case; raises CaseMissing."""
        record = await cases.read_record(account, reference)
        case = cases.case_from(record, account.settings, self._words)
        found, files = await comments.read(account, record)
        return case.evolve(comments=found, attachments=files)

    @hookimpl
    async def hub_change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> None:
        """Write what differs in one call, with a resolution as a public comment, once.

        Raises FieldRefused and CaseRefused, and writes nothing, if an end user can't change it.
        """
        settings: Settings = account.settings
        record = await cases.read_record(account, reference)
        case = cases.case_from(record, settings, self._words)
        if settings.is_agent:
            values = updates.ticket_values(case, changes, settings, self._words)
            may_comment = case.status is not CaseStatus.CLOSED
        else:
            values = updates.request_values(case, record, changes, settings)
            may_comment = case.status not in updates.OVER  # a comment would reopen it
        if changes.resolution and may_comment and "comment" not in values:
            found, _ = await comments.read(account, record, bond_of(changes.key)) if changes.key else ((), ())
            if not any(comment.key == changes.key for comment in found):
                values |= comments.comment_values(settings, changes.resolution, changes.key, public=True)
        if values:
            await cases.write(account, reference, values)

    @hookimpl
    async def hub_add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Add one comment; only the vendor's agents see private ones, which an end user can't write."""
        return await comments.add(account, reference, comment)

    @hookimpl
    async def hub_add_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        """Upload one file, with a comment that carries its key."""
        return await files.add(account, reference, self._words, attachment, content)

    @hookimpl
    def hub_fetch_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """Download one file from its current address."""
        return files.fetch(account, reference, attachment)

    @hookimpl
    async def hub_changed_cases(self, account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
        """One page of changed cases with their comments and files."""
        return await news.changed_cases(account, cursor, self._words)

    @hookimpl
    async def hub_read_webhook(self, account: AnyAccount, request: WebhookRequest) -> Delivery:
        """The content of a signed delivery."""
        return webhook.read(account.settings, request)
