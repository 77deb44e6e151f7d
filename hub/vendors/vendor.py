"""Vendor: the typed and guarded face of one vendor's plugin."""

from __future__ import annotations

from typing import Any

from hub.errors import HubError, PluginError, SettingsError
from hub.http import Outgoing, capture_writes
from hub.mail import AnyConnection
from hub.model import AccountSettings, AnyAccount, CaseDraft, VendorInfo
from hub.vendors.face import Face
from hub.vendors.guard import Guard
from hub.vendors.quality import Quality


class Vendor(Face):
    """One vendor, as the hub calls it. A method does what the hook of its name (`hub_...`) says in the spec.

    Methods for the hooks that get an account, such as `open_case`, are made from the spec; the others are below.

    Every method that waits is bounded in time and raises only HubErrors: VendorErrors with vendor, account
    and operation filled in, CaseRefused when the plugin does not offer the hook, PluginError when the plugin
    fails. Each of them says in `in_doubt` whether something may have been stored at the vendor.
    """

    def __init__(self, info: VendorInfo, guard: Guard, quality: Quality | None = None) -> None:
        self.name = info.name
        self.info = info
        self.quality = quality or Quality()
        """What the plugin claims in its quality.toml."""
        self.capabilities = frozenset(hook.removeprefix("hub_") for hook in guard.hooks)
        """What the vendor can do: the hooks that its plugin answers, without `hub_`, such as `open_case`."""
        self._guard = guard

    def __repr__(self) -> str:
        return f"Vendor({self.name!r})"

    # --- who it is ---

    def platform(self, chosen: str = "") -> str:
        """The platform of an account that chose this one, or none; empty for a vendor without a choice.

        Raises SettingsError for one that the vendor does not have.
        """
        platforms = self.info.platforms
        if chosen and platforms and chosen not in platforms:
            raise SettingsError(
                f"{self.name} has no platform {chosen!r}", next_step=f"choose one of: {', '.join(platforms)}"
            )
        return (chosen or platforms[0]) if platforms else ""

    def settings(self, platform: str = "") -> type[AccountSettings]:
        """The model of one account's settings, on the platform chosen; raises SettingsError."""
        model: type[AccountSettings] = self._guard.tell("hub_settings", platform=self.platform(platform))
        return model

    def capabilities_on(self, platform: str) -> frozenset[str]:
        """What an account on a platform can do with its settings at their defaults; others add or take away."""
        model = self.settings(platform)
        chosen: dict[str, Any] = {"platform": self.platform(platform)} if self.info.platforms else {}
        return self.capabilities_of(model.model_construct(vendor=self.name, **chosen))

    def capabilities_of(self, settings: AccountSettings) -> frozenset[str]:
        """What this account can do: of the plugin's capabilities those that its system makes possible."""
        if "capabilities" not in self.capabilities:
            return self.capabilities
        possible: frozenset[str] = self._guard.tell("hub_capabilities", settings=settings)
        return self.capabilities & possible

    def connect(self, settings: AccountSettings) -> AnyConnection:
        """How the account's system is spoken to; opens nothing."""
        connection: AnyConnection = self._guard.tell("hub_connect", settings=settings)
        return connection

    def simulator(self, platform: str = "") -> Any:
        """A fake of the vendor's system, on the platform chosen; raises PluginError when the plugin brings none."""
        if "simulator" not in self.capabilities:
            raise PluginError(f"plugin {self.name} brings no simulator", next_step="choose a vendor that has one")
        return self._guard.tell("hub_simulator", platform=self.platform(platform))

    async def preview_open_case(self, account: AnyAccount, draft: CaseDraft) -> Outgoing:
        """Exactly the request that would open the case; nothing is written at the vendor."""
        with capture_writes() as captured:
            try:
                await self.open_case(account, draft)
            except (HubError, BaseExceptionGroup):
                # A group, when the write was made by a task of the plugin's.
                if captured.outgoing is None:
                    raise
        if captured.outgoing is None:
            raise PluginError(
                f"plugin {self.name}: hub_open_case wrote nothing, so there is nothing to preview",
                next_step="tell the plugin's author",
            )
        return captured.outgoing
