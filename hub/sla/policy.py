"""The policy: what happens at which share of which clock, and who is told; read from one TOML file.

Pure: a policy is asked what is due, and answers; `watch` does it and remembers what was done.
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
    """One thing to do, once for each promise."""

    name: str
    clock: Literal["response", "vendor"]
    do: Literal["notify", "raise", "escalate"]
    at: float | None = None
    """The share of the clock at which it is due; 1.0 is the deadline."""
    when: Literal["vendor_too_late", "waits_for_us", ""] = ""
    """Instead of a share: the vendor can no longer answer before our own deadline, or waits for an answer of ours."""
    whom: tuple[str, ...] = ()
    """Roles that are told: owner, lead, manager, account_manager, customer, or any that the settings name."""
    level: Level = Level.L2
    """Of `raise`."""
    plans: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    """Which tickets it is for; empty is all."""


class _PolicyData(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    quiet_outside: str
    steps: list[PolicyStep]


class RunningClock(Value, frozen=True):
    """One clock of a ticket, with what a policy asks about it."""

    name: str  # response, or the bond's key
    clock: Literal["response", "vendor"]
    reckoning: ClockState
    around_the_clock: bool = False
    """The plan answers worst severities at all hours."""
    vendor: str = ""
    product: str = ""
    account: str = ""
    waits_for_us: bool = False
    too_late_for: datetime | None = None
    """Our own deadline, when the vendor's lies behind it."""


class DueStep(Value, frozen=True):
    """A step that is to be done now, or waits for quiet hours to end."""

    step: str
    clock: str  # the running clock's name
    key: str  # the same for the same promise, whoever asks and how often
    do: Literal["notify", "raise", "escalate"]
    whom: tuple[str, ...]
    level: Level
    share: float | None
    since: datetime  # when it became due
    not_before: datetime  # later than `since` in quiet hours
    at_any_hour: bool = False  # quiet hours or not
    when: str = ""


class EscalationPolicy:
    """A provider's escalation policy."""

    def __init__(self, data: _PolicyData, offer: Offer) -> None:
        self.version, self.steps = data.version, tuple(data.steps)
        if data.quiet_outside not in offer.calendars:
            raise SettingsError(f"the policy is quiet outside {data.quiet_outside!r}, which is no calendar")
        self.quiet: Calendar = offer.calendars[data.quiet_outside]
        _check(self.steps, offer)

    def due(self, clocks: Sequence[RunningClock], taken: Collection[str], now: datetime) -> list[DueStep]:
        """The steps that are due and were not taken, in the order in which they fell due."""
        found = [
            due
            for clock, step in self._pairs(clocks)
            if (due := self._due(clock, step)) and due.key not in taken and due.since <= now
        ]
        return sorted(found, key=lambda one: (one.since, one.share or 0.0))

    def next_moment(self, clocks: Sequence[RunningClock], taken: Collection[str], now: datetime) -> datetime | None:
        """When the next step falls due by itself; None when only something that happens can make one due."""
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
        """The step as it falls due on a clock, be it later; None when it does not."""
        reckoning = clock.reckoning
        since: datetime | None
        if step.when == "waits_for_us":
            since = reckoning.pauses[-1].start if clock.waits_for_us else None
            turn = f"/{len(reckoning.pauses)}"
        elif step.when == "vendor_too_late":
            since, turn = (reckoning.started_at if clock.too_late_for else None), ""
        else:
            since, turn = reckoning.moment_of(step.at or 0.0), ""
        answered = reckoning.answered_at
        if since is None or (answered is not None and answered <= since):
            return None
        key = f"{clock.name}/{reckoning.severity.name}/{reckoning.plan}/{step.name}{turn}"
        always = clock.around_the_clock and reckoning.severity is Severity.S1
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

    def told_at(self, due: DueStep, now: datetime) -> datetime:
        """When people may be told of a step that is taken now, be it late: at once, but in quiet hours only for the
        worst severity under a plan for it.
        """
        return due.not_before if due.at_any_hour or now <= due.not_before else self.quiet.opening(now)


def read_policy(offer: Offer, path: Path | None = None) -> EscalationPolicy:
    """The policy of a file, or the one that the hub ships; raises SettingsError that names the place and the remedy."""
    place = str(path or "policy.toml")
    try:
        text = path.read_text("utf-8") if path else files(__package__).joinpath("policy.toml").read_text("utf-8")
        data = msgspec.convert(tomllib.loads(text), _PolicyData)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(
            f"{place} is no policy: {error}", next_step="compare it with the policy that the hub ships"
        ) from None
    return EscalationPolicy(data, offer)


def _is_for(step: PolicyStep, clock: RunningClock) -> bool:
    return all(
        not wanted or value in wanted
        for wanted, value in (
            (step.plans, clock.reckoning.plan),
            (step.vendors, clock.vendor),
            (step.products, clock.product),
            (step.severities, clock.reckoning.severity.name),
        )
    )


def _check(steps: Sequence[PolicyStep], offer: Offer) -> None:
    """Raises SettingsError for a policy that can't be meant: the step is named."""
    names = [step.name for step in steps]
    if double := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsError(f"the policy has several steps named {', '.join(double)}")
    for step in steps:
        where = f"step {step.name} of the policy"
        if (step.at is None) == (not step.when):
            raise SettingsError(f"{where} needs either `at`, a share of its clock, or `when`")
        if step.at is not None and not 0.0 <= step.at <= 100.0:
            raise SettingsError(f"{where} is at {step.at:g}; the deadline is at 1.0")
        if step.when and step.clock != "vendor":
            raise SettingsError(f"{where} is about the vendor, so its clock is the vendor's")
        if step.do == "notify" and not step.whom:
            raise SettingsError(f"{where} tells nobody", next_step="name a role in `whom`")
        if unknown := sorted(set(step.plans) - set(offer.plans)):
            raise SettingsError(f"{where} is for plans that the offer lacks: {', '.join(unknown)}")
        if unknown := sorted(set(step.severities) - {one.name for one in Severity}):
            raise SettingsError(f"{where} is for severities that there are not: {', '.join(unknown)}")
    for kind in ("response", "vendor"):
        shares = [step.at for step in steps if step.clock == kind and step.at is not None]
        if any(share >= BREACH for share in shares) and not any(share < BREACH for share in shares):
            raise SettingsError(
                f"the policy tells of a breach of the {kind} clock without a warning before it",
                next_step="add a step at a share below 1.0",
            )
