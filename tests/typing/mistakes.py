"""Mistakes that a plugin's author gets told by the type checker; each line says which error it expects."""

from __future__ import annotations

from hub import Hooks, hookimpl
from hub.http import Connection
from hub.model import Account, AccountSettings, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus, VendorInfo
from hub.platforms import zendesk
from hub.platforms.choice import Choice
from hub.vendors import Vendor


class AcmeSettings(AccountSettings):
    """An account at Acme."""

    base_url: str


class OtherSettings(AccountSettings):
    """An account elsewhere."""


class Acme(Hooks[AcmeSettings]):
    """A plugin whose hooks differ from the spec in arguments, answers and settings."""

    @hookimpl
    def hub_vendor(self) -> VendorInfo:
        return VendorInfo(name="acme")  # expect: call-arg

    @hookimpl
    def hub_settings(self, platform: str) -> type[OtherSettings]:  # expect: override
        return OtherSettings

    @hookimpl
    def hub_connect(self, settings: AcmeSettings) -> Connection:
        return Connection(base_url=settings.base_uri)  # expect: attr-defined

    @hookimpl
    async def hub_open_case(self, account: Account[AcmeSettings], draft: CaseDraft) -> str:  # expect: override
        return draft.key

    @hookimpl
    async def hub_find_case(self, account: Account[AcmeSettings], key: int) -> Case | None:  # expect: override
        return None

    @hookimpl
    async def hub_read_case(self, account: Account[AcmeSettings], reference: CaseReference) -> Case:
        account.settings.base_url = "https://other.example"  # expect: misc
        found = CaseReference(number=account.settings.nonsense)  # expect: attr-defined
        return Case(reference=found or reference, status=CaseStatus.OPEN, changed_at="today")  # expect: arg-type

    @hookimpl
    async def hub_change_case(  # expect: override
        self, account: Account[OtherSettings], reference: CaseReference, changes: CaseChanges
    ) -> None:
        """Takes the account of another vendor."""


class Desk(zendesk.Desk[zendesk.Settings]):
    """A desk on a platform with a hook that lacks an argument of the spec."""

    @hookimpl
    async def hub_find_case(self, account: Account[zendesk.Settings]) -> Case | None:  # expect: override
        return None


class Both(Choice):
    """A vendor with two systems, one of which is none."""


both = Both(own=Acme(), other=AcmeSettings)  # expect: arg-type


async def use(vendor: Vendor, account: Account[AcmeSettings]) -> str:
    await vendor.read_case(account, "INC1")  # expect: arg-type
    found = await vendor.find_case(account, "K")
    return found.title  # expect: union-attr
