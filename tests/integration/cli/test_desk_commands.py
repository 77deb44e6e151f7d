"""The commands for tickets: imported, escalated, commented and shown."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from datetime import datetime

from hub.desk import SAMPLES


def test_a_ticket_is_added_listed_and_shown(hub, ticket):
    """A new ticket has a number, and its fields come back as they were given."""
    listed = hub("tickets", "list", "--json").json
    assert [one["number"] for one in listed["tickets"]] == [ticket]
    assert listed["next_before"] is None
    shown = hub("tickets", "show", ticket, "--json").json
    assert shown["ticket"]["severity"] == 2
    assert shown["bonds"] == []
    text = hub("tickets", "show", ticket).out
    assert "S2" in text
    assert "password=hunter2" in text


def test_lists_go_on_where_the_page_ended(hub):
    """A full page names the id to go on with, and the pages together hold each ticket once."""
    for name in "abc":
        hub("tickets", "add", "--title", name, "--severity", "S3")
    page = hub("tickets", "list", "--limit", "2", "--json").json
    rest = hub("tickets", "list", "--before", str(page["next_before"]), "--json").json
    assert [one["title"] for one in page["tickets"] + rest["tickets"]] == ["c", "b", "a"]
    printed = hub("tickets", "list", "--limit", "2").out
    assert f"hub tickets list --before {page['next_before']}" in printed


def test_tables_fit_and_are_plain_off_a_terminal(hub):
    """No line is longer than 80 columns, and there is neither colour nor any other escape sequence."""
    hub("tickets", "add", "--title", "\x1b[31m[bold]very " + "long " * 40, "--severity", "S1", "--vendor", "bmc_remedy")
    out = hub("tickets", "list").out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out
    assert "[bold]very" in out


def test_an_import_tells_what_came_of_each_row(hub):
    """The shipped sample comes in; a second time nothing is added."""
    words = ("tickets", "import", str(SAMPLES / "tickets.csv"), "--mapping", str(SAMPLES / "tickets.toml"), "--json")
    first = hub(*words, code=None)
    again = hub(*words, code=None)
    assert first.json["added"] > 0
    assert again.json["added"] == 0
    assert again.json["unchanged"] == first.json["added"]
    assert first.code == (65 if first.json["rejected"] else 0)


def test_what_is_shown_is_what_leaves(hub, ticket, vendor, work):
    """A preview has method, path, body and hash; nothing leaves by it, and with its hash that very packet does."""
    preview = hub("escalate", ticket, "--vendor", "bmc_remedy", "--preview", "--json").json
    assert "hunter2" not in preview["body"]
    assert hub("bonds", "list", "--json").json["bonds"] == []
    assert preview["sha256"] in hub("escalate", ticket, "--vendor", "bmc_remedy", "--preview").out
    bond = hub("escalate", ticket, "--account", "bmc", "--expect", preview["sha256"], "--json").json
    work()
    sent = [one for one in vendor.sim.ledger.entries if one.kind == "case"]
    assert [one.sha256 for one in sent] == [hashlib.sha256(preview["body"].encode()).hexdigest()]
    assert bond["key"] == preview["key"]


def test_another_packet_than_expected_does_not_leave(hub, ticket):
    """A wrong hash is a conflict, which exits with 65 and ties nothing."""
    refused = hub("escalate", ticket, "--vendor", "bmc_remedy", "--expect", "0" * 64, "--json", code=65)
    assert refused.error["kind"] == "Conflict"
    assert hub("bonds", "list", "--json").json["bonds"] == []


def test_answers_come_from_a_file_and_singly(hub, ticket, tmp_path):
    """A single answer wins over the file's; one to an unknown question is refused by name."""
    file = tmp_path / "answers.toml"
    file.write_text('nonsense = "x"\n')
    refused = hub("escalate", ticket, "--vendor", "bmc_remedy", "--answers", str(file), "--json", code=64)
    assert "nonsense" in refused.error["message"]
    file.write_text("not a table")
    assert "answers.toml" in hub("escalate", ticket, "--vendor", "bmc_remedy", "--answers", str(file), code=64).err
    assert "no name" in hub("escalate", ticket, "--vendor", "bmc_remedy", "--answer", "x", code=64).err


