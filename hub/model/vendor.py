"""What a plugin declares about its vendor, and the findings of an account check."""

from __future__ import annotations

from typing import Literal

from hub.model.base import Value

MergePolicy = Literal["rjr", "vendor", "newest", "manual"]
"""Who wins when ticket and case changed the same field."""


class VendorInfo(Value, frozen=True):
    """Who a vendor is."""

    name: str  # as registered, such as acme
    title: str  # for display
    platform: str  # the kind of its API, for display
    spec: str = "1.0"  # the hook specification's version that the plugin implements
    platforms: tuple[str, ...] = ()
    """The platforms that an account may select with its setting `platform`, default first; empty: only one."""
    discloses: tuple[str, ...] = ("title", "description", "severity", "product")
    """The ticket fields that may be disclosed; all others stay in the hub."""
    index_lag: float = 0.0
    """Seconds until a stored case can be found by its key."""
    keeps_keys: bool = True
    """Comments and files at the vendor keep the key they were sent with; otherwise a person settles doubts."""
    notes: tuple[str, ...] = ()
    """Notes for operators: facts not verified on a live system, limits of the API."""


class Finding(Value, frozen=True):
    """The result of one account check."""

    name: str
    ok: bool
    message: str
    next_step: str = ""
