"""Whether a ticket's plan includes something: by the offer's table of features, or by an operator's override. Pure."""

from __future__ import annotations

from hub.errors import NotFound
from hub.model import Coverage, Value
from hub.sla.offer import Offer

REMOTE_SESSION, AFTER_HOURS, PATCHES = "remote_session", "after_hours_work", "patches"
"""Features that commands check."""

FOLLOW_UP = "monthly_follow_up"


class Override(Value, frozen=True):
    """An operator's decision to allow a feature against the plan."""

    who: str
    reason: str


class Entitlement(Value, frozen=True):
    """The decision, and its reason."""

    feature: str
    title: str
    allowed: bool
    why: str
    plan: str = ""
    contract: str = ""


def rule(
    feature: str, coverage: Coverage, offer: Offer, override: Override | None = None, *, any_contract: bool = True
) -> Entitlement:
    """Whether the plan that covers a ticket includes a feature. Raises NotFound for an unknown feature.

    In a hub without any contract, everything is allowed.
    """
    if feature not in offer.features:
        raise NotFound(f"unknown feature {feature}", next_step=f"choose one of: {', '.join(offer.features)}")
    ruling = Entitlement(
        feature=feature,
        title=offer.features[feature],
        allowed=False,
        why="",
        plan=coverage.plan,
        contract=coverage.contract,
    )
    if coverage.plan:
        plan = offer.plan(coverage.plan)
        if feature in plan.features:
            return ruling.evolve(allowed=True, why=f"{plan.title} includes it")
        including = [other.title for other in offer.plans.values() if feature in other.features]
        why = f"{plan.title} does not include it" + (f"; {', '.join(including)} does" if including else "")
    elif not any_contract:
        return ruling.evolve(allowed=True, why="the hub has no contracts, so everything is allowed")
    else:
        why = f"the ticket has no plan: {coverage.why}"
    if override is not None:
        return ruling.evolve(
            allowed=True, why=f"{why}; overridden by {override.who or 'an operator'}: {override.reason}"
        )
    return ruling.evolve(why=why)
