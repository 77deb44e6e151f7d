"""The queue of outbound events, in order; any answer other than 200 blocks it."""

from __future__ import annotations

from hub.simulators.kit import Clock

Event = dict[str, str]
_TAKEN = 200


class Outbound:
    """Events for one receiver; `sent` has all events, oldest first."""

    def __init__(self, clock: Clock, interval: float, duration: float) -> None:
        self.sent: list[Event] = []
        self._clock, self._interval, self._duration = clock, interval, duration
        self._waiting: list[Event] = []
        self._first_try = self._next_try = 0.0

    def add(self, event: Event) -> None:
        """Put an event at the end of the queue."""
        self.sent.append(event)
        self._waiting.append(event)

    def due(self) -> Event | None:
        """The event to deliver now; None while the queue is empty or waits for its next attempt."""
        return self._waiting[0] if self._waiting and self._clock.now() >= self._next_try else None

    def answered(self, status: int) -> None:
        """Record the receiver's answer to the event that was due; only 200 allows the next event."""
        now = self._clock.now()
        self._first_try = self._first_try or now
        if status == _TAKEN or now - self._first_try >= self._duration:
            del self._waiting[0]
            self._first_try = self._next_try = 0.0
        else:
            self._next_try = now + self._interval
