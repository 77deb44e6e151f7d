"""The sample tickets that ship with the hub are what its documentation says they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import hub.desk
from hub.desk import SAMPLES, BadRow, load_mapping, read_tickets
from hub.desk.layout import detect_layout
from hub.errors import BadInput
from hub.model import Severity, TicketDraft

VENDORS = {"bmc_remedy", "bomgar", "rightanswers", "gemalto", "winmagic", "entrust", "mobile_reach"}


def drafts(name: str) -> list[TicketDraft]:
    found = list(read_tickets(SAMPLES / f"{name}.csv", load_mapping(SAMPLES / f"{name}.toml")))
    assert [item for item in found if isinstance(item, BadRow)] == []
    return [item for item in found if isinstance(item, TicketDraft)]


def test_the_samples_lie_inside_the_package() -> None:
    """They travel with the wheel."""
    assert Path(hub.desk.__file__).parent in SAMPLES.parents


def test_about_two_hundred_tickets_cover_seven_vendors_and_two_languages() -> None:
    """At least 40 are about BMC, one in four is French, and few are S1."""
    tickets = drafts("tickets")
    assert 190 <= len(tickets) <= 220
    vendors = Counter(ticket.vendor for ticket in tickets)
    assert set(vendors) == VENDORS
    assert vendors["bmc_remedy"] >= 40
    assert min(vendors.values()) >= 20
    assert 0.2 < sum(ticket.language == "fr" for ticket in tickets) / len(tickets) < 0.3
    severities = Counter(ticket.severity for ticket in tickets)
    assert set(severities) == set(Severity)
    assert severities[Severity.S1] < len(tickets) * 0.1


def test_every_sample_ticket_is_complete_and_its_own() -> None:
    """Number, title, product, customer, contact and date are there; no number or text appears twice."""
    for name in ("tickets", "export-francais"):
        tickets = drafts(name)
        assert all(t.product and t.customer and t.contact.email and t.created_at for t in tickets)
        assert len({ticket.source_id for ticket in tickets}) == len(tickets)
        assert len({ticket.title for ticket in tickets}) == len(tickets)
        texts = [ticket.description for ticket in tickets if ticket.description]
        assert len(set(texts)) == len(texts)


def test_the_samples_hold_what_real_tickets_hold() -> None:
    """Line breaks of both kinds, emoji, right-to-left text, and secrets for the redaction to find."""
    text = "\n".join(f"{ticket.title}\n{ticket.description}" for ticket in drafts("tickets"))
    for part in ("\r\n", "ARERR", "😐", "محمد", "PRIVATE KEY", "SIN ", "4111 1111", "Bearer ", "mot de passe"):
        assert part in text, part


def test_every_address_is_a_reserved_one() -> None:
    """No mail can reach a real person: all addresses end in .example."""
    for name in ("tickets", "export-francais"):
        assert all(ticket.contact.email.endswith(".example") for ticket in drafts(name))


def test_the_french_export_needs_and_gets_its_mapping() -> None:
    """It is cp1252 with semicolons and French names, dates and words."""
    layout = detect_layout(SAMPLES / "export-francais.csv")
    assert (layout.encoding, layout.delimiter) == ("cp1252", ";")
    tickets = drafts("export-francais")
    assert {ticket.language for ticket in tickets} == {"fr"}
    assert {ticket.vendor for ticket in tickets} == VENDORS
    assert any("œ" in ticket.description for ticket in tickets)
    with pytest.raises(BadInput, match=r"columns\.source_id"):
        list(read_tickets(SAMPLES / "export-francais.csv"))
