"""A vendor with several systems: each account chooses one with its setting `platform`, whose part then answers.

A part is an object with hooks, as the platforms have them (`servicenow.Desk(...)` and others). What an account can do
is what its part answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.errors import CaseRefused, SettingsError
from hub.hooks import HOOKS, Hook, answered, capabilities
from hub.hookspecs import Hooks, hookimpl
from hub.model import AccountSettings

_PLATFORM: dict[str, Callable[[Any], str]] = {
    "platform": str,
    "settings": lambda settings: settings.platform,
    "account": lambda account: account.settings.platform,
}
"""The arguments that say which part answers."""


class Choice(Hooks[Any]):
    """The parts of a plugin by platform, the default first.

    A subclass says who the vendor is. All other hooks that get an account, its settings or its platform are answered
    by the part, as far as the subclass does not answer them itself.
    """

    def __init__(self, **parts: Hooks[Any]) -> None:
        self.parts = parts
        self.names = tuple(parts)
        """For `VendorInfo.platforms`."""
        theirs = {name for part in parts.values() for name in answered(part)}
        for name in theirs - answered(self):
            if not _PLATFORM.keys().isdisjoint(HOOKS[name].signature.parameters):
                vars(self)[name] = self._passed_on(HOOKS[name])

    def part(self, platform: str) -> Hooks[Any]:
        """The part of a platform, the default's when it is empty; raises SettingsError for an unknown one."""
        name = platform or self.names[0]
        if name not in self.parts:
            raise SettingsError(f"there is no platform {name!r}", next_step=f"choose one of: {', '.join(self.names)}")
        return self.parts[name]

    @hookimpl
    def hub_capabilities(self, settings: AccountSettings) -> frozenset[str]:
        """What the account's part answers, less what it says that this account can't do."""
        part = self.part(_PLATFORM["settings"](settings))
        able = capabilities(part)
        if "capabilities" in able:
            able &= part.hub_capabilities(settings)
        return able | {HOOKS[name].capability for name in answered(self) if name not in vars(self)}

    def _passed_on(self, hook: Hook) -> Callable[..., Any]:
        chooser = next(one for one in hook.signature.parameters if one in _PLATFORM)

        def answer(*args: Any, **kwargs: Any) -> Any:
            given = hook.given(*args, **kwargs)
            platform = _PLATFORM[chooser](given[chooser])
            part = self.part(platform)
            if not hook.answered_by(part):
                raise CaseRefused(
                    f"platform {platform!r} does not offer {hook.capability}",
                    next_step="do it in the vendor's own system, or set the operation aside",
                )
            return getattr(part, hook.name)(**given)

        return hookimpl(hook.described(answer))
