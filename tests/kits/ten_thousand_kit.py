"""Which of the installed vendors' systems can do what."""

from __future__ import annotations

from functools import cache
from typing import Any

from hub.vendors import Vendor, load


@cache
def vendors() -> dict[str, Vendor]:
    """The installed vendors, looked for once."""
    return load(strict=True).vendors


def settings_of(vendor: str, platform: str) -> Any:
    """The settings of an account that fits the simulator."""
    found = vendors()[vendor]
    return found.settings(platform)(vendor=vendor, **found.simulator(platform).account("http://127.0.0.1:1"))


def able(hook: str, setting: str = "") -> list[tuple[str, str]]:
    """Every vendor and platform whose account answers the hook, and has the setting if one is named."""
    every = [(name, one) for name, vendor in vendors().items() for one in vendor.info.platforms or ("",)]
    return [
        (name, platform)
        for name, platform in every
        if hook in vendors()[name].capabilities_of(settings_of(name, platform))
        and (not setting or setting in type(settings_of(name, platform)).model_fields)
    ]
