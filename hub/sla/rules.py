"""The service rules in force: offer, policy, and the obligations of each account's vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from hub.errors import SettingsError
from hub.model import AccountSettings
from hub.sla.offer import Offer, goals_of, read_offer
from hub.sla.policy import EscalationPolicy, read_policy
from hub.sla.ticket_clocks import VendorObligation


@dataclass(frozen=True)
class ServiceRules:
    """A provider's offer and policy, and the vendors' obligations."""

    offer: Offer
    policy: EscalationPolicy
    obligations: Mapping[str, VendorObligation] = field(default_factory=dict)
    """The vendors' obligations by account; an account that is missing has none."""

    def instead(self, policy: Path | None, offer: Path | None) -> ServiceRules:
        """The rules with another policy or another offer; obligations keep their calendars. Raises SettingsError."""
        ours = read_offer(offer) if offer else self.offer
        return replace(self, offer=ours, policy=read_policy(ours, policy) if policy else self.policy)


def read_rules(offer: Path | None, policy: Path | None, accounts: Mapping[str, AccountSettings]) -> ServiceRules:
    """The rules in these files, or the shipped ones. Raises SettingsError."""
    ours = read_offer(offer)
    return ServiceRules(
        offer=ours,
        policy=read_policy(ours, policy),
        obligations={
            name: _obligation(name, settings, ours) for name, settings in accounts.items() if settings.answers_within
        },
    )


def _obligation(name: str, settings: AccountSettings, offer: Offer) -> VendorObligation:
    if settings.answers_calendar not in offer.calendars:
        raise SettingsError(
            f"accounts.{name}.answers_calendar is {settings.answers_calendar!r}, which is not a calendar of the offer",
            next_step=f"choose one of: {', '.join(sorted(offer.calendars))}; or add it to the offer",
        )
    goals = goals_of(f"accounts.{name}.answers_within", settings.answers_within)
    return VendorObligation(goals=goals, calendar=offer.calendars[settings.answers_calendar])
