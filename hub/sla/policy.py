"""The escalation policy: which steps are due at which share of a clock, and who is notified; read from a TOML file.

Pure: a policy only determines what is due; `hub.deadlines.watch` takes the steps and records them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec

from hub.errors import SettingsError
from hub.model import Level, Severity, Value
from hub.sla.calendar import Calendar
from hub.sla.clock import ClockState
from hub.sla.offer import Offer

BREACH = 1.0


class PolicyStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step, taken once per goal."""

    name: str
    clock: Literal["response", "vendor"]
    do: Literal["notify", "raise", "escalate"]
    at: float | None = None
    """The share of the clock at which it is due; 1.0 is the deadline."""
    when: Literal["vendor_too_late", "waits_for_us", ""] = ""
    """Instead of a share: the vendor can no longer answer before our own deadline, or waits for our answer."""
    whom: tuple[str, ...] = ()
    """Roles to notify: owner, lead, manager, account_manager, customer, or any role in the people file."""
    level: Level = Level.L2
    """The level for `raise`."""
    plans: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    """Which tickets it applies to; empty: all."""


class _PolicyData(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    quiet_outside: str
    steps: list[PolicyStep]


class RunningClock(Value, frozen=True):
    """One clock of a ticket, with what a policy needs to know."""

    name: str  # response, or the bond's key
    clock: Literal["response", "vendor"]
    state: ClockState
    around_the_clock: bool = False
    """The plan answers S1 around the clock."""
    vendor: str = ""
    product: str = ""
    account: str = ""
    waits_for_us: bool = False
    too_late_for: datetime | None = None
    """Our own deadline, when the vendor's is later."""


class DueStep(Value, frozen=True):
    """A step that is due now, or after quiet hours."""

    step: str
    clock: str  # the running clock's name
    key: str  # the same for the same goal
    do: Literal["notify", "raise", "escalate"]
    whom: tuple[str, ...]
    level: Level
    share: float | None
    since: datetime  # when it became due
    not_before: datetime  # later than `since` in quiet hours
    at_any_hour: bool = False  # also in quiet hours
    when: str = ""


class EscalationPolicy:
    """A provider's escalation policy."""

    def __init__(self, data: _PolicyData, offer: Offer) -> None:
        self.version, self.steps = data.version, tuple(data.steps)
        if data.quiet_outside not in offer.calendars:
            raise SettingsError(f"quiet_outside is {data.quiet_outside!r}, which is not a calendar")
        self.quiet: Calendar = offer.calendars[data.quiet_outside]
        _check(self.steps, offer)

    def due(self, clocks: Sequence[RunningClock], taken: Collection[str], now: datetime) -> list[DueStep]:
        """The steps that are due and not taken yet, in the order they became due."""
        found = [
            due
            for clock, step in self._pairs(clocks)
            if (due := self._due(clock, step)) and due.key not in taken and due.since <= now
        ]
        return sorted(found, key=lambda due: (due.since, due.share or 0.0))

    def next_moment(self, clocks: Sequence[RunningClock], taken: Collection[str], now: datetime) -> datetime | None:
        """When the next step becomes due with time; None when only an event can make one due."""
        found = [
            due.since
            for clock, step in self._pairs(clocks)
            if (due := self._due(clock, step)) and due.key not in taken and due.since > now
        ]
        return min(found, default=None)

    def _pairs(self, clocks: Sequence[RunningClock]) -> Iterator[tuple[RunningClock, PolicyStep]]:
        for clock in clocks:
            for step in self.steps:
                if step.clock == clock.clock and _is_for(step, clock):
                    yield clock, step

    def _due(self, clock: RunningClock, step: PolicyStep) -> DueStep | None:
        """The step with its due time on a clock, possibly in the future; None when it is never due."""
        state = clock.state
        since: datetime | None
        if step.when == "waits_for_us":
            since = state.pauses[-1].start if clock.waits_for_us else None
            turn = f"/{len(state.pauses)}"
        elif step.when == "vendor_too_late":
            since, turn = (state.started_at if clock.too_late_for else None), ""
        else:
            since, turn = state.moment_of(step.at or 0.0), ""
        answered = state.answered_at
        if since is None or (answered is not None and answered <= since):
            return None
        key = f"{clock.name}/{state.severity.name}/{state.plan}/{step.name}{turn}"
        always = clock.around_the_clock and state.severity is Severity.S1
        return DueStep(
            step=step.name,
            clock=clock.name,
            key=key,
            do=step.do,
            whom=step.whom,
            level=step.level,
            share=step.at,
            since=since,
            not_before=since if always else self.quiet.opening(since),
            at_any_hour=always,
            when=step.when,
        )

    def notify_at(self, due: DueStep, now: datetime) -> datetime:
        """When to notify people of a step taken now, even if late: at once, but in quiet hours only for S1 under a plan
        that answers around the clock.
        """
        return due.not_before if due.at_any_hour or now <= due.not_before else self.quiet.opening(now)


def read_policy(offer: Offer, path: Path | None = None) -> EscalationPolicy:
    """The policy in a file, or the one shipped with the hub; raises SettingsError with location and remedy."""
    place = str(path or "policy.toml")
    try:
        text = path.read_text("utf-8") if path else files(__package__).joinpath("policy.toml").read_text("utf-8")
        data = msgspec.convert(tomllib.loads(text), _PolicyData)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(
            f"{place} is not a valid policy: {error}", next_step="compare it with the policy shipped with the hub"
        ) from None
    return EscalationPolicy(data, offer)


def _is_for(step: PolicyStep, clock: RunningClock) -> bool:
    return all(
        not wanted or value in wanted
        for wanted, value in (
            (step.plans, clock.state.plan),
            (step.vendors, clock.vendor),
            (step.products, clock.product),
            (step.severities, clock.state.severity.name),
        )
    )


def _check(steps: Sequence[PolicyStep], offer: Offer) -> None:
    """Raises SettingsError for an inconsistent policy; the message names the step."""
    names = [step.name for step in steps]
    if duplicates := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsError(f"the policy has several steps named {', '.join(duplicates)}")
    for step in steps:
        where = f"step {step.name} of the policy"
        if (step.at is None) == (not step.when):
            raise SettingsError(f"{where} needs either `at`, a share of its clock, or `when`")
        if step.at is not None and not 0.0 <= step.at <= 100.0:
            raise SettingsError(f"{where} has an invalid share {step.at:g}; the deadline is at 1.0")
        if step.when and step.clock != "vendor":
            raise SettingsError(f'{where} is about the vendor, so its clock must be "vendor"')
        if step.do == "notify" and not step.whom:
            raise SettingsError(f"{where} notifies nobody", next_step="add a role to `whom`")
        if unknown := sorted(set(step.plans) - set(offer.plans)):
            raise SettingsError(f"{where} is for unknown plans: {', '.join(unknown)}")
        if unknown := sorted(set(step.severities) - {severity.name for severity in Severity}):
            raise SettingsError(f"{where} is for unknown severities: {', '.join(unknown)}")
    for kind in ("response", "vendor"):
        shares = [step.at for step in steps if step.clock == kind and step.at is not None]
        if any(share >= BREACH for share in shares) and not any(share < BREACH for share in shares):
            raise SettingsError(
                f"the policy reports breaches of the {kind} clock without an earlier warning",
                next_step="add a step at a share below 1.0",
            )
