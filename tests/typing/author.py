"""A plugin as its author would write it, with every kind of hook; only the type checker runs this file."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic import Field, SecretStr

from hub import SPEC_VERSION, Hooks, hookimpl
from hub.errors import CaseMissing, NotDisclosed
from hub.http import BearerAuth, Connection
from hub.model import (
    Account,
    AccountSettings,
    Attachment,
    Bond,
    Case,
    CaseDraft,
    CaseNews,
    CaseReference,
    CaseStatus,
    Cursor,
    Event,
    Operation,
    Page,
    VendorInfo,
    utc_now,
)
from hub.platforms import zendesk
from hub.platforms.choice import Choice
from hub.platforms.form import IntakeForm


class AcmeSettings(AccountSettings):
    """An account at Acme."""

    base_url: str = Field(title="Address", description="Root of the interface.")
    token: SecretStr = Field(title="Token", description="Made in the portal.")
    group: str = Field("", title="Group", description="Whose cases are read; empty reads all.")


AcmeAccount = Account[AcmeSettings]


class Acme(Hooks[AcmeSettings]):
    """A vendor with every kind of hook."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(name="acme", title="Acme", platform="Acme", spec=SPEC_VERSION)

    @hookimpl
    def hub_settings(self, platform: str) -> type[AcmeSettings]:
        return AcmeSettings

    @hookimpl
    def hub_connect(self, settings: AcmeSettings) -> Connection:
        return Connection(base_url=settings.base_url, auth=BearerAuth(settings.token))

    @hookimpl
    async def hub_open_case(self, account: AcmeAccount, draft: CaseDraft) -> Case:
        made = await account.client.send("POST", "/cases", json={"title": draft.title, "key": draft.key})
        return await _read(account, CaseReference(number=str(made.json()["number"])))

    @hookimpl
    async def hub_find_case(self, account: AcmeAccount, key: str) -> Case | None:
        found = (await account.client.get("/cases", params={"key": key, "group": account.settings.group})).json()
        return await _read(account, CaseReference(number=found[0])) if found else None

    @hookimpl
    async def hub_fetch_attachment(
        self, account: AcmeAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        async for chunk in account.client.stream(f"/cases/{reference.number}/files/{attachment.reference}"):
            yield chunk

    @hookimpl
    async def hub_changed_cases(self, account: AcmeAccount, cursor: Cursor) -> Page[CaseNews]:
        case = await _read(account, CaseReference(number="1"))
        return Page(items=(CaseNews(reference=case.reference, case=case),), cursor={**cursor, "after": "1"})

    @hookimpl
    def hub_review_outgoing(self, bond: Bond, operation: Operation) -> Operation | None:
        if "secret" in operation.payload:
            raise NotDisclosed(f"{bond.ticket_number}: a secret stays here", next_step="take it out")
        return operation.evolve(payload={**operation.payload, "reviewed": True})

    @hookimpl
    def hub_happened(self, event: Event) -> None:
        assert event.kind


plugin = Acme()


class DeskSettings(zendesk.Settings):
    """An account at Acme's other desk."""

    brand: str = Field("", title="Brand", description="Whose cases are opened.")


class AcmeDesk(zendesk.Desk[DeskSettings]):
    """A desk on a platform, with one hook that differs."""

    @hookimpl
    async def hub_open_case(self, account: Account[DeskSettings], draft: CaseDraft) -> Case:
        return await super().hub_open_case(account, draft.evolve(product=account.settings.brand))


class Both(Choice):
    """A vendor with two systems."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(name="acme", title="Acme", platform="Acme", platforms=self.names)


both = Both(own=Acme(), desk=AcmeDesk(form=IntakeForm(__package__), settings=DeskSettings))


async def _read(account: AcmeAccount, reference: CaseReference) -> Case:
    told = (await account.client.get(f"/cases/{reference.number}")).json()
    if not told:
        raise CaseMissing(f"no case {reference.number}")
    return Case(reference=reference, status=CaseStatus.OPEN, changed_at=utc_now())
