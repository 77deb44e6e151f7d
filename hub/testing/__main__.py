"""Tells how a plugin keeps the rules: `python -m hub.testing NAME`; exits with 1 when one is broken."""

from __future__ import annotations

import sys
from collections import Counter

from hub.testing.suite import candidate


def main(name: str) -> int:
    """Print what is not simply kept, the sums, and the tier; the exit code."""
    chosen = candidate(name)
    results = chosen.results()
    for one in results:
        if one.verdict != "kept":
            place = f" on {one.platform}" if one.platform else ""
            sys.stdout.write(f"{one.verdict:14}  {one.rule.name}{place}: {one.why}\n")
    sums = Counter(one.verdict for one in results)
    told = ", ".join(f"{count} {verdict}" for verdict, count in sums.items())
    sys.stdout.write(f"{name}: {told}; tier {chosen.tier()}, claimed {chosen.vendor.quality.tier}\n")
    return 1 if sums["broken"] else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
