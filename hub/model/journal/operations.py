"""Entries on a ticket's chain about operations: asked for, sent, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from hub.model.base import Json
from hub.model.journal import fields as f
from hub.model.journal.entry import Entry
from hub.model.operation import OperationState


class Requested(Entry, frozen=True, tag="requested"):
    """An operation was put on a bond; it is sent after those before it."""

    bond: f.BondKey
    operation: f.OperationKey
    kind: f.KindOfOperation
    fields: f.FieldNames | None = None
    who: f.Who | None = None
    trace: f.Trace = ""


class Sending(Entry, frozen=True, tag="sending"):
    """An operation is about to be sent; written before the first byte leaves."""

    operation: f.OperationKey
    kind: f.KindOfOperation
    attempt: Annotated[int, Meta(description="counts the tries, from 1")]
    worker: f.Worker
    trace: f.Trace


class Looking(Entry, frozen=True, tag="looking"):
    """The hub looks at the vendor for an operation that may have arrived."""

    operation: f.OperationKey
    kind: f.KindOfOperation
    worker: f.Worker
    trace: f.Trace


class OperationOutcome(Entry, frozen=True):
    """What all outcomes of an operation share."""

    operation: f.OperationKey
    kind: f.KindOfOperation
    bond_state: f.StateOfBond | None = None
    case: f.CaseNumber | None = None
    reference: f.Reference | None = None
    looked: Annotated[str, Meta(description="result of the look: found or not_found")] | None = None
    error: f.Error | None = None
    who_acts: Annotated[str, Meta(description="who has to act next")] | None = None
    given_at: Annotated[datetime, Meta(description="when the vendor opened the case that was found")] | None = None

    @classmethod
    def upgrade(cls, data: Mapping[str, Json]) -> Mapping[str, Json]:
        """Earlier releases stored the bond's state as `bond`."""
        return data if "bond_state" in data or "bond" not in data else {**data, "bond_state": data["bond"]}


class OperationDone(OperationOutcome, frozen=True, tag="done"):
    """An operation arrived at the vendor."""


class OperationInDoubt(OperationOutcome, frozen=True, tag="in_doubt"):
    """An operation was sent, and it is not known whether it arrived."""


class OperationReady(OperationOutcome, frozen=True, tag="ready"):
    """An operation did not arrive and will be sent again."""


class OperationParked(OperationOutcome, frozen=True, tag="parked"):
    """An operation is on hold until a person acts."""


OUTCOMES: Mapping[OperationState, type[OperationOutcome]] = {
    OperationState.DONE: OperationDone,
    OperationState.IN_DOUBT: OperationInDoubt,
    OperationState.READY: OperationReady,
    OperationState.PARKED: OperationParked,
}
"""The entry for each state that a try can leave an operation in."""


class Edited(Entry, frozen=True, tag="edited"):
    """A person changed what a parked operation sends."""

    operation: f.OperationKey
    fields: f.FieldNames
    who: f.Who


class Replayed(Entry, frozen=True, tag="replayed"):
    """A person had a parked operation sent again."""

    operation: f.OperationKey
    who: f.Who


class Ignored(Entry, frozen=True, tag="ignored"):
    """A person decided that a parked operation need not be sent."""

    operation: f.OperationKey
    who: f.Who
