"""Entries on a ticket's chain about its clocks: plans, steps of the policy, owners and notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from hub.model.escalation import Level
from hub.model.journal import fields as f
from hub.model.journal.entry import Entry
from hub.model.notice import StepResult


class PlanFound(Entry, frozen=True, tag="plan_found"):
    """The plan that covers a ticket was found, or another one than before."""

    plan: f.Plan
    contract: f.ContractNumber = ""
    why: f.Why = ""


class StepTaken(Entry, frozen=True, tag="step_taken"):
    """A step of the policy fell due, once for its promise."""

    step: f.StepName
    clock: f.ClockName
    do: Annotated[Literal["notify", "raise", "escalate"], Meta(description="what the step does")]
    since: Annotated[datetime, Meta(description="when it fell due")]
    dropped: Annotated[str, Meta(description="why nobody is notified")] | None = None


class StepSettled(Entry, frozen=True, tag="step_settled"):
    """A step that escalates was carried out, dropped or put on hold."""

    step: f.StepName
    state: Annotated[StepResult, Meta(description="the step's result")]


class Raised(Entry, frozen=True, tag="raised"):
    """The ticket was raised to a higher level inside RjR."""

    level: Annotated[Level, Meta(description="the level from now on")]
    before: Annotated[Level, Meta(description="the level until now")]
    who: f.Who


class Acknowledged(Entry, frozen=True, tag="acknowledged"):
    """A person acknowledged a ticket and owns it from now on; warnings stop."""

    who: f.Who


class TakenOver(Entry, frozen=True, tag="taken_over"):
    """A person took ownership of a ticket."""

    who: f.Who
    before: Annotated[str, Meta(description="the owner until now; empty for none")]


class Snoozed(Entry, frozen=True, tag="snoozed"):
    """A person muted a ticket's warnings for a time."""

    who: f.Who
    until: Annotated[datetime, Meta(description="when warnings start again")]


class Told(Entry, frozen=True, tag="told"):
    """A message about a ticket was sent."""

    role: f.Role
    way: f.Way
    steps: f.StepNames
    message: f.MessageKey


class PerhapsTold(Entry, frozen=True, tag="perhaps_told"):
    """A message was sent, and it is not known whether it arrived; it is sent again under the same key."""

    role: f.Role
    way: f.Way
    steps: f.StepNames
    message: f.MessageKey
    why: f.Why


class NotTold(Entry, frozen=True, tag="not_told"):
    """A notification is on hold: a step's roles have no recipient, or a message could not be sent."""

    why: Annotated[str | tuple[str, ...], Meta(description="the reason; of roles, one for each")]
    step: f.StepName | None = None
    whom: Annotated[tuple[str, ...], Meta(description="the roles that the step notifies")] | None = None
    role: f.Role | None = None
    way: f.Way | None = None
    steps: f.StepNames | None = None
    message: f.MessageKey | None = None


class ToldAnew(Entry, frozen=True, tag="told_anew"):
    """A person queued notifications on hold to be sent again."""

    who: f.Who
    steps: f.StepNames
