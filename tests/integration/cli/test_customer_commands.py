"""The commands of customers, contracts and plans."""

from __future__ import annotations

import pytest

FILE = """number,name,language,province,contact_name,contact_email,contract,plan,starts_on,ends_on
100,Northwind,fr,QC,Ana,ana@n.example,K-1,Fast-Track,2020-01-01,
"""


@pytest.fixture
def northwind(hub, tmp_path):
    """A customer with one contract, imported."""
    path = tmp_path / "customers.csv"
    path.write_text(FILE)
    assert hub("customers", "import", str(path), "--json").json == {"added": 1, "changed": 0, "unchanged": 0}
    return path


def test_customers_are_imported_once_listed_and_shown(hub, northwind):
    """The same file again changes nothing."""
    assert "unchanged  1" in hub("customers", "import", str(northwind)).out
    assert "K-1 fast-track" in hub("customers", "list").out
    listed = hub("customers", "list", "--find", "NORTH", "--json").json
    assert [one["number"] for one in listed["customers"]] == ["100"]
    assert hub("customers", "list", "--find", "zzz").out == "no customers\n"
    printed = hub("customers", "show", "100").out
    assert "Ana <ana@n.example>" in printed
    assert "fast-track, from 2020-01-01, open-ended" in printed
    assert hub("customers", "show", "9", "--json", code=64).error["kind"] == "NotFound"


def test_a_bad_file_is_refused_whole(hub, northwind):
    """Each fault is printed with its row and column, and nothing is stored."""
    northwind.write_text(FILE + "200,Contoso,,,,,K-2,gold,2020-01-01,\n")
    error = hub("customers", "import", str(northwind), "--json", code=64).error
    assert "line 3, column plan: unknown plan 'gold'" in error["message"]
    assert hub("customers", "show", "200", code=64)


def test_customers_and_contracts_are_added_and_changed(hub, northwind):
    """Fields that are not given stay unchanged; invalid values are named; the journal records who did it."""
    hub("customers", "add", "300", "--name", "Fabrikam", "--contact", "Bo <bo@f.example>", "--as", "carla")
    hub("customers", "add", "300", "--name", "Fabrikam", code=65)
    hub("customers", "edit", "300", "--zone", "America/Vancouver", "--account-manager", "carla")
    shown = hub("customers", "show", "300", "--json").json
    assert (shown["zone"], shown["account_manager"], shown["name"]) == ("America/Vancouver", "carla", "Fabrikam")
    assert shown["contacts"] == [{"name": "Bo", "email": "bo@f.example", "phone": ""}]
    assert "zone" in hub("customers", "edit", "300", "--zone", "Mars", "--json", code=64).error["message"]
    hub("customers", "edit", "300", code=64)
    words = ("--customer", "300", "--plan", "continuous", "--start", "2026-01-01")
    assert "open-ended" in hub("contracts", "add", "K-3", *words).out
    hub("contracts", "add", "K-3", *words, code=65)
    hub("contracts", "edit", "K-3", "--end", "2026-12-31", "--product", "Helix")
    assert "until 2026-12-31, for Helix" in hub("customers", "show", "300").out
    hub("contracts", "edit", "K-3", "--end", "")
    assert "open-ended" in hub("customers", "show", "300").out
    hub("contracts", "edit", "K-3", code=64)
    printed = hub("journal", "show", "customer:300", "--json").json
    assert [one["kind"] for one in printed["entries"]] == [
        "customer_added",
        "customer_changed",
        "contract_added",
        "contract_changed",
        "contract_changed",
    ]
    assert printed["entries"][0]["data"]["who"] == "carla"


def test_a_ticket_without_contract_is_seen_and_decided(hub, northwind):
    """It is listed with the reason, shown as such, and an operator chooses."""
    number = hub("tickets", "add", "--title", "T", "--severity", "S2", "--customer", "Unknown").out.strip()
    known = hub("tickets", "add", "--title", "T", "--severity", "S2", "--customer", "northwind").out.strip()
    (missing,) = hub("contracts", "missing", "--json").json["tickets"]
    assert (missing["ticket"], missing["plan"], missing["why"]) == (number, "", "the ticket's customer is unknown")
    assert "is unknown" in hub("contracts", "missing").out
    assert "none: the ticket's customer" in hub("tickets", "show", number).out
    assert "fast-track, contract K-1" in hub("tickets", "show", known).out
    assert hub("contracts", "of", known, "--json").json["contract"] == "K-1"
    hub("contracts", "assign", number, "K-1")
    assert hub("tickets", "show", number, "--json").json["coverage"]["why"] == "chosen by an operator"
    assert hub("contracts", "missing").out == "every open ticket has a contract\n"
    hub("contracts", "assign", number)
    assert "none" in hub("contracts", "of", number).out
    hub("contracts", "of", "RJR-999999", code=64)


