"""What a plugin claims of its quality: the tier and the exemptions in its quality.toml."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any, Literal

import msgspec

from hub.errors import PluginError
from hub.model.base import Value
from hub.vendors.rules import module_of

Tier = Literal["none", "bronze", "silver", "gold", "platinum"]
TIERS: tuple[Tier, ...] = ("none", "bronze", "silver", "gold", "platinum")
"""From the lowest to the highest; `hub.testing` computes which one a plugin reaches."""


class Quality(Value, frozen=True, forbid_unknown_fields=True):
    """A plugin's own sheet; without one it claims nothing."""

    tier: Tier = "none"
    exempt: dict[str, str] = {}
    """Rules of the conformance suite that the plugin does not keep, with reasons; `PLATFORM-RULE` on one platform."""

    def exempted(self, rule: str, platform: str) -> str | None:
        """Why the rule need not be kept on a platform, or None."""
        return self.exempt.get(f"{platform}-{rule}", self.exempt.get(rule))


def claimed(plugin: Any) -> Quality:
    """The sheet quality.toml in the plugin's package; raises PluginError for one that can't be read."""
    package = getattr(module_of(plugin), "__package__", "")
    if not package:
        return Quality()
    sheet = files(package).joinpath("quality.toml")
    if not sheet.is_file():
        return Quality()
    try:
        return msgspec.convert(tomllib.loads(sheet.read_text("utf-8")), Quality)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise PluginError(
            f"quality.toml can't be read: {error}", next_step='give tier = "gold" and [exempt] rule = "reason"'
        ) from None
