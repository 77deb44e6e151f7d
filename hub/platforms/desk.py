"""What the desks of all platforms share: settings, the intake form, and what an account's settings switch off."""

from __future__ import annotations

from typing import TypeVar

from hub.hooks import capabilities
from hub.hookspecs import Hooks, hookimpl
from hub.model import AnyAccount, Intake
from hub.platforms.form import IntakeForm
from hub.platforms.settings import PlatformSettings

Own = TypeVar("Own", bound=PlatformSettings)

_KNOWLEDGE = frozenset({"changed_articles", "changed_patches", "search_articles", "read_article"})


class PlatformDesk(Hooks[Own]):
    """A desk with an intake form; each platform adds its own hooks."""

    def __init__(self, *, form: IntakeForm, settings: type[Own]) -> None:
        self._form, self._model = form, settings

    @hookimpl
    def hub_settings(self, platform: str) -> type[Own]:
        """The settings of an account."""
        return self._model

    @hookimpl
    async def hub_intake(self, account: AnyAccount) -> Intake:
        """The vendor's questions."""
        return self._form.intake(account.settings)

    def offered(self, *, knowledge: bool = True, patches: bool = True, webhook: bool = True) -> frozenset[str]:
        """All hooks of the desk without `hub_`, except those that an account's settings switch off."""
        without = set() if knowledge else set(_KNOWLEDGE)
        without |= set() if patches else {"changed_patches"}
        without |= set() if webhook else {"read_webhook"}
        return capabilities(self) - without
