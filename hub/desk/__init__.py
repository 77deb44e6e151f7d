"""The hub's own desk: tickets as they come in from outside."""

from hub.desk.columns import Mapping, load_mapping
from hub.desk.read import fingerprint, read_tickets
from hub.desk.rejects import Rejects
from hub.desk.rows import BadRow

__all__ = ["BadRow", "Mapping", "Rejects", "fingerprint", "load_mapping", "read_tickets"]
