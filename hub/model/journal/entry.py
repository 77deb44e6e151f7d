"""What all journal entries share: how they are named, stored and read back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

import msgspec

from hub.model.base import Json, Value


class Entry(Value, frozen=True, tag_field="entry"):
    """One kind of journal entry: ids, states and fingerprints, never a text or a secret.

    The tag is the kind that is stored. Fields that are None are not stored.
    """

    chain: ClassVar[str] = "ticket"
    """What its chain belongs to."""

    @classmethod
    def upgrade(cls, data: Mapping[str, Json]) -> Mapping[str, Json]:
        """The data of an older release in today's form."""
        return data


class UnknownEntry(Entry, frozen=True, tag="unknown"):
    """An entry of a kind or shape that this release does not know."""

    kind: str
    data: dict[str, Json]


def kind_of(entry: Entry | type[Entry]) -> str:
    """The kind under which an entry is stored."""
    return entry.kind if isinstance(entry, UnknownEntry) else str(entry.__struct_config__.tag)


def data_of(entry: Entry) -> dict[str, Json]:
    """The entry's fields as JSON types, as they are stored; times keep their offset."""
    if isinstance(entry, UnknownEntry):
        return entry.data
    values = ((name, getattr(entry, name)) for name in entry.__struct_fields__)
    return {name: _plain(value) for name, value in values if value is not None}


def _plain(value: Any) -> Json:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else msgspec.to_builtins(value)
