"""Takes deliveries: proved by the vendor's plugin, recent, once each; and then only wakes a stream."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from hub.context import HubContext, VendorAccount
from hub.errors import DeliveryRefused, HubError, NotFound, StorageUnavailable
from hub.model import Delivery, StreamKind, WebhookRequest
from hub.model.journal.accounts import DeliveriesRefused

log = logging.getLogger("hub.serve")

WINDOW = timedelta(minutes=5)
"""How far a signed time may be from ours, either way."""

STREAMS = frozenset({StreamKind.CASES, StreamKind.ARTICLES, StreamKind.PATCHES, StreamKind.SESSIONS})
LONGEST_ID = 200
TELL_EVERY = timedelta(minutes=1)
"""Refused deliveries of an account are journalled at most so often, with their number."""


class Receiver:
    """The deliveries of all accounts."""

    def __init__(self, context: HubContext, *, clock: Callable[[], datetime]) -> None:
        self._context, self._clock = context, clock
        self._refused: Counter[str] = Counter()
        self._told: dict[str, datetime] = {}

    async def take(self, account: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> None:
        """Take one delivery: once this returns, its stream is due. Raises DeliveryRefused, NotFound for an account
        that there is not, StorageUnavailable, or what the plugin fails with.
        """
        vendor_account = self._context.accounts.get(account)
        if vendor_account is None or not vendor_account.can("read_webhook"):
            raise NotFound("no account takes deliveries under this name")
        request = WebhookRequest(headers=headers, body=body, received_at=self._clock(), path=path, query=query)
        try:
            delivery = await vendor_account.vendor.read_webhook(vendor_account.account, request)
            self._judge(delivery, request.received_at)
        except DeliveryRefused as refused:
            await self._count(vendor_account, refused)
            raise
        async with self._context.storage.unit() as unit:
            if await unit.deliveries.take(vendor_account.name, delivery.id[:LONGEST_ID]):
                await unit.streams.wake(vendor_account.name, delivery.stream)
                log.info("a delivery for %s wakes its %s", vendor_account.name, delivery.stream)

    async def problem(self) -> str:
        """Why the hub is not ready; empty when it is."""
        try:
            await self._context.storage.hub_id()
        except HubError as error:
            return error.message
        return ""

    async def forget(self) -> None:
        """Forget old deliveries once an hour, for ever."""
        while True:
            try:
                async with self._context.storage.unit() as unit:
                    await unit.deliveries.forget_old()
            except StorageUnavailable as error:
                log.warning("old deliveries could not be forgotten: %s", error)
            await asyncio.sleep(3600)

    @staticmethod
    def _judge(delivery: Delivery, received_at: datetime) -> None:
        if delivery.stream not in STREAMS:
            raise DeliveryRefused(f"the plugin names stream {delivery.stream!r}, which there is not")
        if delivery.sent_at is not None and abs(received_at - delivery.sent_at) > WINDOW:
            raise DeliveryRefused("the delivery was signed more than five minutes ago, or in the future")

    async def _count(self, vendor_account: VendorAccount, refused: DeliveryRefused) -> None:
        """Say so in log and journal, but not as often as a stranger likes."""
        now = self._clock()
        self._refused[vendor_account.name] += 1
        last = self._told.get(vendor_account.name)
        if last is not None and now - last < TELL_EVERY:
            return
        count, self._told[vendor_account.name] = self._refused.pop(vendor_account.name), now
        log.warning(
            "%d deliveries for %s were refused, the last because %s", count, vendor_account.name, refused.message
        )
        try:
            async with self._context.storage.unit() as unit:
                unit.note(f"account:{vendor_account.name}", DeliveriesRefused(count=count, why=refused.message))
        except StorageUnavailable:
            self._refused[vendor_account.name] += count
