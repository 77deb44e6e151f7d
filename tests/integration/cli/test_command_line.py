"""The command line itself: setting up, errors, exit codes, processes and signals."""

from __future__ import annotations

import json
import secrets
import signal
import socket

import pytest

from hub import insights


@pytest.fixture
def empty(server):
    """The address of a database that was never set up."""
    name = f"empty_{secrets.token_hex(6)}"
    yield server.create_database(name)
    server.drop_database(name)


def test_init_sets_up_and_may_be_run_again(hub, empty, monkeypatch, tmp_path):
    """Before `init`, a command's next step is to run it; afterwards the hub has one id, and the example is kept."""
    monkeypatch.setenv("HUB_DATABASE_URL", empty)
    path = tmp_path / "fresh.toml"
    monkeypatch.setenv("HUB_CONFIG", str(path))
    path.write_text("")
    before = hub("tickets", "list", "--json", code=78)
    assert before.error["next_step"] == "run `hub init`"
    path.unlink()
    first = hub("init", "--json").json
    assert first["settings_written"] is True
    assert "[accounts.bmc-remedy]" in path.read_text()
    again = hub("--config", str(path), "init", "--json").json
    assert (again["hub_id"], again["settings_written"]) == (first["hub_id"], False)
    assert "hub check" in hub("init").out
    assert hub("tickets", "list", "--json").json["tickets"] == []


def test_a_wrong_setting_names_file_key_and_remedy(hub, config):
    """The error for a misspelt key names the file and the key that was meant."""
    config.write_text("lease_secnds = 5\n")
    refused = hub("status", code=78)
    assert str(config) in refused.err
    assert "lease_secnds" in refused.err
    assert "did you mean lease_seconds?" in refused.err
    printed = hub("status", "--json", code=78)
    assert printed.error["kind"] == "SettingsError"
    assert printed.out == ""


def test_a_wrong_command_line_exits_with_64(hub):
    """Unknown commands, missing arguments and wrong choices are the caller's, as text and as JSON."""
    assert "hub --help" in hub("nonsense", code=64).err
    assert hub("tickets", "add", "--json", code=64).error["who_acts"] == "caller"
    assert "S9" in hub("tickets", "add", "--title", "x", "--severity", "S9", code=64).err


def test_help_and_version_need_no_hub(hub, monkeypatch):
    """Both work with settings that can't be read."""
    monkeypatch.setenv("HUB_CONFIG", "/nowhere/hub.toml")
    assert hub("--version").out.startswith("rjr-hub ")
    for words in ([], ["tickets"], ["escalate"], ["parked", "edit"], ["demo"]):
        assert "Usage: hub" in hub(*words, "--help").out


def test_a_fault_of_the_hub_is_one_line_without_its_words(hub, monkeypatch):
    """An unexpected error exits with 70 and never quotes what it was about; --debug adds places, no words."""

    async def broken(*_, **__):
        raise RuntimeError("the customer's secret text")

    monkeypatch.setattr(insights, "tickets", broken)
    plain = hub("tickets", "list", code=70)
    assert len(plain.err.splitlines()) == 1
    assert "RuntimeError" in plain.err
    detailed = hub("--debug", "tickets", "list", code=70)
    assert "in broken" in detailed.err
    assert "secret text" not in plain.err + detailed.err
    assert hub("tickets", "list", "--json", code=70).error["kind"] == "Fault"


def test_ctrl_c_is_told_in_a_word(hub, monkeypatch):
    """An interrupted command exits with 130."""

    async def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(insights, "tickets", interrupted)
    assert hub("tickets", "list", code=130).err == "interrupted\n"


