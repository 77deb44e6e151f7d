"""What a plugin says of its vendor, and what an account check finds."""

from __future__ import annotations

from typing import Literal

from hub.model.base import Value

MergePolicy = Literal["rjr", "vendor", "newest", "manual"]
"""Who wins when ticket and case changed the same field."""


class VendorInfo(Value, frozen=True):
    """Who a vendor is."""

    name: str  # as registered, such as acme
    title: str  # as people say it
    platform: str  # the family of its interface, as people say it
    spec: str = "1.0"  # the version of the hook spec that the plugin was written for
    platforms: tuple[str, ...] = ()
    """The systems that an account may choose with its setting `platform`, the default first; empty: there is one."""
    discloses: tuple[str, ...] = ("title", "description", "severity", "product")
    """The ticket's fields that may leave; all others stay."""
    index_lag: float = 0.0
    """Seconds after which a stored case is sure to be found by its key."""
    keeps_keys: bool = True
    """Comments and files at the vendor keep the key that they were sent with; otherwise their doubts go to a person."""
    notes: tuple[str, ...] = ()
    """What an operator should know: facts not verified on a live system, limits of the interface."""


class Finding(Value, frozen=True):
    """One thing that an account check looked at."""

    name: str
    ok: bool
    message: str
    next_step: str = ""
