"""Values that the tests of bonding start from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hub.model import (
    Case,
    CaseReference,
    CaseStatus,
    Contact,
    Operation,
    OperationKind,
    OperationState,
    Severity,
    Ticket,
    TicketStatus,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOND = "RJR-000123-7F3KQ"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def case(**fields: Any) -> Case:
    return Case(
        **{
            "reference": CaseReference(number="C-1"),
            "status": CaseStatus.OPEN,
            "changed_at": NOON,
            "severity": Severity.S3,
            "title": "mail is slow",
            **fields,
        }
    )


def operation(position: int = 1, kind: OperationKind = OperationKind.CHANGE_FIELDS, **fields: Any) -> Operation:
    return Operation(
        **{
            "id": 100 + position,
            "bond_id": 1,
            "account": "acme",
            "position": position,
            "kind": kind,
            "key": f"{BOND}/{position}-X2QF",
            "state": OperationState.READY,
            "payload": {},
            "severity": Severity.S3,
            "attempts": 0,
            "reason": "",
            "who_acts": "",
            "trace_id": "",
            "created_at": NOON,
            "sent_at": None,
            **fields,
        }
    )


def ticket(**fields: Any) -> Ticket:
    return Ticket(
        **{
            "id": 1,
            "number": "RJR-000123",
            "title": "mail is slow",
            "description": "since this morning; password: hunter2",
            "severity": Severity.S2,
            "status": TicketStatus.OPEN,
            "source": "hub",
            "source_id": "",
            "product": "Mailer",
            "vendor": "acme",
            "customer": "Northern Trust",
            "contact": Contact(name="Ana", email="ana@example.com", phone="514-555-1234"),
            "language": "fr",
            "fields": {"serial": "SN-77", "note": "mdp: x9"},
            "created_at": NOON,
            "updated_at": NOON,
            **fields,
        }
    )
