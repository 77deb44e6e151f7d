"""Texts as the vendor's fields hold them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import FieldRefused, VendorMisbehaved
from hub.model import CaseDraft, Contact, Severity
from plugins.bmc_remedy import texts

KEYS = st.text("ABCxyz0189-/_.", min_size=1, max_size=30)


def draft(**changes: object) -> CaseDraft:
    """A draft like this one, but."""
    known = {
        "key": "K-1",
        "title": "Short",
        "description": "Long",
        "severity": Severity.S3,
        "ticket_number": "",
    }
    return CaseDraft(**(known | changes))  # type: ignore[arg-type]


@given(st.text(st.characters(exclude_categories=["C"]), max_size=300), st.integers(60, 254), KEYS)
def test_a_summary_fits_and_keeps_its_key(title: str, limit: int, key: str) -> None:
    """However long the title, the summary stays within the limit and the key in brackets is found again."""
    short = texts.summary(title, limit, key)
    assert len(short) <= limit
    assert texts.bracketed_key(short) == key
    assert texts.without_key(short) == texts.summary(title, limit - len(key) - 3).rstrip()


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
        draft(
            product="Shop", customer="Acme", ticket_number="RJR-1", contact=Contact(name="Ann", phone="12")
        ),
        100,
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


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("app.log", "app.log"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\dump.bin", "dump.bin"),
        ("..", "file"),
        ("", "file"),
        ("a/", "file"),
        ('in"ject\r\nX: y.txt', "injectX y.txt"),
        ("\u202egpj.exe", "gpj.exe"),
        ("schéma 😀.png", "schéma 😀.png"),
        ("n" * 300 + ".tar", "n" * 116 + ".tar"),
        ("." + "n" * 300, "n" * 120),
    ],
)
def test_a_file_name_carries_no_path_and_no_tricks(given_name: str, kept: str) -> None:
    """Paths, control characters and quotes go; letters of any script stay; the extension survives."""
    assert texts.file_name(given_name) == kept


@pytest.mark.parametrize("bad", ["a\0b", "half \ud83d"])
def test_what_cannot_be_stored_names_its_field(bad: str) -> None:
    """NUL and half a surrogate pair are refused before anything leaves."""
    with pytest.raises(FieldRefused) as caught:
        texts.storable(bad, "body")
    assert caught.value.field == "body"
    assert texts.storable("CRLF\r\n😀 \u2028", "body") == "CRLF\r\n😀 \u2028"


def test_times_are_read_in_utc() -> None:
    """The wire form has no colon in its offset; an unset field has no time."""
    assert texts.moment({"At": "2025-10-16T10:51:45.000+0200"}, "At") == datetime(
        2025, 10, 16, 8, 51, 45, tzinfo=UTC
    )
    assert texts.moment({"At": None}, "At", "Else") is None


@pytest.mark.parametrize("value", ["yesterday", "2025-10-16T10:51:45", 17, {"a": 1}])
def test_a_time_that_is_none_is_an_error_without_its_value(value: object) -> None:
    """The field is named, the value isn't."""
    with pytest.raises(VendorMisbehaved) as caught:
        texts.moment({"At": value}, "At")
    assert "'At'" in caught.value.message
    assert "2025" not in caught.value.message
