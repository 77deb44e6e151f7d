"""Seeded bugs by the group of the rule that catches them."""

from tests.testing.mutants import speaks, reads, writes, endures, quiet  # noqa: F401, I001 - the order of the groups
from tests.testing.mutants.known import CAUGHT_BY, LOADING

__all__ = ["CAUGHT_BY", "LOADING"]
