"""Texts for and from vendors: keys, safe file names, times in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import FieldRefused, VendorMisbehaved
from hub.model import CaseDraft, Contact, Severity
from hub.platforms import texts

KEY, OPERATION = "RJR-000123-7F3KQ", "RJR-000123-7F3KQ/3-X2QF"
WORDS = st.text(st.characters(exclude_categories=["C"]), max_size=300)


@given(WORDS)
def test_a_titles_key_is_found_again_and_the_limit_kept(title: str) -> None:
    """The key is at the start of any title, and only the title is cut."""
    marked = texts.titled(title, KEY, 100)
    assert len(marked) <= 100
    assert texts.title_key(marked + " ") == KEY
    assert KEY not in texts.untitled(marked + " ")


def test_a_title_without_a_key_has_none() -> None:
    """Brackets that people write are not a key unless they are first, complete and in the right form."""
    for title in ("Login fails", "[urgent] Login fails", "Login [RJR-000123-7F3KQ]", "[RJR-1 2] x"):
        assert texts.title_key(title) == ""
        assert texts.untitled(title) == title


@given(WORDS)
def test_a_comments_key_is_found_again(body: str) -> None:
    """The body is unchanged, and so is the operation's key."""
    assert texts.unmarked(texts.marked(body, OPERATION)) == (body.rstrip(), OPERATION)


def test_a_comment_that_quotes_a_key_keeps_it() -> None:
    """Only an operation's key at the very end is ours; a bond's key there is written by people."""
    for body in ("Re: [RJR-000123-7F3KQ/3-X2QF] thanks", "see [RJR-000123-7F3KQ]", "plain"):
        assert texts.unmarked(body) == (body, "")


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
def test_a_file_name_has_no_path_and_no_special_characters(given_name: str, kept: str) -> None:
    """Paths, control characters and quotes are removed; letters of any script and the extension stay."""
    assert texts.file_name(given_name) == kept


@pytest.mark.parametrize("bad", ["a\0b", "half \ud83d"])
def test_text_that_can_not_be_stored_names_its_field(bad: str) -> None:
    """NUL and half a surrogate pair are refused before anything is sent."""
    with pytest.raises(FieldRefused) as caught:
        texts.storable(bad, "body")
    assert caught.value.field == "body"
    assert texts.storable("CRLF\r\n😀 \u2028", "body") == "CRLF\r\n😀 \u2028"


def test_times_are_read_in_utc() -> None:
    """The wire form has no colon in its offset; an unset field has no time."""
    assert texts.moment({"At": "2025-10-16T10:51:45.000+0200"}, "At") == datetime(2025, 10, 16, 8, 51, 45, tzinfo=UTC)
    assert texts.moment({"At": None}, "At", "Else") is None


@pytest.mark.parametrize("value", ["yesterday", "2025-10-16T10:51:45", 17, {"a": 1}])
def test_an_invalid_time_is_an_error_without_its_value(value: object) -> None:
    """The field is named, the value isn't."""
    with pytest.raises(VendorMisbehaved) as caught:
        texts.moment({"At": value}, "At")
    assert "'At'" in caught.value.message
    assert "2025" not in caught.value.message


def test_a_new_case_has_all_known_values_and_nothing_empty() -> None:
    """Product, customer, contact and ticket follow the description; unknown values have no line."""
    draft = CaseDraft(
        key=KEY, title="Login fails", description="Since Monday.", severity=Severity.S3, ticket_number="T-17"
    )
    assert texts.details(draft) == "Since Monday.\n\nRjR ticket: T-17"
    complete = draft.evolve(product="Vault 5", customer="Acme", contact=Contact(name="Ann Lee", phone="+1 555 0100"))
    assert texts.details(complete, "Login fails at the gate") == (
        "Login fails at the gate\n\nSince Monday.\n\n"
        "Product: Vault 5\nCustomer: Acme\nContact: Ann Lee, +1 555 0100\nRjR ticket: T-17"
    )
