"""All rules of the conformance suite, in the order of their groups."""

from __future__ import annotations

from hub.testing.rule import GROUPS, Rule, rules_of
from hub.testing.rules import (
    changes,
    deliveries,
    doubt,
    endures,
    files,
    knowledge,
    quiet,
    reads,
    sessions,
    speaks,
    told,
    writes,
)

RULES: tuple[Rule, ...] = tuple(
    one
    for group in GROUPS
    for module in (speaks, reads, told, writes, changes, files, knowledge, sessions, endures, doubt, quiet, deliveries)
    for one in rules_of(module)
    if one.group == group
)
"""Every rule, once."""
