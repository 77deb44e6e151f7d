"""Runs the suite without pytest: `python -m hub.testing NAME` exits with 1 when a rule is broken."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from hub.errors import HubError
from hub.testing.suite import candidate


def main(arguments: list[str] | None = None) -> int:
    """Print every result except kept rules, then the totals and the tier; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m hub.testing", description="Run the conformance suite.")
    parser.add_argument("name", help="the plugin's entry point, such as acme")
    name: str = parser.parse_args(arguments).name
    try:
        plugin = candidate(name)
        results, tier = plugin.results(), plugin.tier()
    except HubError as error:
        parser.exit(2, f"{error.message}; {error.next_step}\n" if error.next_step else f"{error.message}\n")
    for result in results:
        if result.verdict != "kept":
            place = f" on {result.platform}" if result.platform else ""
            sys.stdout.write(f"{result.verdict:14}  {result.rule.name}{place}: {result.why}\n")
    totals = Counter(result.verdict for result in results)
    summary = ", ".join(f"{count} {verdict}" for verdict, count in totals.items())
    sys.stdout.write(f"{name}: {summary}; tier {tier}, claimed {plugin.vendor.quality.tier}\n")
    return 1 if totals["broken"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
