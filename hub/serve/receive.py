"""Accepts deliveries that the plugin verified, recent and once each; a delivery only wakes a stream."""

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
"""The most that a signed time may differ from ours."""

STREAMS = frozenset({StreamKind.CASES, StreamKind.ARTICLES, StreamKind.PATCHES, StreamKind.SESSIONS})
MAX_ID_LENGTH = 200
REPORT_INTERVAL = timedelta(minutes=1)
"""Refused deliveries of an account are logged at most this often, with their count."""


class Receiver:
    """The deliveries of all accounts."""

    def __init__(self, context: HubContext, *, clock: Callable[[], datetime]) -> None:
        self._context, self._clock = context, clock
        self._refused: Counter[str] = Counter()
        self._reported: dict[str, datetime] = {}

    async def take(self, account: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> None:
        """Accept one delivery: once this returns, its stream is due. Raises DeliveryRefused, NotFound for an unknown
        account, StorageUnavailable, or the plugin's error.
        """
        vendor_account = self._context.accounts.get(account)
        if vendor_account is None or not vendor_account.can("read_webhook"):
            raise NotFound("no account with this name accepts deliveries")
        request = WebhookRequest(headers=headers, body=body, received_at=self._clock(), path=path, query=query)
        try:
            delivery = await vendor_account.vendor.read_webhook(vendor_account.account, request)
            self._check(delivery, request.received_at)
        except DeliveryRefused as refused:
            await self._count(vendor_account, refused)
            raise
        async with self._context.storage.unit() as unit:
            if await unit.deliveries.take(vendor_account.name, delivery.id[:MAX_ID_LENGTH]):
                await unit.streams.wake(vendor_account.name, delivery.stream)
                log.info("a delivery for %s woke its stream %s", vendor_account.name, delivery.stream)

    async def problem(self) -> str:
        """Why the hub is not ready; empty when it is."""
        try:
            await self._context.storage.hub_id()
        except HubError as error:
            return error.message
        return ""

    async def clean_up(self) -> None:
        """Delete old delivery ids every hour, forever."""
        while True:
            try:
                async with self._context.storage.unit() as unit:
                    await unit.deliveries.delete_old()
            except StorageUnavailable as error:
                log.warning("old delivery ids could not be deleted: %s", error)
            await asyncio.sleep(3600)

    @staticmethod
    def _check(delivery: Delivery, received_at: datetime) -> None:
        if delivery.stream not in STREAMS:
            raise DeliveryRefused(f"the plugin returned an unknown stream {delivery.stream!r}")
        if delivery.sent_at is not None and abs(received_at - delivery.sent_at) > WINDOW:
            raise DeliveryRefused("the delivery was signed more than five minutes ago, or in the future")

    async def _count(self, vendor_account: VendorAccount, refused: DeliveryRefused) -> None:
        """Report refusals in log and journal, limited so that a sender can't flood them."""
        now = self._clock()
        self._refused[vendor_account.name] += 1
        last = self._reported.get(vendor_account.name)
        if last is not None and now - last < REPORT_INTERVAL:
            return
        count, self._reported[vendor_account.name] = self._refused.pop(vendor_account.name), now
        log.warning("%d deliveries for %s were refused; last reason: %s", count, vendor_account.name, refused.message)
        try:
            async with self._context.storage.unit() as unit:
                unit.note(f"account:{vendor_account.name}", DeliveriesRefused(count=count, why=refused.message))
        except StorageUnavailable:
            self._refused[vendor_account.name] += count
