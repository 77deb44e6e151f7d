"""Bomgar, today BeyondTrust Remote Support: remote sessions of a Remote Support site."""

from __future__ import annotations

from typing import Any

from hub import hookimpl
from hub.model import VendorInfo
from hub.platforms.choice import Choice

from .appliance import Appliance

SYSTEMS = Choice(appliance=Appliance())


@hookimpl
def hub_vendor() -> VendorInfo:
    return VendorInfo(
        name="bomgar",
        title="Bomgar (BeyondTrust Remote Support)",
        platform="BeyondTrust Remote Support",
        platforms=SYSTEMS.names,
        notes=(
            "Verified against BeyondTrust's manuals, open clients and a simulator; not against a live site.",
            "A site has sessions, and neither cases nor articles nor patches.",
            "A session key whose reply was lost expires unused: the site has nothing to find it by.",
            "Outbound events are not signed: an unguessable address is their only proof, and they only wake.",
            "Addresses of recordings are signed and expire; the recording stays at the site.",
        ),
    )


@hookimpl
def hub_simulator(platform: str) -> Any:  # noqa: ARG001 - one system so far
    from .simulator import simulator

    return simulator()


hub_settings = SYSTEMS.hub_settings
hub_connect = SYSTEMS.hub_connect
hub_capabilities = SYSTEMS.hub_capabilities
hub_check_account = SYSTEMS.hub_check_account
hub_start_session = SYSTEMS.hub_start_session
hub_changed_sessions = SYSTEMS.hub_changed_sessions
hub_read_webhook = SYSTEMS.hub_read_webhook
