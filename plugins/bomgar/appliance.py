"""The Remote Support site as the part of the plugin that answers the hooks of sessions."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qs

from hub import Hooks, hookimpl
from hub.http import Connection
from hub.model import Account, Cursor, Delivery, Finding, Page, Session, Ticket, WebhookRequest
from hub.platforms.proof import require_secret

from . import check, sessions
from .login import ApplianceLogin
from .settings import ApplianceSettings

MOST = 64 * 1024 * 1024  # bytes of one report: there are no pages
_NAMES = ("appliance_id", "lsid", "event", "timestamp")
_SECRET = re.compile(r"/?([^/]+)")


class Appliance(Hooks[ApplianceSettings]):
    """Sessions of one site."""

    @hookimpl
    def hub_settings(self, platform: str) -> type[ApplianceSettings]:
        """The site's settings."""
        return ApplianceSettings

    @hookimpl
    def hub_connect(self, settings: ApplianceSettings) -> Connection:
        """The site's address and login; it wants each connection closed after its call."""
        return Connection(
            base_url=settings.base_url,
            auth=ApplianceLogin(settings.client_id, settings.client_secret),
            headers={"Connection": "close"},
            deadline=float(settings.timeout_seconds),
            max_reply=MOST,
            ca_file=settings.ca_file,
        )

    @hookimpl
    async def hub_check_account(self, account: Account[ApplianceSettings]) -> tuple[Finding, ...]:
        """Permissions, health and queue."""
        return await check.check_account(account)

    @hookimpl
    async def hub_start_session(self, account: Account[ApplianceSettings], ticket: Ticket) -> Session:
        """A key by which the customer joins."""
        return await sessions.start(account, ticket)

    @hookimpl
    async def hub_changed_sessions(self, account: Account[ApplianceSettings], cursor: Cursor) -> Page[Session]:
        """Ended sessions, and open ones that say something new."""
        return await sessions.changed(account, cursor)

    @hookimpl
    async def hub_read_webhook(self, account: Account[ApplianceSettings], request: WebhookRequest) -> Delivery:
        """An outbound event, proved by its secret path alone: a hint to look, whatever it says."""
        settings = account.settings
        found = _SECRET.fullmatch(request.path)
        require_secret((settings.webhook_secret, settings.webhook_secret_old), found[1] if found else "")
        said = parse_qs(request.body.decode("utf-8", "replace"))
        named = [said.get(name, [""])[0] for name in _NAMES]
        told = "\n".join(named).encode("utf-8", "replace") if all(named) else request.body
        return Delivery(id=hashlib.sha256(told).hexdigest(), stream="sessions")
