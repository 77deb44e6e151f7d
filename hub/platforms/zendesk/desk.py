"""The hooks of a desk on Zendesk: who logs in, and what becomes of cases, comments and files."""

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
    CaseStatus,
    Comment,
    Cursor,
    Delivery,
    Finding,
    Intake,
    Page,
    WebhookRequest,
)
from hub.platforms.form import IntakeForm
from hub.platforms.words import VendorWords
from hub.platforms.zendesk import cases, check, faults, files, login, news, talk, webhook, writes
from hub.platforms.zendesk.library import Library
from hub.platforms.zendesk.settings import Own, Settings
from hub.platforms.zendesk.words import WORDS


class Desk(Library[Own]):
    """Cases of one vendor's account, with its articles: tickets for an agent, requests for an end user."""

    def __init__(self, *, form: IntakeForm, words: VendorWords = WORDS, settings: type[Own]) -> None:
        self._form, self._words, self._model = form, words, settings

    @hookimpl
    def hub_settings(self, platform: str) -> type[Own]:
        """The settings of an account."""
        return self._model

    @hookimpl
    def hub_connect(self, settings: Settings) -> Connection:
        """How the account is spoken to."""
        return Connection(
            base_url=settings.base_url,
            auth=login.auth(settings),
            explain=faults.explain,
            headers={"Accept": "application/json"},
            deadline=float(settings.timeout_seconds),
            ca_file=settings.ca_file,
            file_hosts=settings.file_hosts,
        )

    @hookimpl
    def hub_capabilities(self, settings: Settings) -> frozenset[str]:
        """All that the desk answers, less what the settings leave out."""
        without: set[str] = set()
        if settings.knowledge == "none":
            without |= {"changed_articles", "changed_patches", "search_articles", "read_article"}
        if not settings.patch_labels:
            without.add("changed_patches")
        if settings.webhook_secret is None:
            without.add("read_webhook")
        return capabilities(self) - without

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether we can log in, as whom, and see what we need."""
        return await check.check_account(account)

    @hookimpl
    async def hub_intake(self, account: AnyAccount) -> Intake:
        """The vendor's questions."""
        return self._form.intake(account.settings)

    @hookimpl
    async def hub_open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Store a case that carries the key, and return it as stored."""
        return await cases.open_case(account, draft, self._form, self._words)

    @hookimpl
    async def hub_find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case that carries the key, or None."""
        return await cases.find_case(account, key, self._words)

    @hookimpl
    async def hub_read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """One case whole; raises CaseMissing."""
        row = await cases.read_row(account, reference)
        case = cases.case_from(row, account.settings, self._words)
        said, files = await talk.read(account, row)
        return case.evolve(comments=said, attachments=files)

    @hookimpl
    async def hub_change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> None:
        """Write what differs in one call, a resolution as a public comment with it, once.

        Raises FieldRefused and CaseRefused for what an end user can't change; then nothing is written.
        """
        settings: Settings = account.settings
        row = await cases.read_row(account, reference)
        case = cases.case_from(row, settings, self._words)
        if settings.is_agent:
            values = writes.ticket_values(case, changes, settings, self._words)
            speaks = case.status is not CaseStatus.CLOSED
        else:
            values = writes.request_values(case, row, changes, settings)
            speaks = case.status not in writes.OVER  # a comment would open it again
        if changes.resolution and speaks and "comment" not in values:
            said, _ = await talk.read(account, row) if changes.key else ((), ())
            if not any(one.key == changes.key for one in said):
                values |= talk.spoken(settings, changes.resolution, changes.key, public=True)
        if values:
            await cases.write(account, reference, values)

    @hookimpl
    async def hub_add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Add one comment: private ones are seen by the vendor's agents only; an end user has none."""
        return await talk.add(account, reference, comment)

    @hookimpl
    async def hub_add_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        """Stream one file up, with a comment that carries its key."""
        return await files.add(account, reference, self._words, attachment, content)

    @hookimpl
    def hub_fetch_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """Stream one file down, from where the vendor keeps it now."""
        return files.fetch(account, reference, attachment)

    @hookimpl
    async def hub_changed_cases(self, account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
        """One page of changed cases with their comments and files."""
        return await news.changed_cases(account, cursor, self._words)

    @hookimpl
    async def hub_read_webhook(self, account: AnyAccount, request: WebhookRequest) -> Delivery:
        """What a signed delivery says."""
        return webhook.read(account.settings, request)
