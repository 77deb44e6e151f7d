"""Vendor: the typed and guarded face of one vendor's plugin, one method per hook."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from hub.errors import HubError, PluginError, SettingsError
from hub.http import Outgoing, capture_writes
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
    VendorInfo,
    WebhookRequest,
)
from hub.vendors.guard import Guard
from hub.vendors.quality import Quality


class Vendor:
    """One vendor, as the hub calls it. A method does what the hook of its name (`hub_...`) says in the spec.

    Every method that waits is bounded in time and raises only HubErrors: VendorErrors with vendor, account
    and operation filled in, CaseRefused when the plugin does not offer the hook, PluginError when the plugin
    fails. Each of them says in `in_doubt` whether something may have been stored at the vendor.
    """

    def __init__(self, info: VendorInfo, guard: Guard, quality: Quality | None = None) -> None:
        self.name = info.name
        self.info = info
        self.quality = quality or Quality()
        """What the plugin claims in its quality.toml."""
        self.capabilities = frozenset(hook.removeprefix("hub_") for hook in guard.hooks)
        """What the vendor can do: the hooks that its plugin answers, without `hub_`, such as `open_case`."""
        self._guard = guard

    def __repr__(self) -> str:
        return f"Vendor({self.name!r})"

    # --- who it is ---

    def platform(self, chosen: str = "") -> str:
        """The platform of an account that chose this one, or none; empty for a vendor without a choice.

        Raises SettingsError for one that the vendor does not have.
        """
        platforms = self.info.platforms
        if chosen and platforms and chosen not in platforms:
            raise SettingsError(
                f"{self.name} has no platform {chosen!r}", next_step=f"choose one of: {', '.join(platforms)}"
            )
        return (chosen or platforms[0]) if platforms else ""

    def settings(self, platform: str = "") -> type[AccountSettings]:
        """The model of one account's settings, on the platform chosen; raises SettingsError."""
        model: type[AccountSettings] = self._guard.tell("hub_settings", platform=self.platform(platform))
        return model

    def capabilities_on(self, platform: str) -> frozenset[str]:
        """What an account on a platform can do with its settings at their defaults; others add or take away."""
        model = self.settings(platform)
        chosen: dict[str, Any] = {"platform": self.platform(platform)} if self.info.platforms else {}
        return self.capabilities_of(model.model_construct(vendor=self.name, **chosen))

    def capabilities_of(self, settings: AccountSettings) -> frozenset[str]:
        """What this account can do: of the plugin's capabilities those that its system makes possible."""
        if "capabilities" not in self.capabilities:
            return self.capabilities
        possible: frozenset[str] = self._guard.tell("hub_capabilities", settings=settings)
        return self.capabilities & possible

    def connect(self, settings: AccountSettings) -> AnyConnection:
        """How the account's system is spoken to; opens nothing."""
        connection: AnyConnection = self._guard.tell("hub_connect", settings=settings)
        return connection

    def simulator(self, platform: str = "") -> Any:
        """A fake of the vendor's system, on the platform chosen; raises PluginError when the plugin brings none."""
        if "simulator" not in self.capabilities:
            raise PluginError(f"plugin {self.name} brings no simulator", next_step="choose a vendor that has one")
        return self._guard.tell("hub_simulator", platform=self.platform(platform))

    # --- cases ---

    async def check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether we can log in, see what we need and write where we must."""
        findings: tuple[Finding, ...] = await self._guard.ask("hub_check_account", account)
        return findings

    async def intake(self, account: AnyAccount) -> Intake:
        """The questions that the vendor wants answered before it takes a case."""
        form: Intake = await self._guard.ask("hub_intake", account)
        return form

    async def open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Open a case marked with the draft's key; the case as stored."""
        case: Case = await self._guard.ask("hub_open_case", account, draft=draft)
        return case

    async def preview_open_case(self, account: AnyAccount, draft: CaseDraft) -> Outgoing:
        """Exactly the request that would open the case; nothing is written at the vendor."""
        with capture_writes() as captured:
            try:
                await self.open_case(account, draft)
            except (HubError, BaseExceptionGroup):
                # A group, when the write was made by a task of the plugin's.
                if captured.outgoing is None:
                    raise
        if captured.outgoing is None:
            raise PluginError(
                f"plugin {self.name}: hub_open_case wrote nothing, so there is nothing to preview",
                next_step="tell the plugin's author",
            )
        return captured.outgoing

    async def find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case that carries the key, or None."""
        case: Case | None = await self._guard.ask("hub_find_case", account, key=key)
        return case

    async def read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """One case whole; raises CaseMissing."""
        case: Case = await self._guard.ask("hub_read_case", account, reference=reference)
        return case

    async def change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> Case | None:
        """Apply changes of fields and status; the case as stored, where the vendor's answer tells it."""
        stored: Case | None = await self._guard.ask("hub_change_case", account, reference=reference, changes=changes)
        return stored

    async def add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Add one comment; the comment with the vendor's reference."""
        added: Comment = await self._guard.ask("hub_add_comment", account, reference=reference, comment=comment)
        return added

    async def add_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        """Stream one file up; the attachment with the vendor's reference."""
        added: Attachment = await self._guard.ask(
            "hub_add_attachment", account, reference=reference, attachment=attachment, content=content
        )
        return added

    def fetch_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """Stream one file down, in chunks as they come."""
        return self._guard.stream("hub_fetch_attachment", account, reference=reference, attachment=attachment)

    # --- news ---

    async def changed_cases(self, account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
        """One page of case news since the cursor."""
        page: Page[CaseNews] = await self._guard.ask("hub_changed_cases", account, cursor=cursor)
        return page

    async def changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of articles changed since the cursor."""
        page: Page[Article] = await self._guard.ask("hub_changed_articles", account, cursor=cursor)
        return page

    async def search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """The vendor's own answer to a search, best first."""
        found: tuple[Article, ...] = await self._guard.ask("hub_search_articles", account, query=query)
        return found

    async def read_article(self, account: AnyAccount, reference: str) -> Article:
        """One article whole; raises CaseMissing."""
        article: Article = await self._guard.ask("hub_read_article", account, reference=reference)
        return article

    async def rate_article(self, account: AnyAccount, reference: str, feedback: Feedback) -> None:
        """Tell the vendor whether an article solved a problem."""
        await self._guard.ask("hub_rate_article", account, reference=reference, feedback=feedback)

    async def submit_article(self, account: AnyAccount, draft: ArticleDraft) -> Article:
        """Offer the vendor an article; the article as stored."""
        article: Article = await self._guard.ask("hub_submit_article", account, draft=draft)
        return article

    async def changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """One page of patches changed since the cursor."""
        page: Page[Patch] = await self._guard.ask("hub_changed_patches", account, cursor=cursor)
        return page

    async def start_session(self, account: AnyAccount, ticket: Ticket) -> Session:
        """Start a remote support session for the ticket."""
        session: Session = await self._guard.ask("hub_start_session", account, ticket=ticket)
        return session

    async def changed_sessions(self, account: AnyAccount, cursor: Cursor) -> Page[Session]:
        """One page of sessions changed since the cursor."""
        page: Page[Session] = await self._guard.ask("hub_changed_sessions", account, cursor=cursor)
        return page

    async def read_webhook(self, account: AnyAccount, request: WebhookRequest) -> Delivery:
        """What a delivery says, once its sender is proved."""
        delivery: Delivery = await self._guard.ask("hub_read_webhook", account, request=request)
        return delivery