def test_tickets_without_contract_go_on_where_the_page_ended(hub):
    """A full page names the id to go on with."""
    numbers = [hub("tickets", "add", "--title", name, "--severity", "S3").out.strip() for name in "abc"]
    page = hub("contracts", "missing", "--limit", "2", "--json").json
    rest = hub("contracts", "missing", "--before", str(page["next_before"]), "--json").json
    assert [one["ticket"] for one in page["tickets"] + rest["tickets"]] == numbers[::-1]
    assert f"--before {page['next_before']}" in hub("contracts", "missing", "--limit", "2").out


def test_plans_are_listed_and_shown(hub, config, tmp_path):
    """With their goals and features; another offer's when the setting names one."""
    assert [one["name"] for one in hub("plans", "--json").json["plans"]] == ["fast-track", "continuous"]
    assert "1 clock hour" in " ".join(hub("plans", "show", "Continuous").out.split())
    printed = hub("plans", "show", "fast-track", "--json").json
    assert printed["features"]["emergency"]["included"] is False
    assert hub("plans", "show", "gold", "--json", code=78).error["kind"] == "SettingsError"
    config.write_text('offer = "none.toml"\n' + config.read_text())
    assert "none.toml" in hub("plans", "--json", code=78).error["message"]


@pytest.fixture
def covered(hub, northwind):
    """A ticket under Fast-Track."""
    return hub("tickets", "add", "--title", "T", "--severity", "S2", "--customer", "100").out.strip()


def test_a_feature_is_checked_and_overridden(hub, covered):
    """A script can use the exit code; the reason is in the ticket's timeline."""
    assert hub("plans", "check", covered, "patches").out == "patch support: included; Fast-Track includes it\n"
    refused = hub("plans", "check", covered, "custom_reports", "--json", code=65).json
    assert (refused["allowed"], refused["plan"]) == (False, "fast-track")
    words = ("--override", "pilot", "--as", "carla")
    assert "overridden by carla: pilot" in hub("plans", "check", covered, "custom_reports", *words).out
    assert "pilot" in hub("timeline", covered).out
    hub("plans", "check", covered, "pizza", code=64)


def test_patches_for_a_ticket_need_its_plan(hub, northwind, covered):
    """A ticket without a plan gets none, unless an operator has a reason."""
    assert hub("patches", "list", "--ticket", covered)
    other = hub("tickets", "add", "--title", "T", "--severity", "S2").out.strip()
    error = hub("patches", "list", "--ticket", other, "--json", code=65).error
    assert (error["kind"], error["who_acts"]) == ("NotIncluded", "owner")
    hub("patches", "show", "1", "--ticket", other, code=65)
    hub("patches", "list", "--ticket", other, "--override", "a security fix")
    hub("patches", "list", "--ticket", other)


def test_appointments_are_made_listed_and_settled(hub, covered):
    """In business hours nothing more is needed; invalid values are named."""
    out = hub("appointments", "add", covered, "--at", "2099-06-02T10:00", "--agent", "bo").out
    assert "in business hours" in out
    listed = hub("appointments", "list", "--json").json["appointments"]
    assert [(one["ticket"], one["who"], one["minutes"]) for one in listed] == [(covered, "bo", 60)]
    assert "planned" in hub("appointments", "list").out
    assert "is done" in hub("appointments", "done", str(listed[0]["id"])).out
    hub("appointments", "cancel", str(listed[0]["id"]), code=65)
    assert hub("appointments", "list").out == "no appointments\n"
    assert "done" in hub("appointments", "list", "--ticket", covered).out
    sunday = ("appointments", "add", covered, "--at", "2099-06-07T10:00-05:00")
    assert "Continuous does" in hub(*sunday, "--json", code=65).error["message"]
    assert "after hours" in hub(*sunday, "--override", "moved by us").out
    assert "at: 'soon'" in hub("appointments", "add", covered, "--at", "soon", "--json", code=64).error["message"]


def test_follow_ups_are_listed_and_told(hub, northwind):
    """For plans that include them."""
    assert hub("appointments", "follow-ups").out == "no follow-up calls due\n"
    hub("contracts", "edit", "K-1", "--plan", "continuous")
    hub("customers", "edit", "100", "--account-manager", "carla")
    (due,) = hub("appointments", "follow-ups", "--json").json["follow_ups"]
    assert (due["contract"], due["account_manager"]) == ("K-1", "carla")
    assert "2026-02-03" in hub("appointments", "followed", "K-1", "--on", "2026-01-03").out
    assert "2026-02-03" in hub("appointments", "follow-ups").out
