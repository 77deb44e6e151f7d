"""The conformance suite that authors of plugins run: `test_acme = conformance("acme")` in a test file is all of it."""

from hub.testing.rule import GROUPS, Broken, NotApplicable, Rule
from hub.testing.rules import RULES
from hub.testing.suite import Candidate, candidate, conformance
from hub.testing.tiers import Result, reached

__all__ = [
    "GROUPS",
    "RULES",
    "Broken",
    "Candidate",
    "NotApplicable",
    "Result",
    "Rule",
    "candidate",
    "conformance",
    "reached",
]
