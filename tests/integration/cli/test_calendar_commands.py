"""The commands of calendars."""

from __future__ import annotations

from pathlib import Path

import pytest

OFFER = (Path(__file__).parents[3] / "hub/sla/offer.toml").read_text("utf-8")


def test_a_years_days_are_shown_with_their_reasons(hub, config, tmp_path):
    """Each with weekday, name and reason; a calendar is named where there are several."""
    printed = hub("calendar", "show", "2027", "--json").json
    assert (printed["calendar"], printed["zone"], printed["year"]) == ("eastern", "America/Toronto", 2027)
    days = {one["day"]: one for one in printed["days"]}
    assert days["2027-09-30"]["reason"] == "observed by the federal government"
    assert days["2027-12-28"]["name"] == "Boxing Day (observed)"
    assert "2027-08-02" not in days
    out = " ".join(hub("calendar", "show", "2027").out.split())
    assert "2027-02-15 Monday Family Day statutory in Ontario" in out
    assert hub("calendar", "show", "2027", "--calendar", "mars", "--json", code=64).error["kind"] == "NotFound"
    two = OFFER + '\n[calendars.utc]\ntitle = "UTC"\nzone = "UTC"\nversion = "1"\nhours = {}\n'
    (tmp_path / "two.toml").write_text(two, "utf-8")
    config.write_text(f'offer = "{tmp_path / "two.toml"}"\n' + config.read_text())
    assert "several" in hub("calendar", "show", "2027", "--json", code=64).error["message"]
    assert "no holidays" in hub("calendar", "show", "2027", "--calendar", "utc").out
    assert [one["name"] for one in hub("calendar", "list", "--json").json["calendars"]] == ["eastern", "utc"]
    assert "America/Toronto" in hub("calendar", "list").out


@pytest.fixture
def tickets(hub):
    """A ticket under Continuous, and one without a contract."""
    hub("customers", "add", "100", "--name", "Northwind")
    hub("contracts", "add", "K-1", "--customer", "100", "--plan", "continuous", "--start", "2020-01-01")
    words = ("tickets", "add", "--title", "T", "--severity", "S2", "--customer")
    return [hub(*words, name).out.strip() for name in ("Northwind", "Unknown")]


def test_tickets_whose_deadline_moves_are_listed(hub, tickets, tmp_path):
    """Those with a plan that wait for an answer; an equal version is remarked upon."""
    old = tmp_path / "old.toml"
    old.write_text(OFFER, "utf-8")
    assert "no deadline moves" in hub("calendar", "compare", str(old)).out
    old.write_text(OFFER.replace('S2 = "4 business hours"', 'S2 = "9 business hours"'), "utf-8")
    printed = hub("calendar", "compare", str(old), "--json").json
    assert [(one["ticket"], one["plan"]) for one in printed["moved"]] == [(tickets[0], "continuous")]
    assert (printed["waiting"], printed["old"]["offer"]) == (1, "2026-1")
    out = " ".join(hub("calendar", "compare", str(old)).out.split())
    assert "1 of 1 unanswered ticket affected" in out
    assert "same versions" in out
    new = tmp_path / "new.toml"
    new.write_text(OFFER.replace("2026-1", "2027-1"), "utf-8")
    assert "same versions" not in hub("calendar", "compare", str(old), str(new)).out
    hub("comment", tickets[0], "We are on it.", "--visibility", "public")
    assert hub("calendar", "compare", str(old), "--json").json["waiting"] == 0
    assert "none.toml" in hub("calendar", "compare", str(tmp_path / "none.toml"), "--json", code=78).error["message"]
