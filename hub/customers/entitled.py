"""Checks whether a ticket's plan includes a feature, and records where an operator overrides the plan."""

from __future__ import annotations

from hub.customers.customers import contract_of
from hub.db.storage import Storage
from hub.db.unit import Unit
from hub.errors import NotIncluded
from hub.model import Ticket
from hub.model.journal.tickets import EntitlementOverridden
from hub.sla.entitlements import Entitlement, Override, rule
from hub.sla.offer import Offer


async def check(
    storage: Storage, number: str, feature: str, offer: Offer, *, who: str = "", override: str = ""
) -> Entitlement:
    """Whether a ticket has a feature; `override`, a reason, grants it from now on. Raises NotFound."""
    async with storage.unit() as unit:
        return await rule_on(unit, await unit.tickets.named(number), feature, offer, who=who, override=override)


async def require(
    storage: Storage, number: str, feature: str, offer: Offer, *, who: str = "", override: str = ""
) -> Entitlement:
    """Like `check`, but raises NotIncluded when the ticket does not have the feature."""
    ruling = await check(storage, number, feature, offer, who=who, override=override)
    unless_included(ruling, number)
    return ruling


def unless_included(ruling: Entitlement, number: str) -> None:
    """Raises NotIncluded when the ruling refuses."""
    if not ruling.allowed:
        raise NotIncluded(
            f"{number} does not have {ruling.feature} ({ruling.title}): {ruling.why}",
            next_step=f"an operator may allow it: hub plans check {number} {ruling.feature} --override REASON",
        )


async def rule_on(
    unit: Unit, ticket: Ticket, feature: str, offer: Offer, *, who: str = "", override: str = ""
) -> Entitlement:
    """The ruling within a unit of work. A reason that is not needed is not stored."""
    coverage = await contract_of(unit, ticket, offer.plans)
    stored = await unit.customers.override(ticket.number, feature)
    earlier = Override(who=stored[0], reason=stored[1]) if stored else None
    contracts = bool(coverage.plan) or await unit.customers.any_contract()
    ruling = rule(feature, coverage, offer, earlier, any_contract=contracts)
    if ruling.allowed or not override.strip():
        return ruling
    reason = override.strip()
    unit.note(ticket.number, EntitlementOverridden(feature=feature, plan=coverage.plan, reason=reason, who=who))
    return rule(feature, coverage, offer, Override(who=who, reason=reason))
