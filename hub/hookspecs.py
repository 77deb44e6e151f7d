"""The contract between the hub and its plugins: every hook, in the order things happen.

A vendor answers the hooks that its system makes possible; which ones it answers is what it can do. Hooks with an
account may be `async def`; the others are plain and quick. Errors: raise those of `hub.errors`; anything else counts
as a fault of the plugin.

A plugin is an object or a module whose hooks are marked with `@hub.hookimpl`. In a class derived from
`hub.Hooks[AcmeSettings]` type checkers compare each hook with the spec, where `Settings` stands for `AcmeSettings`;
such a hook lists all arguments. Functions in a module, and classes derived from nothing, may leave out arguments that
they do not need, and are not compared.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pluggy

if TYPE_CHECKING:
    from hub.mail import AnyConnection
    from hub.model import (
        Account,
        AccountSettings,
        Article,
        ArticleDraft,
        Attachment,
        Bond,
        Case,
        CaseChanges,
        CaseDraft,
        CaseNews,
        CaseReference,
        Clock,
        Comment,
        Cursor,
        Delivery,
        Escalation,
        Event,
        Feedback,
        Finding,
        Intake,
        Operation,
        Page,
        Patch,
        Session,
        Ticket,
        VendorInfo,
        WebhookRequest,
    )

SPEC_VERSION = "1.2"
"""Major: a plugin written for another one is refused. Minor: grows when a hook, an argument or an answer is added."""

hookspec = pluggy.HookspecMarker("hub")
hookimpl = pluggy.HookimplMarker("hub")


Settings = TypeVar("Settings", bound="AccountSettings")
"""The settings of one account at the plugin's vendor."""

_Hook = TypeVar("_Hook", bound=Callable[..., Any])


def every_vendor(hook: _Hook) -> _Hook:
    """Mark a hook that each vendor has to answer."""
    vars(hook)["every_vendor"] = True
    return hook


class Hooks(Generic[Settings]):
    """Every hook. A subclass answers those that it overrides and marks with `@hookimpl`."""

    # --- asked of one vendor: who it is ---------------------------------------------------------------------------

    @hookspec
    @every_vendor
    def hub_vendor(self) -> VendorInfo:
        """Who the vendor is, and what an operator should know of it."""

    @hookspec
    @every_vendor
    def hub_settings(self, platform: str) -> type[Settings]:
        """The settings that one account needs, on the platform that it chose if there is a choice."""

    @hookspec
    @every_vendor
    def hub_connect(self, settings: Settings) -> AnyConnection:
        """How an account's system is spoken to: address, login, pace, and how its errors read; opens nothing."""

    @hookspec
    def hub_capabilities(self, settings: Settings) -> frozenset[str]:
        """The hooks, without `hub_`, that this account's system makes possible; not answered: all of the plugin's."""

    @hookspec
    def hub_simulator(self, platform: str) -> Any:
        """A fake of the vendor's system (`hub.simulators`), to run and test against."""

    # --- asked of one vendor: cases -------------------------------------------------------------------------------

    @hookspec
    async def hub_check_account(self, account: Account[Settings]) -> tuple[Finding, ...]:
        """Whether we can log in, see what we need and write where we must."""

    @hookspec
    async def hub_intake(self, account: Account[Settings]) -> Intake:
        """The questions and code lists that this vendor wants answered before it takes a case."""

    @hookspec
    async def hub_open_case(self, account: Account[Settings], draft: CaseDraft) -> Case:
        """Open a case marked with the draft's key, and return it as stored."""

    @hookspec
    async def hub_find_case(self, account: Account[Settings], key: str) -> Case | None:
        """The case that carries the key, or None; this is how doubt is settled."""

    @hookspec
    async def hub_read_case(self, account: Account[Settings], reference: CaseReference) -> Case:
        """One case whole, with its comments and its list of attachments; raises CaseMissing."""

    @hookspec
    async def hub_change_case(
        self, account: Account[Settings], reference: CaseReference, changes: CaseChanges
    ) -> Case | None:
        """Apply changes of fields and status; the case as stored where the vendor's answer tells it, else None."""

    @hookspec
    async def hub_add_comment(self, account: Account[Settings], reference: CaseReference, comment: Comment) -> Comment:
        """Add one comment marked with its key, and return it with the vendor's reference."""

    @hookspec
    async def hub_add_attachment(
        self,
        account: Account[Settings],
        reference: CaseReference,
        attachment: Attachment,
        content: AsyncIterator[bytes],
    ) -> Attachment:
        """Stream one file up, marked with its key, and return it with the vendor's reference."""

    @hookspec
    def hub_fetch_attachment(
        self, account: Account[Settings], reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """Stream one file down."""

    # --- asked of one vendor: news --------------------------------------------------------------------------------

    @hookspec
    async def hub_changed_cases(self, account: Account[Settings], cursor: Cursor) -> Page[CaseNews]:
        """One page of case news since the cursor."""

    @hookspec
    async def hub_changed_articles(self, account: Account[Settings], cursor: Cursor) -> Page[Article]:
        """One page of knowledge articles changed since the cursor."""

    @hookspec
    async def hub_search_articles(self, account: Account[Settings], query: str) -> tuple[Article, ...]:
        """The vendor's own answer to a search, best first."""

    @hookspec
    async def hub_read_article(self, account: Account[Settings], reference: str) -> Article:
        """One article whole; raises CaseMissing."""

    @hookspec
    async def hub_rate_article(self, account: Account[Settings], reference: str, feedback: Feedback) -> None:
        """Tell the vendor whether an article solved a problem, and what was missing."""

    @hookspec
    async def hub_submit_article(self, account: Account[Settings], draft: ArticleDraft) -> Article:
        """Offer the vendor an article that a solved ticket gave, and return it as stored."""

    @hookspec
    async def hub_changed_patches(self, account: Account[Settings], cursor: Cursor) -> Page[Patch]:
        """One page of patches and advisories changed since the cursor."""

    @hookspec
    async def hub_start_session(self, account: Account[Settings], ticket: Ticket) -> Session:
        """Start a remote support session for a ticket."""

    @hookspec
    async def hub_changed_sessions(self, account: Account[Settings], cursor: Cursor) -> Page[Session]:
        """One page of remote support sessions changed since the cursor."""

    @hookspec
    async def hub_read_webhook(self, account: Account[Settings], request: WebhookRequest) -> Delivery:
        """What a delivery says, once its sender is proved."""

    # --- everyone decides -----------------------------------------------------------------------------------------

    @hookspec(firstresult=True)
    def hub_choose_escalation(self, ticket: Ticket, clock: Clock) -> Escalation | None:
        """Where a ticket at risk goes next; the first answer wins."""

    @hookspec
    def hub_review_outgoing(self, bond: Bond, operation: Operation) -> Operation | None:
        """Change what is about to leave, or raise NotDisclosed to veto it; None leaves it as it is."""

    # --- everyone is told -----------------------------------------------------------------------------------------

    @hookspec
    def hub_happened(self, event: Event) -> None:
        """A journal entry was committed."""

    # --- doors ----------------------------------------------------------------------------------------------------

    @hookspec
    def hub_routes(self) -> Any:
        """A plugin's own endpoints: an ASGI application, served under /plugins/NAME by `hub serve`."""

    @hookspec
    def hub_commands(self) -> Any:
        """A plugin's own commands: a Typer application, offered under the plugin's name."""
