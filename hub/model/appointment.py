"""Appointments for pre-arranged work, and account managers' follow-up calls."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from hub.model.base import Value


class AppointmentState(StrEnum):
    """The state of an appointment."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class Appointment(Value, frozen=True):
    """Pre-arranged work on a ticket, often outside business hours."""

    id: int
    ticket: str
    customer: str  # its number; empty when the ticket's customer is unknown
    starts_at: datetime
    minutes: int
    who: str  # does the work
    after_hours: bool
    remind_at: datetime
    state: AppointmentState = AppointmentState.PLANNED
    reminded_at: datetime | None = None
    settled_at: datetime | None = None


class FollowUp(Value, frozen=True):
    """The account manager's next call to a customer, at least once a month under a plan that includes it."""

    contract: str
    customer: str
    customer_name: str
    account_manager: str
    due_on: date
