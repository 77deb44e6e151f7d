"""The commands for operators: what is stopped and why, and how it continues."""

from __future__ import annotations

import psycopg
import pytest

from hub.cli.plugins.abilities import abilities
from hub.simulators.kit import FaultRule


def _direct(environment, statement):
    """Change the database behind the hub's back."""
    address = environment["HUB_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def parked(hub, ticket, case, vendor, work):
    """A comment that the vendor refused, by its operation's id."""
    vendor.do(lambda: vendor.sim.faults.add(FaultRule(kind="refused", operation="note", times=1)))
    hub("comment", ticket, "first", "--visibility", "vendor")
    work()
    vendor.do(vendor.sim.faults.clear)
    found = hub("parked", "list", "--json").json["operations"]
    assert [one["bond"]["ticket_number"] for one in found] == [ticket]
    return str(found[0]["operation"]["id"])


def test_a_parked_operation_is_mended_and_sent_again(hub, ticket, parked, vendor, work):
    """What was refused can be looked at, edited and replayed; then the vendor has what it was mended to."""
    assert hub("parked", "show", parked, "--json").json["payload"]["body"] == "first"
    assert "first" in hub("parked", "show", parked).out
    assert ticket in hub("parked", "list").out
    assert hub("parked", "edit", parked, "body=second", "--json").json["payload"]["body"] == "second"
    assert "no field nonsense" in hub("parked", "edit", parked, "nonsense=1", code=64).err
    assert hub("parked", "replay", parked, "--json").json["state"] == "ready"
    work()
    notes = [str(one.values) for one in vendor.sim.ledger.of("note")]
    assert sum("second" in note for note in notes) == 1
    assert hub("parked", "list", "--json").json == {"operations": [], "next_after": None}


def test_a_parked_operation_can_be_ignored_once(hub, parked):
    """An ignored operation is no longer parked; ignoring it again is a conflict."""
    assert hub("parked", "ignore", parked, "--as", "marie", "--json").json["state"] == "ignored"
    assert hub("parked", "ignore", parked, "--json", code=65).error["kind"] == "Conflict"
    assert hub("parked", "show", "999999", "--json", code=64).error["kind"] == "NotFound"


@pytest.fixture
def conflict(hub, ticket, case, vendor):
    """Both sides changed the severity at once: ours S1, theirs S4; the conflict's id."""
    hub("tickets", "change", ticket, "--severity", "S1")
    vendor.do(lambda: vendor.sim.engineer.set_severity(case, 4))
    hub("pull")
    found = hub("conflicts", "list", "--json").json["conflicts"]
    assert [(one["field"], one["ours"], one["theirs"]) for one in found] == [("severity", 1, 4)]
    assert "severity" in hub("conflicts", "list").out
    return str(found[0]["id"])


def test_their_value_comes_into_the_ticket(hub, ticket, conflict):
    """Taking theirs changes the ticket, journals who decided, and can be done once."""
    assert (
        hub("conflicts", "resolve", conflict, "--take", "theirs", "--as", "marie", "--json").json["choice"] == "theirs"
    )
    assert hub("tickets", "show", ticket, "--json").json["ticket"]["severity"] == 4
    assert hub("conflicts", "list", "--json").json["conflicts"] == []
    entries = hub("journal", "show", ticket, "--json").json["entries"]
    assert ("conflict_resolved", "marie") in [(one["kind"], one["data"].get("who")) for one in entries]
    assert hub("conflicts", "resolve", conflict, "--take", "ours", "--json", code=65).error["kind"] == "Conflict"


def test_our_value_goes_to_the_case(hub, ticket, case, conflict, vendor, work):
    """Taking ours sends the ticket's value to the vendor."""
    hub("conflicts", "resolve", conflict, "--take", "ours")
    work()
    assert hub("tickets", "show", ticket, "--json").json["ticket"]["severity"] == 1
    assert hub("bonds", "show", ticket, "--json").json["bonds"][0]["bond"]["picture"]["severity"] == 1


def test_a_paused_account_is_left_alone_until_it_is_resumed(hub, case):
    """While paused nothing is read, and every list says why; resuming lifts it, and both are journalled by name."""
    hub("lanes", "pause", "bmc", "--reason", "their maintenance", "--as", "marie")
    hub("lanes", "pause", "bmc", "--reason", "again", code=65)
    assert "their maintenance" in hub("lanes", "list").out
    assert "their maintenance" in hub("status").out
    skipped = hub("pull", "--json").json["streams"]
    assert {one["skipped"] for one in skipped} == {"the account is paused: their maintenance"}
    assert hub("lanes", "resume", "bmc", "--json").json["paused_at"] is None
    assert all(not one["skipped"] for one in hub("pull", "--json").json["streams"])
    entries = hub("journal", "show", "account:bmc", "--json").json["entries"]
    assert ("paused", "marie") in [(one["kind"], one["data"].get("who")) for one in entries]
    assert "their maintenance" not in str(entries)
    assert hub("lanes", "pause", "nobody", "--reason", "x", "--json", code=64).error["kind"] == "NotFound"


def test_a_report_names_differences_and_changes_nothing(hub, ticket, case, vendor):
    """With --report the difference stays; without, it is taken in, and the next comparison finds none."""
    vendor.do(lambda: vendor.sim.engineer.take(case))
    vendor.do(lambda: vendor.sim.engineer.answer(case, "on it"))
    for _ in range(2):
        report = hub("reconcile", "--report", "--json").json
        assert report["compared"] == 1
        assert {"comment_new", "status"} <= {one["what"] for one in report["differences"]}
    assert "comment_new" in hub("reconcile", ticket, "--report").out
    assert hub("reconcile", ticket, "--json").json["differences"]
    assert hub("reconcile", "--json").json["differences"] == []
    assert hub("reconcile", "nobody", "--json", code=64).error["kind"] == "NotFound"


def test_a_case_that_cannot_be_compared_is_named(hub, ticket, case, vendor):
    """A vendor's error names the ticket, and the exit code says who has to act."""
    vendor.do(lambda: vendor.sim.faults.add(FaultRule(kind="http_403", method="GET")))
    result = hub("reconcile", "--json", code=78).json
    assert [one["ticket"] for one in result["errors"]] == [ticket]


def test_the_journal_is_proved_and_a_changed_entry_is_named(hub, ticket, environment):
    """An unaltered journal verifies; an entry changed behind the hub's back is named by chain and position."""
    assert hub("journal", "verify", "--json").json["ok"] is True
    _direct(environment, "ALTER TABLE journal DISABLE TRIGGER USER")
    _direct(environment, """UPDATE journal SET data = '{"source":"else"}' WHERE position = 1""")
    result = hub("journal", "verify", "--json", code=70).json
    assert [(one["chain"], one["position"]) for one in result["faults"]] == [(ticket, 1)]
    assert f"{ticket} 1:" in hub("journal", "verify", code=70).out
    assert hub("journal", "show", "nothing", "--json", code=64).error["kind"] == "NotFound"


def test_the_status_tells_what_waits(hub, ticket, case):
    """Lanes, streams and the journal's last entry are shown; queued operations are counted with their age."""
    hub("comment", ticket, "waits", "--visibility", "vendor")
    printed = hub("status", "--json").json
    assert [(one["lane"]["account"], one["queue"]["waiting"]) for one in printed["lanes"]] == [("bmc", 1)]
    assert {one["kind"] for one in printed["streams"]} == {"articles", "cases", "files", "patches", "reconcile"}
    assert printed["last_entry"] is not None
    assert printed["workers"] == []
    text = hub("status").out
    assert "no worker is running" in text
    assert max(map(len, text.splitlines())) <= 80


def test_an_account_is_checked(hub, monkeypatch):
    """A good account passes; with a wrong password the check exits with 78 and does not print it."""
    good = hub("check", "--json").json
    assert good["ok"] is True
    assert good["findings"]["bmc"]
    monkeypatch.setenv("HUB_ACCOUNTS__BMC__PASSWORD", "wr0ng-pass")
    bad = hub("check", "bmc", code=78)
    assert "FAILED" in bad.out
    assert "wr0ng-pass" not in bad.out + bad.err
    assert hub("check", "nobody", "--json", code=64).error["kind"] == "NotFound"


def test_an_account_that_cannot_be_used_fails_the_check_only(hub, config):
    """A broken account is a finding of `check`; other commands and accounts go on."""
    config.write_text(config.read_text() + '\n[accounts.other]\nvendor = "acme"\n')
    findings = hub("check", "--json", code=78).json["findings"]
    assert [one["name"] for one in findings["plugins"]] == ["account other"]
    assert all(one["ok"] for one in findings["bmc"])
    assert hub("tickets", "list", "--json").json["tickets"] == []


def test_plugins_are_listed_with_what_they_can_do(hub, monkeypatch):
    """JSON has each plugin's version and hooks, the text says the same in operators' words; a blocked one is named."""
    assert hub("plugins", "list").out == hub("plugins").out
    entries = {entry["name"]: entry for entry in hub("plugins", "--json").json["loaded"]}
    assert entries["bmc_remedy"]["version"]
    assert {"open_case", "find_case", "simulator"} <= set(entries["bmc_remedy"]["capabilities"])
    words = " ".join(hub("plugins").out.split())
    assert "bmc_remedy: opens cases, updates cases" in words
    assert "open_case" not in words
    monkeypatch.setenv("HUB_BLOCKED_PLUGINS", "bmc_remedy")
    assert hub("plugins", "--json").json["blocked"] == ["bmc_remedy"]
    assert "blocked: bmc_remedy" in hub("plugins").out


def test_what_a_vendor_can_do_is_shown_whole_at_80_columns(hub) -> None:
    """Each platform's list is whole, wrapped between words; so are the reasons for exemptions."""
    listed = hub("plugins").out
    words = " ".join(listed.split())
    for entry in hub("plugins", "--json").json["loaded"]:
        for platform, can in (entry["platforms"] or {"": entry["capabilities"]}).items():
            assert f"{' '.join(filter(None, (entry['name'], platform)))}: {', '.join(abilities(can))}" in words
    sheets = hub("plugins", "quality").out
    reasons = hub("plugins", "quality", "--json").json["winmagic"]["exempt"]
    assert reasons
    for rule, reason in reasons.items():
        assert f"winmagic is exempt from {rule}: {reason}" in " ".join(sheets.split())
    assert max(map(len, (listed + sheets).splitlines())) <= 80


def test_one_plugin_is_shown(hub) -> None:
    """With its vendor, its abilities one a line, and its notes; an unknown one is not found."""
    shown = hub("plugins", "show", "bmc_remedy").out
    assert "\n  opens cases\n" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "open_case" in hub("plugins", "show", "bmc_remedy", "--json").json["capabilities"]
    assert hub("plugins", "show", "acme", "--json", code=64).error["kind"] == "NotFound"


def test_the_quality_of_plugins_is_listed(hub) -> None:
    """Each plugin's claimed tier, and with --json its exemptions."""
    assert hub("plugins", "quality", "--json").json["bmc_remedy"] == {"tier": "gold", "exempt": {}}
    assert "gold" in hub("plugins", "quality").out