def test_the_story_of_a_ticket_is_one(hub, ticket, case, vendor, work, tmp_path):
    """Comments, files and changes of both sides are in one timeline, found by ticket, case or bond."""
    log = tmp_path / "a.log"
    log.write_text("token: abcdef123456\n")
    assert hub("comment", ticket, "for us only", "--json").json["goes_to"] == []
    assert hub("comment", ticket, "for you", "--visibility", "vendor", "--json").json["goes_to"] == ["bmc"]
    assert hub("attach", ticket, str(log), "--visibility", "vendor", "--json").json["goes_to"] == ["bmc"]
    assert hub("tickets", "change", ticket, "--title", "Server is down", "--json").json["goes_to"] == ["bmc"]
    work()
    vendor.do(lambda: vendor.sim.engineer.answer(case, "have you tried \x1b[2J turning it off"))
    read = hub("pull", "--json").json["streams"]
    assert sum(one["comments"] for one in read) == 1
    assert all(not one["error"] and not one["skipped"] for one in read)
    by_ticket = hub("timeline", ticket).out
    assert by_ticket == hub("timeline", case).out
    positions = [by_ticket.index(text) for text in ("escalated", "for us only", "a.log")]
    assert positions == sorted(positions)
    assert "have you tried" in by_ticket
    assert "the vendor's comment by dlevesque (an answer, vendor; " in by_ticket
    bond = hub("bonds", "show", ticket).out
    for strength in ("delivered", "stored", "answered"):
        assert f"\n{strength} " in bond
        assert f"{strength} 2" in by_ticket
    assert "\x1b" not in by_ticket
    moments = hub("timeline", ticket, "--json").json["moments"]
    assert {one["what"] for one in moments} == {"journal", "comment", "attachment"}
    times = [datetime.fromisoformat(one["at"]) for one in moments]
    assert times == sorted(times)
    notes = [json.dumps(one.values) for one in vendor.sim.ledger.entries if one.kind == "note"]
    assert not any("for us only" in note or "abcdef123456" in note for note in notes)


def test_a_private_comment_does_not_go_where_it_is_sent(hub, ticket, case):
    """Sending a private comment to an account is refused, with the exit code for the ticket's owner."""
    refused = hub("comment", ticket, "secret words", "--to", "bmc", "--json", code=65)
    assert refused.error["kind"] == "NotDisclosed"
    assert "secret words" not in refused.err


def test_closing_and_reopening_reach_the_case(hub, ticket, case, work):
    """A closed ticket's case is closed, and a second closing is a conflict."""
    assert hub("tickets", "close", ticket, "--resolution", "restarted", "--json").json["goes_to"] == ["bmc"]
    work()
    assert hub("bonds", "show", ticket, "--json").json["bonds"][0]["bond"]["state"] == "closed"
    hub("tickets", "close", ticket, code=65)
    assert hub("tickets", "reopen", ticket, "--json").json["goes_to"] == ["bmc"]


def test_a_bond_is_untied_and_tied_again(hub, ticket, case):
    """Unlink, relink and connect lead to the states they are named for, and each appears in the list."""
    assert hub("bonds", "unlink", ticket, "--json").json["state"] == "unlinked"
    assert hub("bonds", "list", "--state", "unlinked", "--json").json["bonds"][0]["reference"]["number"] == case
    assert hub("bonds", "relink", ticket, "--json").json["state"] == "open"
    other = hub("tickets", "add", "--title", "other", "--severity", "S3").out.strip()
    assert hub("bonds", "connect", other, case, "--account", "bmc", "--json", code=65).error["kind"] == "Conflict"
    hub("bonds", "unlink", ticket)
    tied = hub("bonds", "connect", other, case, "--account", "bmc", "--json").json
    assert (tied["ticket_number"], tied["reference"]["number"]) == (other, case)
    assert case in hub("bonds", "show", other).out
    assert "open" in hub("bonds", "list", "--state", "no_such", code=64).err


def test_settings_are_explained_and_shown_without_secrets(hub, config):
    """The example is valid TOML with nothing in force; what is shown names each origin and masks the password."""
    assert tomllib.loads(hub("config", "example").out) == {}
    printed = hub("config", "show", "--origin")
    assert "s3cret" not in printed.out
    assert re.search(r"accounts\.bmc\.password +\*\*\*  \(environment\)", printed.out)
    rows = {row["key"]: row for row in hub("config", "show", "--json").json["settings"]}
    assert rows["accounts.bmc.base_url"]["origin"] == str(config)
