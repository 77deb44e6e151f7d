"""Plugins: all that were found, and the hooks that go to every one of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.errors import HubError, PluginError
from hub.model import AccountSettings, Bond, Clock, Escalation, Event, Operation, Ticket
from hub.vendors.guard import Guard
from hub.vendors.rules import obey_asgi
from hub.vendors.vendor import Vendor

log = logging.getLogger("hub.vendors")


@dataclass(frozen=True)
class Failed:
    """A plugin that can't be used; the hub runs on without it."""

    name: str
    reason: str
    where: str
    """The file, with the line where it is known."""

    def __str__(self) -> str:
        return f"{self.name}: {self.reason} ({self.where})"


@dataclass(frozen=True)
class Plugins:
    """What `load` found."""

    vendors: Mapping[str, Vendor]
    failed: tuple[Failed, ...]
    blocked: tuple[str, ...]
    versions: Mapping[str, str]
    """The version of each plugin's distribution; empty where it has none."""
    guards: Mapping[str, Guard]
    """All plugins that can be used, in the order in which they are asked."""

    def models(self) -> dict[tuple[str, str], type[AccountSettings]]:
        """The settings of an account by vendor and platform, the default platform first; without a choice it is ""."""
        return {
            (name, platform): vendor.settings(platform)
            for name, vendor in sorted(self.vendors.items())
            for platform in vendor.info.platforms or ("",)
        }

    def choose_escalation(self, ticket: Ticket, clock: Clock) -> Escalation | None:
        """Where a ticket at risk goes next, by the first plugin that has an answer; None when none has."""
        for guard in self._answering("hub_choose_escalation"):
            choice: Escalation | None = guard.tell("hub_choose_escalation", ticket=ticket, clock=clock)
            if choice is not None:
                return choice
        return None

    def review_outgoing(self, bond: Bond, operation: Operation) -> Operation:
        """The operation as it may leave, after each plugin has seen what the one before made of it.

        Raises NotDisclosed when one vetoes it, PluginError when one fails: unreviewed, nothing leaves.
        """
        for guard in self._answering("hub_review_outgoing"):
            reviewed: Operation | None = guard.tell("hub_review_outgoing", bond=bond, operation=operation)
            if reviewed is None:
                continue
            if reviewed.evolve(payload=operation.payload) != operation:
                raise PluginError(
                    f"plugin {guard.plugin}: hub_review_outgoing changed more than the payload",
                    next_step="tell the plugin's author",
                )
            operation = reviewed
        return operation

    def happened(self, event: Event) -> None:
        """Tell every listener; one that fails is logged by name and disturbs nobody."""
        for guard in self._answering("hub_happened"):
            try:
                guard.tell("hub_happened", event=event)
            except HubError as error:
                log.warning("plugin %s failed to hear of %s: %s", guard.plugin, event.kind, _brief(error))

    def happened_all(self, events: Sequence[Event]) -> None:
        """Tell every listener of each event in turn."""
        if self._answering("hub_happened"):
            for event in events:
                self.happened(event)

    def routes(self) -> dict[str, Any]:
        """Each plugin's own endpoints, by the plugin's name; what is no ASGI application is logged and left out."""
        served = {}
        for name, app in self._offers("hub_routes").items():
            try:
                obey_asgi(name, app)
            except PluginError as error:
                log.warning("%s; %s", error.message, error.next_step)
            else:
                served[name] = app
        return served

    def commands(self) -> dict[str, Any]:
        """Each plugin's own commands, by the plugin's name."""
        return self._offers("hub_commands")

    def _answering(self, hook: str) -> list[Guard]:
        return [guard for guard in self.guards.values() if hook in guard.hooks]

    def _offers(self, hook: str) -> dict[str, Any]:
        offered = {}
        for guard in self._answering(hook):
            try:
                offered[guard.plugin] = guard.tell(hook)
            except HubError as error:
                log.warning("plugin %s failed to offer its %s: %s", guard.plugin, hook, _brief(error))
        return offered


def _brief(error: HubError) -> str:
    """A fault's own words are the hub's; another error's may be a plugin's, and stay out of the log."""
    return error.message if type(error) is PluginError and error.__cause__ else type(error).__name__
