"""The bare loop: the plugin's own calls by the hub's own client, at the same concurrency, and nothing written down."""

from __future__ import annotations

import asyncio
import time

import msgspec

from bench.place import drafts, loaded
from bench.sides import Bench, Spec, play
from hub import bootstrap
from hub.vendors import load


async def main(spec: Spec, bench: Bench) -> None:
    """Open so many cases, and say how long it took."""
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
    bench.say(seconds=seconds, opened=opened)


if __name__ == "__main__":
    play(main)
