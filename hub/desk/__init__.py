"""The hub's own desk: imports of tickets and customers."""

from __future__ import annotations

from pathlib import Path

from hub.desk.mapping import ImportMapping, load_mapping
from hub.desk.rejects import Rejects
from hub.desk.rows import BadRow
from hub.desk.tickets import fingerprint, read_tickets

SAMPLES = Path(__file__).parent / "samples"
"""Sample exports to try the import: `tickets.csv`, `export-francais.csv`, and the mapping of each."""

__all__ = ["SAMPLES", "BadRow", "ImportMapping", "Rejects", "fingerprint", "load_mapping", "read_tickets"]
