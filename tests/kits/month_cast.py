"""Who plays in the month: vendors, customers, promises, and each ticket with the facts of its clocks."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from month_rule import Fact, Goal

BEGIN, END = datetime(2027, 3, 1, 5, tzinfo=UTC), datetime(2027, 4, 1, 4, tzinfo=UTC)

VENDORS = {
    "bmc": ("bmc_remedy", ""),
    "bomgar": ("bomgar", "portal"),
    "entrust": ("entrust", "trustedcare"),
    "gemalto": ("gemalto", "portal"),
    "mobile": ("mobile_reach", "zendesk"),
    "answers": ("rightanswers", "desk"),
    "winmagic": ("winmagic", "freshdesk"),
}
"""Each partner's desk, by account."""

PLANS = {"fast-track": "Ada Ltd", "continuous": "Bob Ltd"}
"""A customer for each plan."""

OURS = {1: 1, 2: 4, 3: 8, 4: 12}
THEIRS = {1: (1, True), 2: (3, False), 3: (8, False), 4: (24, False)}
"""Hours by severity; around the clock or not."""

FATES = ("prompt", "late", "asks", "asks twice", "asks late", "silent", "resolves", "raised")

ANSWER = "I see the deadlock in thread 41 of your trace. Set LockTimeout to 30 on node two and restart it tonight."
QUESTION = "Which build runs on node two, and was the audit log on when it stopped?"
REPLY = "Build 7.1 runs there, and the log was on."
LEAST = timedelta(seconds=120)
"""What a vendor's stream may lag behind."""


def response_goal(plan: str) -> Callable[[int], Goal]:
    """Our promises under a plan, by severity."""
    return lambda severity: Goal(OURS[severity] * 3600, (plan, severity) == ("continuous", 1))


def vendor_goal(severity: int) -> Goal:
    """What each vendor promises."""
    hours, always = THEIRS[severity]
    return Goal(hours * 3600, always)


@dataclass
class Case:
    """A ticket and its case, and the facts of both clocks."""

    plan: str
    severity: int
    account: str
    fate: str
    by_policy: bool
    """Nobody escalates it; the policy does."""
    submitted: datetime
    dice: random.Random
    number: str = ""
    bond: str = ""
    case: str = ""
    questions: int = 0
    replies: int = 0
    """Ours to the questions."""
    resumed: int = 0
    ours: list[Fact] = field(default_factory=list)
    theirs: list[Fact] = field(default_factory=list)


SPECIAL = {
    ("continuous", 1): ("2027-03-14 01:30:00", "2027-03-26 12:00:00"),
    ("fast-track", 1): ("2027-03-13 23:59:59", "2027-03-25 19:30:00"),
    ("fast-track", 2): ("2027-03-12 18:00:01", "2027-03-06 12:00:00"),
    ("continuous", 3): ("2027-03-25 15:00:00", "2027-03-14 03:00:00"),
}
"""The night of the clock change, Good Friday and the evening before it, a weekend."""
