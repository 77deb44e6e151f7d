"""The journal's entries: one value for each kind. Each is written as it is, and read back, also from older releases."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub.model.base import Json
from hub.model.journal import accounts, cases, deadlines, operations, tickets
from hub.model.journal.entry import Entry as Entry
from hub.model.journal.entry import UnknownEntry as UnknownEntry
from hub.model.journal.entry import data_of as data_of
from hub.model.journal.entry import kind_of as kind_of

KINDS: Mapping[str, type[Entry]] = {
    kind_of(shape): shape
    for module in (tickets, operations, cases, deadlines, accounts)
    for shape in vars(module).values()
    if isinstance(shape, type) and issubclass(shape, Entry) and kind_of(shape) != shape.__name__
}
"""Every kind of entry that this release writes, in the order of the reference page."""


def decode(kind: str, data: Mapping[str, Json]) -> Entry:
    """The entry that was stored; UnknownEntry for a kind or shape that this release does not know."""
    if shape := KINDS.get(kind):
        try:
            return msgspec.convert(shape.upgrade(data), shape)
        except msgspec.ValidationError:
            pass
    return UnknownEntry(kind=kind, data=dict(data))
