"""A vendor with several systems: each account chooses one with its setting `platform`, whose part then answers.

A part is an object with hooks as methods, as the platforms have them (`servicenow.Desk(...)` and others). What an
account can do is what its part answers; a hook that no part has is not to be named by the plugin.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from hub.errors import SettingsError
from hub.hookspecs import hookimpl
from hub.mail import AnyConnection
from hub.model import (
    AccountSettings,
    AnyAccount,
    Article,
    ArticleDraft,
    Attachment,
    Case,
    CaseChanges,
    CaseDraft,
    CaseNews,
    CaseReference,
    Comment,
    Cursor,
    Delivery,
    Feedback,
    Finding,
    Intake,
    Page,
    Patch,
    Session,
    Ticket,
    WebhookRequest,
)


class Choice:
    """The parts of a plugin by platform, the default first; its hooks are those of the account's part."""

    def __init__(self, **parts: Any) -> None:
        self.parts = parts
        self.names = tuple(parts)
        """For `VendorInfo.platforms`."""

    def part(self, platform: str) -> Any:
        """The part of a platform, the default's when it is empty; raises SettingsError for an unknown one."""
        name = platform or self.names[0]
        if name not in self.parts:
            raise SettingsError(f"there is no platform {name!r}", next_step=f"choose one of: {', '.join(self.names)}")
        return self.parts[name]

    def _of(self, account: AnyAccount) -> Any:
        return self.part(account.settings.platform)

    # --- who it is ---

    @hookimpl
    def hub_settings(self, platform: str) -> type[AccountSettings]:
        """The settings of the platform."""
        model: type[AccountSettings] = self.part(platform).hub_settings()
        return model

    @hookimpl
    def hub_connect(self, settings: AccountSettings) -> AnyConnection:
        """How the account's system is spoken to."""
        connection: AnyConnection = self.part(vars(settings)["platform"]).hub_connect(settings)
        return connection

    @hookimpl
    def hub_capabilities(self, settings: AccountSettings) -> frozenset[str]:
        """What the account's part answers, less what it says that this account can't do."""
        part = self.part(vars(settings)["platform"])
        hooks = frozenset(name.removeprefix("hub_") for name in dir(part) if name.startswith("hub_"))
        if hasattr(part, "hub_capabilities"):
            hooks &= part.hub_capabilities(settings)
        return hooks | {"vendor", "capabilities", "simulator"}

    # --- cases ---

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether we can log in, see what we need and write where we must."""
        findings: tuple[Finding, ...] = await self._of(account).hub_check_account(account)
        return findings

    @hookimpl
    async def hub_intake(self, account: AnyAccount) -> Intake:
        """The questions that this system wants answered."""
        intake: Intake = await self._of(account).hub_intake(account)
        return intake

    @hookimpl
    async def hub_open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Open a case marked with the draft's key."""
        case: Case = await self._of(account).hub_open_case(account, draft)
        return case

    @hookimpl
    async def hub_find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case that carries the key, or None."""
        case: Case | None = await self._of(account).hub_find_case(account, key)
        return case

    @hookimpl
    async def hub_read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """One case whole."""
        case: Case = await self._of(account).hub_read_case(account, reference)
        return case

    @hookimpl
    async def hub_change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> Case | None:
        """Apply changes of fields and status."""
        stored: Case | None = await self._of(account).hub_change_case(account, reference, changes)
        return stored

    @hookimpl
    async def hub_add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Add one comment."""
        added: Comment = await self._of(account).hub_add_comment(account, reference, comment)
        return added

    @hookimpl
    async def hub_add_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        """Stream one file up."""
        part = self._of(account)
        added: Attachment = await part.hub_add_attachment(account, reference, attachment, content)
        return added

    @hookimpl
    def hub_fetch_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """Stream one file down."""
        content: AsyncIterator[bytes] = self._of(account).hub_fetch_attachment(account, reference, attachment)
        return content

    # --- news ---

    @hookimpl
    async def hub_changed_cases(self, account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
        """One page of case news."""
        page: Page[CaseNews] = await self._of(account).hub_changed_cases(account, cursor)
        return page

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of changed articles."""
        page: Page[Article] = await self._of(account).hub_changed_articles(account, cursor)
        return page

    @hookimpl
    async def hub_search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """The system's own answer to a search."""
        found: tuple[Article, ...] = await self._of(account).hub_search_articles(account, query)
        return found

    @hookimpl
    async def hub_read_article(self, account: AnyAccount, reference: str) -> Article:
        """One article whole."""
        article: Article = await self._of(account).hub_read_article(account, reference)
        return article

    @hookimpl
    async def hub_rate_article(self, account: AnyAccount, reference: str, feedback: Feedback) -> None:
        """Tell whether an article solved a problem."""
        await self._of(account).hub_rate_article(account, reference, feedback)

    @hookimpl
    async def hub_submit_article(self, account: AnyAccount, draft: ArticleDraft) -> Article:
        """Offer an article."""
        article: Article = await self._of(account).hub_submit_article(account, draft)
        return article

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """One page of changed patches."""
        page: Page[Patch] = await self._of(account).hub_changed_patches(account, cursor)
        return page

    @hookimpl
    async def hub_start_session(self, account: AnyAccount, ticket: Ticket) -> Session:
        """Start a remote support session."""
        session: Session = await self._of(account).hub_start_session(account, ticket)
        return session

    @hookimpl
    async def hub_changed_sessions(self, account: AnyAccount, cursor: Cursor) -> Page[Session]:
        """One page of changed sessions."""
        page: Page[Session] = await self._of(account).hub_changed_sessions(account, cursor)
        return page

    @hookimpl
    async def hub_read_webhook(self, account: AnyAccount, request: WebhookRequest) -> Delivery:
        """What a delivery says, once its sender is proved."""
        delivery: Delivery = await self._of(account).hub_read_webhook(account, request)
        return delivery
