"""The bare loop: the plugin's calls with the hub's client at the same concurrency, without storing anything."""

from __future__ import annotations

import asyncio
import time

import msgspec

from bench.place import drafts, loaded
from bench.sides import BenchConnection, Spec, run_role
from hub import bootstrap
from hub.vendors import load


async def main(spec: Spec, bench: BenchConnection) -> None:
    """Open this many cases, and report how long it took."""
    configured = loaded(spec["config"])
    accounts, failed = bootstrap.find_accounts(configured, load())
    assert not failed, failed
    vendor_account = accounts[spec["account"]]
    waiting = iter(drafts(msgspec.json.decode(msgspec.json.encode(spec["payload"])), spec["count"]))
    opened = 0

    async def seat() -> None:
        nonlocal opened
        for draft in waiting:
            case = await vendor_account.vendor.open_case(vendor_account.account, draft)
            opened += bool(case.reference.number)

    began = time.monotonic()
    await asyncio.gather(*(seat() for _ in range(vendor_account.account.settings.concurrency)))
    seconds = time.monotonic() - began
    await vendor_account.account.client.close()
    bench.send(seconds=seconds, opened=opened)


if __name__ == "__main__":
    run_role(main)
