"""The contract between the hub and its plugins: every hook, in the order things happen.

A vendor answers the hooks that its system makes possible; which ones it answers is what it can do. Hooks that ask
may be `async def`; hooks that decide or tell are plain and quick. A plugin lists only the arguments it needs.
Errors: raise those of `hub.errors`; anything else is taken for a fault of the plugin.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from hub.mail import AnyConnection
    from hub.model import (
        AccountSettings,
        AnyAccount,
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

# --- asked of one vendor: who it is ----------------------------------------------------------------------------


@hookspec
def hub_vendor() -> VendorInfo:
    """Who the vendor is, and what an operator should know of it."""


@hookspec
def hub_settings(platform: str) -> type[AccountSettings]:
    """The settings that one account needs, on the platform that it chose if there is a choice."""


@hookspec
def hub_connect(settings: AccountSettings) -> AnyConnection:
    """How an account's system is spoken to: address, login, pace, and how its errors read; opens nothing."""


@hookspec
def hub_capabilities(settings: AccountSettings) -> frozenset[str]:
    """The hooks, without `hub_`, that this account's system makes possible; not answered: all that the plugin has."""


@hookspec
def hub_simulator(platform: str) -> Any:
    """A fake of the vendor's system (`hub.simulators`), to run and test against."""


# --- asked of one vendor: cases ----------------------------------------------------------------------------------


@hookspec
async def hub_check_account(account: AnyAccount) -> tuple[Finding, ...]:
    """Whether we can log in, see what we need and write where we must."""


@hookspec
async def hub_intake(account: AnyAccount) -> Intake:
    """The questions and code lists that this vendor wants answered before it takes a case."""


@hookspec
async def hub_open_case(account: AnyAccount, draft: CaseDraft) -> Case:
    """Open a case marked with the draft's key, and return it as stored."""


@hookspec
async def hub_find_case(account: AnyAccount, key: str) -> Case | None:
    """The case that carries the key, or None; this is how doubt is settled."""


@hookspec
async def hub_read_case(account: AnyAccount, reference: CaseReference) -> Case:
    """One case whole, with its comments and its list of attachments; raises CaseMissing."""


@hookspec
async def hub_change_case(account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> Case | None:
    """Apply changes of fields and status; the case as stored where the vendor's answer tells it, else None."""


@hookspec
async def hub_add_comment(account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
    """Add one comment marked with its key, and return it with the vendor's reference."""


@hookspec
async def hub_add_attachment(
    account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
) -> Attachment:
    """Stream one file up, marked with its key, and return it with the vendor's reference."""


@hookspec
def hub_fetch_attachment(account: AnyAccount, reference: CaseReference, attachment: Attachment) -> AsyncIterator[bytes]:
    """Stream one file down."""


# --- asked of one vendor: news -----------------------------------------------------------------------------------


@hookspec
async def hub_changed_cases(account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
    """One page of case news since the cursor."""


@hookspec
async def hub_changed_articles(account: AnyAccount, cursor: Cursor) -> Page[Article]:
    """One page of knowledge articles changed since the cursor."""


@hookspec
async def hub_search_articles(account: AnyAccount, query: str) -> tuple[Article, ...]:
    """The vendor's own answer to a search, best first."""


@hookspec
async def hub_read_article(account: AnyAccount, reference: str) -> Article:
    """One article whole; raises CaseMissing."""


@hookspec
async def hub_rate_article(account: AnyAccount, reference: str, feedback: Feedback) -> None:
    """Tell the vendor whether an article solved a problem, and what was missing."""


@hookspec
async def hub_submit_article(account: AnyAccount, draft: ArticleDraft) -> Article:
    """Offer the vendor an article that a solved ticket gave, and return it as stored."""


@hookspec
async def hub_changed_patches(account: AnyAccount, cursor: Cursor) -> Page[Patch]:
    """One page of patches and advisories changed since the cursor."""


@hookspec
async def hub_start_session(account: AnyAccount, ticket: Ticket) -> Session:
    """Start a remote support session for a ticket."""


@hookspec
async def hub_changed_sessions(account: AnyAccount, cursor: Cursor) -> Page[Session]:
    """One page of remote support sessions changed since the cursor."""


@hookspec
async def hub_read_webhook(account: AnyAccount, request: WebhookRequest) -> Delivery:
    """What a delivery says, once its sender is proved."""


# --- everyone decides --------------------------------------------------------------------------------------------


@hookspec(firstresult=True)
def hub_choose_escalation(ticket: Ticket, clock: Clock) -> Escalation | None:
    """Where a ticket at risk goes next; the first answer wins."""


@hookspec
def hub_review_outgoing(bond: Bond, operation: Operation) -> Operation | None:
    """Change what is about to leave, or raise NotDisclosed to veto it; None leaves it as it is."""


# --- everyone is told --------------------------------------------------------------------------------------------


@hookspec
def hub_happened(event: Event) -> None:
    """A journal entry was committed."""


# --- doors -------------------------------------------------------------------------------------------------------


@hookspec
def hub_routes() -> Any:
    """A plugin's own endpoints: an ASGI application, served under /plugins/NAME by `hub serve`."""


@hookspec
def hub_commands() -> Any:
    """A plugin's own commands: a Typer application, offered under the plugin's name."""
