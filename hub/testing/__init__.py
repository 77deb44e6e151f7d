"""The conformance suite that authors of plugins run: `test_acme = conformance("acme")` in a test file is all of it."""

from hub.testing.checks import NotApplicable, RuleBroken
from hub.testing.rule import GROUPS, Rule
from hub.testing.rules import RULES
from hub.testing.suite import Candidate, candidate, conformance
from hub.testing.tiers import RuleResult, reached

__all__ = [
    "GROUPS",
    "RULES",
    "Candidate",
    "NotApplicable",
    "Rule",
    "RuleBroken",
    "RuleResult",
    "candidate",
    "conformance",
    "reached",
]
