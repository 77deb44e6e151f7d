"""The bench that a check works at: one account of the plugin at its own simulator, over real HTTP on loopback."""

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
from hub.testing.rule import NotApplicable, RuleBroken
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
        """The cases told of, once for each telling."""
        return [item.reference.number for item in self.items if isinstance(item, CaseNews) and item.case]


@dataclass
class TestBed:
    """One account, and ways to drive both of its ends."""

    vendor: Vendor
    plugin: Any
    platform: str
    simulator: Any
    url: str
    settings: AccountSettings
    account: AnyAccount
    can: frozenset[str]
    also: tuple[str, ...] = ()
    """The simulator's other addresses."""
    _serial: count[int] = field(default_factory=lambda: count(1))

    # --- our end ---

    @asynccontextmanager
    async def another(self, settings: AccountSettings | None = None, **connection: Any) -> AsyncIterator[AnyAccount]:
        """One more account at the same simulator; keywords replace what its connection says."""
        async with open_account(self.vendor, settings or self.settings, **connection) as account:
            yield account

    def secrets(self) -> dict[str, str]:
        """The account's secrets in the clear, by setting."""
        values = {name: getattr(self.settings, name) for name in type(self.settings).model_fields}
        return {name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)}

    async def draft(self, **changes: Any) -> CaseDraft:
        """A packet that the vendor can take, with a key of its own."""
        number = next(self._serial)
        known: dict[str, Any] = {
            "key": f"RJR-{number:06d}-7F3K{_TAGS[number % 32]}",
            "title": f"Checkout fails {number}",
            "description": f"Since 09:12 UTC, order {number}.",
            "severity": Severity.S3,
            "ticket_number": f"RJR-{number:06d}",
            "product": "Checkout",
            "answers": await self.answers(),
        }
        return CaseDraft(**(known | changes))

    async def answers(self) -> dict[str, str]:
        """An answer to each question that has to be answered."""
        if "intake" not in self.can:
            return {}
        form = await self.vendor.intake(self.account)
        return {
            one.name: one.choices[0] if one.choices else "conformance"
            for one in form.questions
            if one.required and not one.default
        }

    async def open(self, **changes: Any) -> Case:
        """A case opened by the plugin."""
        return await self.vendor.open_case(self.account, await self.draft(**changes))

    async def read(self, case: Case | CaseReference) -> Case:
        """The case as the vendor tells it now."""
        return await self.vendor.read_case(self.account, case if isinstance(case, CaseReference) else case.reference)

    async def find(self, key: str) -> Case | None:
        """The case with the key, searched for once more when the vendor's index has had its time."""
        found = await self.vendor.find_case(self.account, key)
        if found is None and self.vendor.info.index_lag:
            self.simulator.clock.shift(self.vendor.info.index_lag + 1)
            found = await self.vendor.find_case(self.account, key)
        return found

    async def news(
        self, cursor: Cursor | None = None, *, stream: str = "cases", account: AnyAccount | None = None
    ) -> StreamRead:
        """All news behind the cursor; Broken when there is no end of it."""
        ask = getattr(self.vendor, f"changed_{stream}")
        items: list[Any] = []
        bad: list[Quarantined] = []
        at = cursor or {}
        for _ in range(MOST_PAGES):
            page = await ask(account or self.account, at)
            items += page.items
            bad += page.quarantined
            at = page.cursor
            if not page.more:
                return StreamRead(tuple(items), tuple(bad), at)
        raise RuleBroken(f"after {MOST_PAGES} pages there is still more")

    async def add_file(self, case: Case, data: bytes, name: str = "trace.bin", **known: Any) -> Attachment:
        """A file added by the plugin."""
        given: dict[str, Any] = {"key": self.key(case), "public": True} | known
        attachment = Attachment(name=name, size=len(data), **given)
        return await self.vendor.add_attachment(self.account, case.reference, attachment, chunks(data))

    async def add_comment(self, case: Case, body: str, **known: Any) -> Comment:
        """A comment added by the plugin."""
        given: dict[str, Any] = {"key": self.key(case), "public": True} | known
        return await self.vendor.add_comment(self.account, case.reference, Comment(body=body, **given))

    def key(self, case: Case) -> str:
        """The key of one more operation on the case."""
        number = next(self._serial)
        return f"{case.key or 'RJR-000999-7F3KQ'}/{number}-X2Q{_TAGS[number % 32]}"

    async def fetch(self, case: Case, attachment: Attachment) -> bytes:
        """A file's bytes."""
        parts = self.vendor.fetch_attachment(self.account, case.reference, attachment)
        return b"".join([part async for part in parts])

    # --- the vendor's end ---

    def tell(self, action: str, *place: str, **how: Any) -> Any:
        """Let the vendor's people act on a case or an article; NotApplicable where its system forbids it."""
        named = {"number": place[0]} if place else {}
        given = {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value for name, value in how.items()
        }
        try:
            return self.simulator.tell(action, named | given)
        except ValueError as error:
            raise NotApplicable(f"the vendor's people can't {action.replace('_', ' ')}: {error}") from None

    def fault(self, kind: str, **when: Any) -> None:
        """Let a fault strike; NotApplicable where the simulator does not have it."""
        if kind not in self.simulator.faults.kinds:
            raise NotApplicable(f"the simulator has no fault {kind}")
        self.simulator.faults.add(kind, **when)

    def struck(self) -> int:
        """How often faults have struck so far."""
        counted: dict[str, int] = self.simulator.faults.injected
        return sum(counted.values())

    def stored(self, kind: str, key: str = "") -> list[Any]:
        """What the vendor stored of a kind, with this key if given."""
        return [one for one in self.simulator.ledger.of(kind) if not key or one.key == key]


@asynccontextmanager
async def open_bench(vendor: Vendor, plugin: Any, platform: str) -> AsyncIterator[TestBed]:
    """A fresh simulator on loopback and an account at it; nothing of either is left after the block."""
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
                served.also,
            )


@asynccontextmanager
async def open_account(vendor: Vendor, settings: AccountSettings, **connection: Any) -> AsyncIterator[AnyAccount]:
    """An account whose waits between repeats take no time."""
    spoken = replace(vendor.connect(settings), **{"deadline": DEADLINE} | connection)
    client = open_client(
        spoken, account="conformance", vendor=vendor.name, concurrency=settings.concurrency, sleep=_at_once
    )
    async with client:
        yield Account("conformance", settings, client)


async def chunks(data: bytes) -> AsyncIterator[bytes]:
    """A file's bytes as they would come from a disk."""
    for at in range(0, len(data), 65536):
        yield data[at : at + 65536]


async def _at_once(_: float) -> None:
    await asyncio.sleep(0)
