"""The commands of clocks: who acknowledged or muted a ticket is shown beside its deadline."""

from __future__ import annotations

import asyncio

import pytest

from hub.db.storage import Storage
from hub.deadlines.watch import examine_due
from hub.sla.rules import read_rules


@pytest.fixture
def look_once(database_url):
    """Lets a worker look at what is due."""

    async def once() -> None:
        storage = Storage(database_url, connections=1)
        await examine_due(storage, read_rules(None, None, {}))
        await storage.close()

    return lambda: asyncio.run(once())


def test_who_acknowledged_a_ticket_and_until_when_it_is_muted_is_shown(hub, look_once, monkeypatch):
    """In the explanation and in the list; an unacknowledged ticket shows nothing."""
    hub("customers", "add", "100", "--name", "Northwind")
    hub("contracts", "add", "K-1", "--customer", "100", "--plan", "continuous", "--start", "2020-01-01")
    words = ("tickets", "add", "--title", "T", "--severity", "S4", "--customer", "Northwind")
    ours, other = (hub(*words).out.strip() for _ in range(2))
    hub("clock", "acknowledge", ours, "--as", "bob")
    hub("clock", "snooze", ours, "--until", "2099-01-04T09:00-05:00", "--as", "bob")
    look_once()
    printed = hub("clock", "explain", ours)
    assert "acknowledged by bob, muted until 2099-01-04" in printed.out
    assert hub("clock", "explain", ours, "--json").json["watch"]["owner"] == "bob"
    assert "acknowledged" not in hub("clock", "explain", other).out
    monkeypatch.setenv("COLUMNS", "160")
    assert hub("clock", "list").out.count("acknowledged by bob, muted until 2099-01-04") == 1
    watches = hub("clock", "list", "--json").json["watches"]
    assert [watches[one]["owner"] for one in (ours, other)] == ["bob", ""]
    hub("clock", "take", ours, "--as", "eve")
    assert "owned by eve" in hub("clock", "explain", ours).out
