"""The hooks of a desk on Freshdesk: who logs in, and what becomes of tickets, comments and files."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic import SecretStr

from hub.hooks import capabilities
from hub.hookspecs import hookimpl
from hub.http import BasicAuth, Connection
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
    Delivery,
    Finding,
    Intake,
    Page,
    WebhookRequest,
)
from hub.platforms.form import IntakeForm
from hub.platforms.freshdesk import cases, check, faults, news, talk, webhook
from hub.platforms.freshdesk.library import Library
from hub.platforms.freshdesk.settings import Own, Settings
from hub.platforms.freshdesk.words import WORDS, names
from hub.platforms.words import VendorWords


class Desk(Library[Own]):
    """Tickets of one vendor's account, with its solutions; an account's own words go before `words`."""

    def __init__(self, *, form: IntakeForm, words: VendorWords = WORDS, settings: type[Own]) -> None:
        self._form, self._words, self._model = form, words, settings

    @hookimpl
    def hub_settings(self, platform: str) -> type[Own]:
        """The settings of an account."""
        return self._model

    @hookimpl
    def hub_connect(self, settings: Settings) -> Connection:
        """How the account is spoken to: the key is the user of a Basic login, whose password means nothing."""
        return Connection(
            base_url=settings.base_url,
            auth=BasicAuth(settings.api_key.get_secret_value(), SecretStr("X")),
            explain=faults.explain(settings.external_id_field),
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
        if not settings.patch_folders:
            without.add("changed_patches")
        if settings.webhook_secret is None:
            without.add("read_webhook")
        return capabilities(self) - without

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether we can log in, see what we need, and find a ticket by its key."""
        return await check.check_account(account, self._words)

    @hookimpl
    async def hub_intake(self, account: AnyAccount) -> Intake:
        """The vendor's questions."""
        return self._form.intake(account.settings)

    @hookimpl
    async def hub_open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Store a ticket that carries the key, and return it as stored."""
        return await cases.open_case(account, draft, self._form, self._words)

    @hookimpl
    async def hub_find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case that carries the key, or None."""
        return await cases.find_case(account, key, self._words)

    @hookimpl
    async def hub_read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """One case whole; raises CaseMissing."""
        row = await cases.read_row(account, reference)
        case = cases.case_from(row, await names(account, self._words, row.get("status")))
        said, files = await talk.read(account, case.reference.number)
        own = tuple(talk.attachment(one) for one in row.get("attachments") or [])
        return case.evolve(comments=said, attachments=own + files)

    @hookimpl
    async def hub_change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> Case | None:
        """Write what differs in one call; a resolution goes ahead of it as a public comment, once."""
        row = await cases.read_row(account, reference)
        told = await names(account, self._words, row.get("status"), write=changes.status)
        case = cases.case_from(row, told)
        values = cases.changed_values(case, changes, told)
        if changes.resolution:
            said, _ = await talk.read(account, case.reference.number)
            if not any(changes.key and one.key == changes.key for one in said):
                comment = Comment(body=changes.resolution, public=True, key=changes.key)
                await talk.add(account, case.reference.number, comment)
        return await cases.change_case(account, case, values, self._words)

    @hookimpl
    async def hub_add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Add one comment: private ones are seen by the vendor's agents only."""
        return await talk.add(account, cases.ident(reference), comment)

    @hookimpl
    async def hub_add_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        """Stream one file up, with a note that carries its key."""
        return await talk.add_file(account, cases.ident(reference), attachment, content)

    @hookimpl
    def hub_fetch_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """Stream one file down, from where the vendor keeps it now."""
        return talk.fetch(account, cases.ident(reference), attachment)

    @hookimpl
    async def hub_changed_cases(self, account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
        """One page of changed cases with their comments and files."""
        return await news.changed_cases(account, cursor, self._words)

    @hookimpl
    async def hub_read_webhook(self, account: AnyAccount, request: WebhookRequest) -> Delivery:
        """What an automation rule's webhook says: a hint to look, whatever is in it."""
        return webhook.read(account.settings, request)
