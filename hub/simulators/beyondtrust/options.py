"""The settings of a simulated appliance, and its initial content."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub.simulators.kit import CommonOptions

NAMESPACES = {
    "beyondtrust": "https://www.beyondtrust.com/namespaces/API",
    "bomgar": "http://www.bomgar.com/namespaces/API",
    "sra": "http://www.beyondtrust.com/sra/namespaces/API",
}
"""Roots of the XML namespaces of the product's ages; `/command` or `/reporting` follows."""

PERMISSIONS = {
    "perm_command": "full_access",
    "perm_reporting_support": "1",
    "perm_reporting_presentation": "0",
    "perm_configuration": "1",
    "perm_backup": "0",
}


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """The API account, the teams by id, the representatives by id and the custom fields by code name."""

    client_id: str = "rjr-hub"
    client_secret: str = "appliance-s3cret"
    webhook_secret: str = "9f3c5d0c1f7b4e2a8d6b7c1e5a4f9b20"
    teams: Mapping[int, str] = msgspec.field(default_factory=lambda: {12: "L2 Platform", 13: "L2 Network"})
    reps: Mapping[int, str] = msgspec.field(default_factory=lambda: {7: "Lee Agent", 8: "Sam Agent"})
    issues: tuple[str, ...] = ("checkout",)
    fields: Mapping[str, str] = msgspec.field(
        default_factory=lambda: {"external_key": "External Key", "rjr_severity": "RjR severity"}
    )


class Options(CommonOptions, frozen=True, kw_only=True):
    """How this appliance behaves."""

    namespace: str = "beyondtrust"
    version: str = "1.24.1"
    v2: bool = True
    """Whether /api/command/v2 is there."""
    permissions: Mapping[str, str] = msgspec.field(default_factory=lambda: dict(PERMISSIONS))
    token_seconds: int = 3600
    most_tokens: int = 30
    hourly: int = 15_000
    report_lag: float = 0.0
    """Seconds before an event appears in a report."""
    empty_is_error: bool = False
    """Whether a report without sessions is an error document; the real behaviour is unverified."""
    records: bool = True
    healthy: bool = True
    retry_interval: float = 60.0
    retry_duration: float = 3600.0
