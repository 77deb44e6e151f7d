"""The hub's own desk: tickets as they come in from outside."""

from __future__ import annotations

from pathlib import Path

from hub.desk.columns import ImportMapping, load_mapping
from hub.desk.read import fingerprint, read_tickets
from hub.desk.rejects import Rejects
from hub.desk.rows import BadRow

SAMPLES = Path(__file__).parent / "samples"
"""Exports to try the import with: `tickets.csv`, `export-francais.csv`, and the mapping of each."""

__all__ = ["SAMPLES", "BadRow", "ImportMapping", "Rejects", "fingerprint", "load_mapping", "read_tickets"]
