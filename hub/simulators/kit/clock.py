"""The simulated vendor's wall clock, which a test can stop and shift."""

from __future__ import annotations

import time


class Clock:
    """Epoch seconds as the vendor's machine sees them."""

    def __init__(self) -> None:
        self.offset = 0.0
        self._stopped: float | None = None

    def now(self) -> float:
        """Seconds since the epoch, as a float; a stopped clock repeats itself."""
        return (time.time() if self._stopped is None else self._stopped) + self.offset

    def shift(self, seconds: float) -> None:
        """Move the clock forward, or back with a negative number."""
        self.offset += seconds

    def stop(self, at: float | None = None) -> None:
        """Stop the clock at `at` (epoch seconds; by default its current time)."""
        self._stopped, self.offset = self.now() if at is None else at, 0.0

    def reset(self) -> None:
        """Follow the machine's clock again."""
        self._stopped, self.offset = None, 0.0
