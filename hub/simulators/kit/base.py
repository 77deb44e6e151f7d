"""What all simulated vendors have in common: their parts, their life cycle, and the actions of the vendor's staff."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from hub.simulators.kit.call import Call, Reply
from hub.simulators.kit.clock import Clock
from hub.simulators.kit.faults import COMMON, FaultKind, FaultRule, Faults
from hub.simulators.kit.ledger import Ledger


class CommonOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options that every simulator has."""

    latency: float | None = None
    """Seconds of work per call; by default as long as the vendor needs at least."""
    lean_ledger: bool = False
    """Whether the ledger drops texts and values."""


class VendorFaults(Protocol):
    """A vendor's own faults, such as its module `drift`."""

    @property
    def KINDS(self) -> tuple[FaultKind, ...]:
        """The kinds of faults."""

    def refuse(self, rule: FaultRule) -> Reply:
        """The vendor's refusal for a fault that replaces the reply."""

    def reshape(self, rule: FaultRule, reply: Reply) -> Reply:
        """The reply with its data changed by a fault."""


OptionsT = TypeVar("OptionsT", bound=CommonOptions)
SeedsT = TypeVar("SeedsT", bound=msgspec.Struct)


class BaseSimulator(ABC, Generic[OptionsT, SeedsT]):
    """One simulated vendor in memory; tests may use its ledger, faults, clock, state and staff."""

    options_type: type[OptionsT]
    seeds_type: type[SeedsT]
    own_faults: VendorFaults
    common_faults: Iterable[FaultKind] = COMMON
    least_latency: float = 0.0

    staff: object
    """Carries out the actions: each public method is one."""

    def __init__(self, *, seed: int = 0, seeds: SeedsT | None = None, options: OptionsT | None = None) -> None:
        self.options, self.seeds = options or self.options_type(), seeds or self.seeds_type()
        self.clock, self.ledger = Clock(), Ledger(lean=self.options.lean_ledger)
        self.faults = Faults(self.own_faults.KINDS, common=self.common_faults, seed=seed)
        self._start()
        self.latency = self.least_latency if self.options.latency is None else self.options.latency

    def reset(self) -> None:
        """Forget everything except the seeds."""
        self.clock.reset()
        self.ledger.reset()
        self.faults.reset()
        self._start()

    @abstractmethod
    def _start(self) -> None:
        """Build the first state from the seeds, and set `staff`."""

    def act(self, action: str, arguments: Mapping[str, Any]) -> object:
        """Have the vendor's staff act; file data may come in base64. ValueError when the action is not possible."""
        return carry_out(self.staff, action, arguments)

    def expire_logins(self) -> None:
        """Do nothing: credentials without a session do not expire."""

    def admit(self, call: Call) -> Reply | None:
        """Accept every call."""
        return None

    def refuse(self, rule: FaultRule) -> Reply:
        """The vendor's refusal for a fault."""
        return self.own_faults.refuse(rule)

    def reshape(self, rule: FaultRule, reply: Reply) -> Reply:
        """The reply with its data changed by a fault."""
        return self.own_faults.reshape(rule, reply)


def carry_out(staff: object, action: str, arguments: Mapping[str, Any]) -> object:
    """Call the method that an action names; file data may come in base64. ValueError when it is not possible."""
    actions = [name for name in dir(staff) if not name.startswith("_") and callable(getattr(staff, name))]
    if action not in actions:
        raise ValueError(f"unknown action {action!r}; choose one of {', '.join(actions)}")
    values = dict(arguments)
    if isinstance(values.get("data"), str):
        values["data"] = base64.b64decode(values["data"])
    try:
        return getattr(staff, action)(**values)
    except LookupError as error:
        raise ValueError(str(error)) from None
