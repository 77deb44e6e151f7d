"""The hooks for tickets on Freshdesk."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic import SecretStr

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
    Page,
    WebhookRequest,
)
from hub.model.keys import bond_of
from hub.platforms.desk import PlatformDesk
from hub.platforms.form import IntakeForm
from hub.platforms.freshdesk import cases, check, comments, faults, news, webhook
from hub.platforms.freshdesk.library import Library
from hub.platforms.freshdesk.settings import Own, Settings
from hub.platforms.freshdesk.words import WORDS, status_names
from hub.platforms.words import VendorWords


class Desk(Library[Own], PlatformDesk[Own]):
    """Tickets and solutions of a Freshdesk account; an account's own words override `words`."""

    def __init__(self, *, form: IntakeForm, words: VendorWords = WORDS, settings: type[Own]) -> None:
        super().__init__(form=form, settings=settings)
        self._words = words

    @hookimpl
    def hub_connect(self, settings: Settings) -> Connection:
        """How to reach the account: the key is the user of a Basic login, whose password is ignored."""
        return Connection(
            base_url=settings.base_url,
            auth=BasicAuth(settings.api_key.get_secret_value(), SecretStr("X")),
            explain=faults.explain(settings.external_id_field),
            deadline=float(settings.timeout_seconds),
            ca_file=settings.ca_file,
            file_hosts=settings.file_hosts,
        )

    @hookimpl
    def hub_capabilities(self, settings: Settings) -> frozenset[str]:
        """All hooks of the desk, without those that the settings switch off."""
        return self.offered(
            knowledge=settings.knowledge != "none",
            patches=bool(settings.patch_folders),
            webhook=settings.webhook_secret is not None,
        )

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether the hub can log in, read what it needs, and store its key."""
        return await check.check_account(account, self._words)

    @hookimpl
    async def hub_open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Create a ticket with the key, and return it as stored."""
        return await cases.open_case(account, draft, self._form, self._words)

    @hookimpl
    async def hub_find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case with the key, or None."""
        return await cases.find_case(account, key, self._words)

    @hookimpl
    async def hub_read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """One complete case; raises CaseMissing."""
        ticket = await cases.read_record(account, reference)
        case = cases.case_from(ticket, await status_names(account, self._words, ticket.get("status")))
        found, files = await comments.read(account, case.reference.number, case.key)
        own = tuple(comments.attachment_from(record) for record in ticket.get("attachments") or [])
        return case.evolve(comments=found, attachments=own + files)

    @hookimpl
    async def hub_change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> Case | None:
        """Write what differs in one call; a resolution is sent first as a public comment, once."""
        ticket = await cases.read_record(account, reference)
        names = await status_names(account, self._words, ticket.get("status"), write=changes.status)
        case = cases.case_from(ticket, names)
        values = cases.changed_values(case, changes, names)
        if changes.resolution:
            found, _ = await comments.read(account, case.reference.number, bond_of(changes.key))
            if not any(changes.key and comment.key == changes.key for comment in found):
                resolution = Comment(body=changes.resolution, public=True, key=changes.key)
                await comments.add(account, case.reference.number, resolution)
        return await cases.change_case(account, case, values, self._words)

    @hookimpl
    async def hub_add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Add one comment; only the vendor's agents see private ones."""
        return await comments.add(account, cases.ident(reference), comment)

    @hookimpl
    async def hub_add_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        """Upload one file, with a note that carries its key."""
        return await comments.add_file(account, cases.ident(reference), attachment, content)

    @hookimpl
    def hub_fetch_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """Download one file from its current address."""
        return comments.fetch_file(account, cases.ident(reference), attachment)

    @hookimpl
    async def hub_changed_cases(self, account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
        """One page of changed cases with their comments and files."""
        return await news.changed_cases(account, cursor, self._words)

    @hookimpl
    async def hub_read_webhook(self, account: AnyAccount, request: WebhookRequest) -> Delivery:
        """A hint from an automation rule's webhook that a ticket may have changed."""
        return webhook.read(account.settings, request)
