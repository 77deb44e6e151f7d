"""The test bed of a check: one account of the plugin, connected to its simulator over loopback."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, NamedTuple

from pydantic import SecretStr

from hub.mail import open_client
from hub.model import (
    Account,
    AccountSettings,
    AnyAccount,
    Attachment,
    Case,
    CaseDraft,
    CaseNews,
    CaseReference,
    Comment,
    Cursor,
    Quarantined,
    Severity,
)
from hub.simulators.kit import serve
from hub.testing.checks import NotApplicable, RuleBroken
from hub.testing.stage import SimulatorStage
from hub.vendors import Vendor

DEADLINE = 5.0  # seconds for one call
MOST_PAGES = 400
_TAGS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class StreamRead(NamedTuple):
    """A stream read to its end."""

    items: tuple[Any, ...]
    quarantined: tuple[Quarantined, ...]
    cursor: Cursor

    @property
    def numbers(self) -> list[str]:
        """The number of each case that was reported, once for each time."""
        return [item.reference.number for item in self.items if isinstance(item, CaseNews) and item.case]


@dataclass
class TestBed:
    """One account, and ways to drive both the plugin and the vendor's side."""

    __test__ = False  # pytest collects what is called Test...

    vendor: Vendor
    plugin: Any
    platform: str
    simulator: Any
    url: str
    settings: AccountSettings
    account: AnyAccount
    can: frozenset[str]
    other_urls: tuple[str, ...] = ()
    """The simulator's other addresses."""
    _serial: count[int] = field(default_factory=lambda: count(1))

    # --- our side ---

    @asynccontextmanager
    async def other_account(
        self, settings: AccountSettings | None = None, **connection: Any
    ) -> AsyncIterator[AnyAccount]:
        """Another account at the same simulator; keywords override fields of its connection."""
        async with open_account(self.vendor, settings or self.settings, **connection) as account:
            yield account

    def secrets(self) -> dict[str, str]:
        """The account's secrets in plain text, by setting."""
        values = {name: getattr(self.settings, name) for name in type(self.settings).model_fields}
        return {name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)}

    async def draft(self, **changes: Any) -> CaseDraft:
        """A draft that the vendor accepts, with a key of its own."""
        number = next(self._serial)
        values: dict[str, Any] = {
            "key": f"RJR-{number:06d}-7F3K{_TAGS[number % 32]}",
            "title": f"Checkout fails {number}",
            "description": f"Since 09:12 UTC, order {number}.",
            "severity": Severity.S3,
            "ticket_number": f"RJR-{number:06d}",
            "product": "Checkout",
            "answers": await self.answers(),
        }
        return CaseDraft(**(values | changes))

    async def answers(self) -> dict[str, str]:
        """An answer to each required question."""
        if "intake" not in self.can:
            return {}
        form = await self.vendor.intake(self.account)
        return {
            question.name: question.choices[0] if question.choices else "conformance"
            for question in form.questions
            if question.required and not question.default
        }

    async def open(self, **changes: Any) -> Case:
        """Open a case through the plugin."""
        return await self.vendor.open_case(self.account, await self.draft(**changes))

    async def read(self, case: Case | CaseReference) -> Case:
        """The case as the plugin reads it now."""
        return await self.vendor.read_case(self.account, case if isinstance(case, CaseReference) else case.reference)

    async def find(self, key: str) -> Case | None:
        """The case with the key; where the vendor's index lags, a second search follows after that time."""
        case = await self.vendor.find_case(self.account, key)
        if case is None and self.vendor.info.index_lag:
            self.simulator.clock.shift(self.vendor.info.index_lag + 1)
            case = await self.vendor.find_case(self.account, key)
        return case

    async def news(
        self, cursor: Cursor | None = None, *, stream: str = "cases", account: AnyAccount | None = None
    ) -> StreamRead:
        """Everything the stream reports after the cursor; raises RuleBroken when it does not end."""
        ask = getattr(self.vendor, f"changed_{stream}")
        items: list[Any] = []
        quarantined: list[Quarantined] = []
        at = cursor or {}
        for _ in range(MOST_PAGES):
            page = await ask(account or self.account, at)
            items += page.items
            quarantined += page.quarantined
            at = page.cursor
            if not page.more:
                return StreamRead(tuple(items), tuple(quarantined), at)
        raise RuleBroken(f"the stream does not end within {MOST_PAGES} pages")

    async def add_file(self, case: Case, data: bytes, name: str = "trace.bin", **fields: Any) -> Attachment:
        """Add a file through the plugin."""
        values: dict[str, Any] = {"key": self.key(case), "public": True} | fields
        attachment = Attachment(name=name, size=len(data), **values)
        return await self.vendor.add_attachment(self.account, case.reference, attachment, chunks(data))

    async def add_comment(self, case: Case, body: str, **fields: Any) -> Comment:
        """Add a comment through the plugin."""
        values: dict[str, Any] = {"key": self.key(case), "public": True} | fields
        return await self.vendor.add_comment(self.account, case.reference, Comment(body=body, **values))

    def key(self, case: Case) -> str:
        """A new operation key for the case."""
        number = next(self._serial)
        return f"{case.key or 'RJR-000999-7F3KQ'}/{number}-X2Q{_TAGS[number % 32]}"

    async def fetch(self, case: Case, attachment: Attachment) -> bytes:
        """A file's bytes."""
        parts = self.vendor.fetch_attachment(self.account, case.reference, attachment)
        return b"".join([part async for part in parts])

    # --- the vendor's side ---

    def act(self, action: str, *number: str, **arguments: Any) -> Any:
        """Have the vendor's staff act on a case or an article; raises NotApplicable where its system forbids it."""
        target = {"number": number[0]} if number else {}
        values = {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name, value in arguments.items()
        }
        try:
            return self.simulator.act(action, target | values)
        except ValueError as error:
            raise NotApplicable(f"the vendor's staff can't {action.replace('_', ' ')}: {error}") from None

    def fault(self, kind: str, **when: Any) -> None:
        """Inject a fault; raises NotApplicable where the simulator does not support it."""
        if kind not in self.simulator.faults.kinds:
            raise NotApplicable(f"the simulator does not support the fault {kind}")
        self.simulator.faults.add(kind, **when)

    def injected_faults(self) -> int:
        """How many times a fault was injected so far."""
        counts: dict[str, int] = self.simulator.faults.injected
        return sum(counts.values())

    def stored(self, kind: str, key: str = "") -> list[Any]:
        """The ledger's entries of a kind, with this key if given."""
        return [entry for entry in self.simulator.ledger.of(kind) if not key or entry.key == key]


