"""`python -m tests.chaos`: the storm at full size, or `--restarts 20`; exits with 1 when an invariant is broken."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from tests.chaos.run import Plan, Restarts, Result, as_plain, restarts, storm


def main() -> int:
    """Run, print, and tell by the exit code."""
    given = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    given.add_argument("--bonds", type=int, default=1000, help="escalations, each with comments")
    given.add_argument("--seconds", type=float, default=300, help="to wait for quiet after the last fault")
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--restarts", type=int, default=0, help="only restart the database so often under one worker")
    given.add_argument("--json", action="store_true")
    options = given.parse_args()

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    result: Result | Restarts
    if options.restarts:
        result = asyncio.run(restarts(options.restarts, say))
    else:
        plan = Plan(bonds=options.bonds, patience=options.seconds, seed=options.seed)
        result = asyncio.run(storm(plan, say))
    plain = as_plain(result)
    sys.stdout.write(json.dumps(plain, indent=2) + "\n" if options.json else _table(result))
    return 0 if plain["fine"] else 1


def _table(result: Result | Restarts) -> str:
    if isinstance(result, Restarts):
        survived = sum(one <= result.longest for one in result.seconds)
        return (
            f"{survived} of {len(result.seconds)} restarts survived by the same process: {result.same_process}; "
            f"longest {max(result.seconds)} s\n"
        )
    lines = [f"{name:<34} {value:>8}" for name, value in result.counts.items()]
    lines += ["", f"{'invariant':<34} {'looks':>8} {'breaches':>9}"]
    for name in sorted(result.verdict.looked):
        found = result.verdict.breaches.get(name, [])
        lines.append(f"{name:<34} {result.verdict.looked[name]:>8} {len(found):>9}")
        lines += [f"    {one}" for one in found[:5]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
