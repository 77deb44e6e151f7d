"""Mistakes that a plugin's author gets told by the type checker; each line says which error it expects."""

from __future__ import annotations

from hub import hookimpl
from hub.http import Connection
from hub.model import Account, AccountSettings, Case, CaseReference, CaseStatus, VendorInfo
from hub.vendors import Vendor


class AcmeSettings(AccountSettings):
    """An account at Acme."""

    base_url: str


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(name="acme")  # expect: call-arg


@hookimpl
def hub_connect(settings: AcmeSettings) -> Connection:
    return Connection(base_url=settings.base_uri)  # expect: attr-defined


@hookimpl
async def hub_read_case(account: Account[AcmeSettings], reference: CaseReference) -> Case:
    account.settings.base_url = "https://other.example"  # expect: misc
    return Case(reference=reference, status=CaseStatus.OPEN, changed_at="today")  # expect: arg-type


async def use(vendor: Vendor, account: Account[AcmeSettings]) -> str:
    await vendor.read_case(account, "INC1")  # expect: arg-type
    found = await vendor.find_case(account, "K")
    return found.title  # expect: union-attr
