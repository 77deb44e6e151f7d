"""Assembles the hub from settings: plugins, accounts, storage, notifications."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from hub import settings as configured
from hub.answers.phrases import read_phrase_book
from hub.context import HubContext, VendorAccount
from hub.db.server import embedded
from hub.db.storage import Storage
from hub.errors import PluginError, SettingsError
from hub.mail import open_client
from hub.model import Account
from hub.notify.recipients import Directory, read_people
from hub.notify.sender import NoticeSender
from hub.notify.transport import NoticeTransport
from hub.settings import HubSettings, Loaded
from hub.sla.rules import ServiceRules, read_rules
from hub.vendors import Failed, Plugins, load


@dataclass(frozen=True)
class Hub:
    """The assembled hub, as used by the command line and other front ends."""

    loaded: Loaded
    plugins: Plugins
    context: HubContext
    failed: tuple[Failed, ...]
    """Plugins and accounts that can't be used; the rest of the hub works."""

    @property
    def settings(self) -> HubSettings:
        """The hub's settings."""
        return self.loaded.settings

    @property
    def storage(self) -> Storage:
        """The hub's database."""
        return self.context.storage

    def rules(self) -> ServiceRules:
        """The offer, the vendors' obligations, and the escalation policy. Raises SettingsError."""
        accounts = {name: vendor_account.account.settings for name, vendor_account in self.context.accounts.items()}
        return read_rules(self.settings.offer, self.settings.policy, accounts)


def load_plugins(settings: HubSettings) -> Plugins:
    """The plugins that the settings allow."""
    return load(settings.blocked_plugins, trace=settings.trace_hooks)


def make_account(name: str, raw: Mapping[str, object], loaded: Loaded, plugins: Plugins) -> VendorAccount:
    """Builds one account; opens no connection. Raises SettingsError or PluginError."""
    vendor_name = str(raw.get("vendor", ""))
    vendor = plugins.vendors.get(vendor_name)
    if vendor is None:
        loaded_vendors = ", ".join(sorted(plugins.vendors)) or "none"
        raise SettingsError(
            f"account {name} uses vendor {vendor_name!r}, which no loaded plugin supports",
            next_step=f"set accounts.{name}.vendor to one of: {loaded_vendors}",
        )
    settings = configured.account_settings(name, raw, vendor.settings(str(raw.get("platform", ""))), loaded)
    client = open_client(
        vendor.connect(settings),
        account=name,
        vendor=vendor_name,
        concurrency=settings.concurrency,
        requests_per_minute=settings.requests_per_minute,
    )
    return VendorAccount(
        account=Account(name=name, settings=settings, client=client), vendor=vendor, info=vendor.info, plugins=plugins
    )


def find_accounts(loaded: Loaded, plugins: Plugins) -> tuple[dict[str, VendorAccount], list[Failed]]:
    """All configured accounts; one that can't be used is listed as failed."""
    accounts: dict[str, VendorAccount] = {}
    failed: list[Failed] = []
    for name, raw in loaded.settings.accounts.items():
        try:
            accounts[name] = make_account(name, raw, loaded, plugins)
        except (SettingsError, PluginError) as error:
            hint = f"; {error.next_step}" if error.next_step else ""
            failed.append(Failed(f"account {name}", f"{error.message}{hint}", "settings"))
    return accounts, failed


@asynccontextmanager
async def open_storage(settings: HubSettings, *, connections: int = 10) -> AsyncIterator[Storage]:
    """The hub's database; without `database_url` the embedded one, started or joined."""
    async with AsyncExitStack() as stack:
        if settings.database_url is not None:
            storage = Storage(settings.database_url.get_secret_value(), connections=connections)
        else:
            server = embedded.start(settings.data_dir)
            stack.callback(server.stop)
            storage = Storage(server.url, connections=connections)
            storage.revive = server.resume
        stack.push_async_callback(storage.close)
        yield storage


async def initialise(settings: HubSettings) -> str:
    """Set up, or upgrade, the hub's database; returns the hub's id."""
    async with open_storage(settings, connections=2) as storage:
        await storage.upgrade()
        return await storage.ensure_hub_id(secrets.token_hex(8))


@asynccontextmanager
async def open_hub(loaded: Loaded, *, connections: int = 10, plugins: Plugins | None = None) -> AsyncIterator[Hub]:
    """The hub, until the block ends: database connected, plugins loaded, accounts built.

    Raises SettingsError when the database was never set up.
    """
    loaded_plugins = plugins or load_plugins(loaded.settings)
    signs = read_phrase_book(loaded.settings.answer_phrases, loaded.settings.answer_words)
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(open_storage(loaded.settings, connections=connections))
        hub_id = await storage.hub_id()
        accounts, failed = find_accounts(loaded, loaded_plugins)
        accounts = {name: replace(vendor_account, signs=signs) for name, vendor_account in accounts.items()}
        for vendor_account in accounts.values():
            stack.push_async_callback(vendor_account.account.client.close)
        storage.listeners.append(loaded_plugins.happened_all)
        context = HubContext(
            storage=storage,
            plugins=loaded_plugins,
            accounts=accounts,
            hub_id=hub_id,
            prefix=loaded.settings.prefix,
            reconcile_every=timedelta(hours=loaded.settings.reconcile_hours),
            signs=signs,
        )
        yield Hub(loaded=loaded, plugins=loaded_plugins, context=context, failed=(*loaded_plugins.failed, *failed))


def load_people(settings: HubSettings) -> Directory:
    """The people file; empty without the setting. Raises SettingsError."""
    return read_people(settings.people) if settings.people else Directory()


@asynccontextmanager
async def open_transport(settings: HubSettings) -> AsyncIterator[NoticeTransport]:
    """The notification transport, until the block ends. Raises SettingsError when a secret is missing."""
    post = NoticeTransport(load_people(settings), password=settings.mail_password, secret=settings.webhook_secret)
    try:
        yield post
    finally:
        await post.close()


@asynccontextmanager
async def open_notice_sender(hub: Hub, rules: ServiceRules) -> AsyncIterator[NoticeSender]:
    """The sender of notices, until the block ends. Raises SettingsError."""
    async with open_transport(hub.settings) as post:
        yield NoticeSender(hub.storage, rules, load_people(hub.settings), post)
