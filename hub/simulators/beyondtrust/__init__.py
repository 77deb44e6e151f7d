"""A simulated BeyondTrust Remote Support appliance: sessions by key, reports in XML, outbound events."""

from __future__ import annotations

from hub.simulators.beyondtrust.app import Appliance
from hub.simulators.beyondtrust.options import NAMESPACES, Options, Seeds

__all__ = ["NAMESPACES", "Appliance", "Options", "Seeds"]
