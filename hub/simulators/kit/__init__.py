"""What every simulated vendor is built from: clock, table, ledger, faults and an HTTP server."""

from __future__ import annotations

from hub.simulators.kit.base import BaseSimulator, CommonOptions, carry_out
from hub.simulators.kit.call import Call, Reply, Simulator
from hub.simulators.kit.clock import Clock
from hub.simulators.kit.contract import Push, VendorSimulator
from hub.simulators.kit.faults import FaultKind, FaultRule, Faults
from hub.simulators.kit.ledger import Ledger
from hub.simulators.kit.multipart import FormPart, split_multipart
from hub.simulators.kit.server import Served, run, serve
from hub.simulators.kit.table import Row, Table

__all__ = [
    "BaseSimulator",
    "Call",
    "Clock",
    "CommonOptions",
    "FaultKind",
    "FaultRule",
    "Faults",
    "FormPart",
    "Ledger",
    "Push",
    "Reply",
    "Row",
    "Served",
    "Simulator",
    "Table",
    "VendorSimulator",
    "carry_out",
    "run",
    "serve",
    "split_multipart",
]
