"""The simulated Remote Support site."""

from __future__ import annotations

from hub.simulators.beyondtrust import Appliance


def simulator() -> Appliance:
    """An appliance with two teams, as `hub simulate bomgar` serves it."""
    return Appliance()
