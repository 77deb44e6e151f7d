"""The database's tables by subject; importing this package registers all of them in `Table.metadata`."""

from hub.db.tables import (
    attachments,
    bonds,
    clocks,
    customers,
    hub,
    journal,
    knowledge,
    lanes,
    outbox,
    streams,
    tickets,
)
from hub.db.tables.base import Table

__all__ = [
    "Table",
    "attachments",
    "bonds",
    "clocks",
    "customers",
    "hub",
    "journal",
    "knowledge",
    "lanes",
    "outbox",
    "streams",
    "tickets",
]