@asynccontextmanager
async def open_bed(vendor: Vendor, plugin: Any, platform: str) -> AsyncIterator[TestBed]:
    """A fresh simulator on loopback and an account at it, both closed when the block ends."""
    stage = SimulatorStage(vendor.simulator(platform))
    async with serve(stage) as served:
        settings = vendor.settings(platform)(vendor=vendor.name, **stage.account(served.url))
        async with open_account(vendor, settings) as account:
            yield TestBed(
                vendor,
                plugin,
                platform,
                stage,
                served.url,
                settings,
                account,
                vendor.capabilities_of(settings),
                served.other_urls,
            )


@asynccontextmanager
async def open_account(vendor: Vendor, settings: AccountSettings, **connection: Any) -> AsyncIterator[AnyAccount]:
    """An account that retries without waiting."""
    target = replace(vendor.connect(settings), **{"deadline": DEADLINE} | connection)
    client = open_client(
        target, account="conformance", vendor=vendor.name, concurrency=settings.concurrency, sleep=_no_wait
    )
    async with client:
        yield Account("conformance", settings, client)


async def chunks(data: bytes) -> AsyncIterator[bytes]:
    """A file's bytes in blocks, as they would come from a disk."""
    for at in range(0, len(data), 65536):
        yield data[at : at + 65536]


async def _no_wait(_: float) -> None:
    await asyncio.sleep(0)