def test_a_database_that_is_away_is_the_operators(hub, monkeypatch):
    """A command without its database exits with 78 and names what to start; the address's password is not printed."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    monkeypatch.setenv("HUB_DATABASE_URL", f"postgresql://hub:pa55word@127.0.0.1:{port}/hub")
    refused = hub("status", "--json", code=78)
    assert refused.error["kind"] == "StorageUnavailable"
    assert "pa55word" not in refused.err
    assert hub("check", "--json", code=78).json["findings"]["hub"][0]["ok"] is False


def test_two_front_ends_get_one_case(hub, ticket, start, vendor, work):
    """Of two processes that escalate one ticket at once, one succeeds and the other reports a conflict."""
    racers = [start("escalate", ticket, "--vendor", "bmc_remedy", "--json") for _ in range(2)]
    ends = [(racer.communicate(timeout=60), racer.returncode) for racer in racers]
    assert sorted(code for _, code in ends) == [0, 65]
    loser = next(err for (_, err), code in ends if code)
    assert json.loads(loser)["error"]["kind"] == "Conflict"
    assert len(hub("bonds", "list", "--json").json["bonds"]) == 1
    work()
    assert len(vendor.sim.ledger.of("case")) == 1


def test_a_worker_that_is_told_to_stop_finishes_its_call(hub, ticket, start, vendor, until):
    """SIGTERM during a call: the worker waits for the reply, stores it, returns its seats and exits with 0."""
    hub("escalate", ticket, "--vendor", "bmc_remedy")
    vendor.sim.latency = 0.7
    worker = start("worker", HUB_LOG_FORMAT="json")
    until(lambda: vendor.sim.ledger.requests["POST create"])
    assert not vendor.sim.ledger.of("case")
    worker.send_signal(signal.SIGTERM)
    _, err = worker.communicate(timeout=30)
    assert worker.returncode == 0
    bond = hub("bonds", "show", ticket, "--json").json["bonds"][0]
    assert bond["bond"]["state"] == "open"
    assert [one["state"] for one in bond["operations"]] == ["done"]
    assert hub("status", "--json").json["workers"] == []
    records = [json.loads(row) for row in err.splitlines()]
    assert all({"time", "level", "logger", "event"} <= set(record) for record in records)
    assert "s3cret" not in err


def test_a_second_signal_ends_a_worker_at_once(hub, ticket, start, vendor, until):
    """A second SIGINT does not wait for the call that is under way."""
    hub("escalate", ticket, "--vendor", "bmc_remedy")
    vendor.sim.latency = 20
    worker = start("worker")
    until(lambda: vendor.sim.ledger.requests["POST login"])
    worker.send_signal(signal.SIGINT)
    with pytest.raises(Exception, match="timed out"):
        worker.wait(timeout=1)
    worker.send_signal(signal.SIGINT)
    assert worker.wait(timeout=5) == 128 + signal.SIGINT
    vendor.sim.latency = 0


def test_a_worker_waits_for_its_database(start):
    """A database that is away at the start is waited for, in words; SIGTERM still ends the worker with 0."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    worker = start("worker", HUB_DATABASE_URL=f"postgresql://hub@127.0.0.1:{port}/hub")
    assert "is waiting for the database" in worker.stderr.readline()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0


def test_a_simulated_vendor_prints_the_account_that_fits_it(hub, start, config, monkeypatch):
    """The printed table and variables make an account that passes its check; SIGTERM ends the vendor with 0."""
    simulated = start("simulate", "bmc_remedy", "--port", "0", "--json")
    text = ""
    while not text.endswith("\n}\n"):
        text += simulated.stdout.readline()
    printed = json.loads(text)
    table = "\n".join(f"{key} = {json.dumps(value)}" for key, value in printed["settings"].items())
    config.write_text(f"[accounts.{printed['account']}]\n{table}\n")
    monkeypatch.delenv("HUB_ACCOUNTS__BMC__PASSWORD")
    for name, value in printed["environment"].items():
        monkeypatch.setenv(name, value)
    assert hub("check", printed["account"], "--json").json["ok"] is True
    simulated.send_signal(signal.SIGTERM)
    assert simulated.wait(timeout=20) == 0
    assert hub("simulate", "acme", "--json", code=64).error["kind"] == "NotFound"
