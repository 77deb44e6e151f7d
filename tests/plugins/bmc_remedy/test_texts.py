"""Texts as the vendor's fields hold them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model import CaseDraft, Contact, Severity
from plugins.bmc_remedy import texts

KEYS = st.text("ABCxyz0189-/_.", min_size=1, max_size=30)
BONDS = st.from_regex(r"[A-Z][A-Z0-9]{0,9}-[0-9]{1,12}-[0-9][0-9A-HJKMNP-TV-Z]{4}", fullmatch=True)


def draft(**changes: object) -> CaseDraft:
    """A draft like this one, but."""
    known = {"key": "K-1", "title": "Short", "description": "Long", "severity": Severity.S3, "ticket_number": ""}
    return CaseDraft(**(known | changes))  # type: ignore[arg-type]


@given(st.text(st.characters(exclude_categories=["C"]), max_size=300), st.integers(60, 254), BONDS)
def test_a_summary_fits_and_keeps_its_key(title: str, limit: int, key: str) -> None:
    """However long the title, the summary stays within the limit and the key in brackets is found again."""
    short = texts.summary(title, limit, key)
    assert len(short) <= limit
    assert texts.bracketed_key(short) == key
    assert texts.without_key(short) == texts.summary(title, limit - len(key) - 3).rstrip()


@pytest.mark.parametrize(
    "title", ["Disk fails [SAN-01]", "See [KB0021016]", "x [RJR-000001-7F3KQ/3-X2QF]", "[main-menu/open]"]
)
def test_a_title_that_ends_in_brackets_keeps_them(title: str) -> None:
    """Only a bond's key is ours."""
    assert texts.bracketed_key(title) == ""
    assert texts.without_key(title) == title


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=400))
def test_a_long_title_is_read_back_whole(title: str) -> None:
    """The details lead with it, and reading joins the two again."""
    title = title.strip() or "x"
    short, long = texts.summary(title, 100), texts.details(draft(title=title), 100)
    assert texts.full_title(short, long) == (title if len(" ".join(title.split())) > 100 else short)


def test_a_title_shortened_by_the_vendor_stays_as_it_is() -> None:
    """An ellipsis alone does not make the first line of the details the title."""
    assert texts.full_title("Something …", "Other text\n\nmore") == "Something …"


def test_details_say_what_the_form_has_no_field_for() -> None:
    """Product, customer, contact and ticket number that may leave follow the description, line by line."""
    told = texts.details(
        draft(product="Shop", customer="Acme", ticket_number="RJR-1", contact=Contact(name="Ann", phone="12")), 100
    )
    assert told == "Long\n\nProduct: Shop\nCustomer: Acme\nContact: Ann, 12\nRjR ticket: RJR-1"


@given(KEYS)
def test_a_notes_key_is_found_again(key: str) -> None:
    """Whatever the pattern around it."""
    for pattern in ("RjR {key}", "[{key}] from RjR", "{key} *"):
        assert texts.note_key(pattern, texts.note_summary(pattern, key)) == key


@pytest.mark.parametrize("summary", ["", "RjR", "RjR ", "About RjR 12", "RjR 12 and more", "rjr 12"])
def test_a_foreign_note_has_no_key(summary: str) -> None:
    """Only the exact pattern is ours."""
    assert not texts.note_key("RjR {key}", summary)
