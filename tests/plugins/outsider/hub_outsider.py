"""A vendor from outside: who it is, what an account needs, how it is spoken to, and one hook for cases."""

from __future__ import annotations

from pydantic import Field, SecretStr

from hub import hookimpl
from hub.errors import VendorMisbehaved
from hub.http import BearerAuth, Connection
from hub.model import Account, AccountSettings, Case, CaseReference, CaseStatus, VendorInfo
from hub.model.base import utc_now


class OutsiderSettings(AccountSettings):
    """What one account at Outsider needs besides what every account has."""

    base_url: str = Field(title="Address", description="Root of the interface.")
    token: SecretStr = Field(title="Token", description="Made in the vendor's portal.")


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(name="outsider", title="Outsider", platform="its own")


@hookimpl
def hub_settings() -> type[OutsiderSettings]:
    return OutsiderSettings


@hookimpl
def hub_connect(settings: OutsiderSettings) -> Connection:
    return Connection(base_url=settings.base_url, auth=BearerAuth(settings.token))


@hookimpl
async def hub_read_case(account: Account[OutsiderSettings], reference: CaseReference) -> Case:
    reply = await account.client.get(f"/cases/{reference.number}")
    try:
        status = CaseStatus(reply.json()["status"])
    except (KeyError, ValueError):
        raise VendorMisbehaved("a case without a known status") from None
    return Case(reference=reference, status=status, changed_at=utc_now())
