"""What every simulated vendor is built from: clock, table, ledger, faults and an HTTP server."""

from __future__ import annotations

from hub.simulators.kit.base import BaseSimulator, CommonOptions, carry_out
from hub.simulators.kit.call import Call, Reply, Simulator
from hub.simulators.kit.clock import Clock
from hub.simulators.kit.contract import Push, VendorSimulator
from hub.simulators.kit.faults import Faults, Kind, Rule
from hub.simulators.kit.ledger import Ledger
from hub.simulators.kit.multipart import Part, split_multipart
from hub.simulators.kit.server import Served, run, serve
from hub.simulators.kit.table import Row, Table

__all__ = [
    "BaseSimulator",
    "Call",
    "Clock",
    "CommonOptions",
    "Faults",
    "Kind",
    "Ledger",
    "Part",
    "Push",
    "Reply",
    "Row",
    "Rule",
    "Served",
    "Simulator",
    "Table",
    "VendorSimulator",
    "carry_out",
    "run",
    "serve",
    "split_multipart",
]
