"""Texts for and from vendors: keys, safe file names, times in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import FieldRefused, VendorMisbehaved
from hub.model import CaseDraft, Contact, Severity
from hub.platforms import texts
from hub.platforms.releases import last_change

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
    for title in (
        *("Login fails", "[urgent] Login fails", "Login [RJR-000123-7F3KQ]", "[RJR-1 2] x", "[SAN-01] disk failing"),
        *("[main-menu/open] does nothing", f"[{OPERATION}] x", f"[{KEY}]x"),
    ):
        assert texts.title_key(title) == ""
        assert texts.untitled(title) == title


def test_only_the_cases_own_key_is_taken_off_its_title() -> None:
    """Another ticket's key is what somebody wrote; a key of another system says nothing about ours."""
    other = "RJR-000009-8G4KR"
    assert texts.untitled(f"[{KEY}] x", KEY) == "x"
    assert texts.untitled(f"[{other}] x", KEY) == f"[{other}] x"
    assert texts.untitled(f"[{KEY}] x", "CRM-17") == "x"


@given(WORDS)
def test_a_comments_key_is_found_again(body: str) -> None:
    """The body is unchanged, and so is the operation's key."""
    assert texts.unmarked(texts.marked(body, OPERATION)) == (body.rstrip(), OPERATION)


def test_a_comment_that_quotes_a_key_keeps_it() -> None:
    """Only an operation's key on the last line is ours; other words in brackets are written by people."""
    for body in (
        *(
            f"Re: [{OPERATION}] thanks",
            f"see\n[{KEY}]",
            "plain",
            "",
            f"as you wrote in [{OPERATION}]",
            f"> [{OPERATION}]",
        ),
        *("In the console, click\n[main-menu/open]", "Download it from\n\n[https://v.example/kb/KB0021016]"),
        *("(1/2)\n[a-b/c]", f"x\n[{KEY}/open/2]", "x\n[SAN-01/open]"),
    ):
        assert texts.unmarked(body) == (body, "")


def test_only_a_key_of_the_case_is_taken_off_a_comment() -> None:
    """Another ticket's key stays; if the case's own key is unknown, or another system's, each of ours counts."""
    body = f"Done.\n\n[{OPERATION}]"
    assert texts.unmarked(body, "RJR-000009-8G4KR") == (body, "")
    for bond in (KEY, "RJR-000123-8G4KR", "", "CRM-17"):
        assert texts.unmarked(body, bond) == ("Done.", OPERATION)
    assert texts.unmarked(f"Opened.\n\n[{KEY}/open]", KEY) == ("Opened.", f"{KEY}/open")


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


@pytest.mark.parametrize(
    "value",
    [
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59", "1969-12-31T23:59:59+00:00"),
        *("1970-01-01T00:00:00+00:01", "1066-10-14T09:00:00Z"),
    ],
)
def test_a_time_that_cannot_be_is_an_error(value: str) -> None:
    """What overflows in UTC or lies before 1970 is no time of a case."""
    with pytest.raises(VendorMisbehaved, match="outside the years 1970 to 9999"):
        texts.moment({"At": value}, "At")
    assert texts.utc(datetime.fromisoformat("2026-09-01"), "At") == datetime(2026, 9, 1, tzinfo=UTC)


def test_an_article_that_is_gone_has_the_time_of_its_last_change() -> None:
    """Without one it can't be reported as withdrawn."""
    assert last_change("2026-09-01T10:00:00Z") == datetime(2026, 9, 1, 10, tzinfo=UTC)
    for text in ("", "None"):
        with pytest.raises(VendorMisbehaved):
            last_change(text)


def test_seconds_become_a_time_within_bounds() -> None:
    """From 1970 to the last second of 9999, and nothing else."""
    assert texts.from_epoch(0, "at") == datetime(1970, 1, 1, tzinfo=UTC)
    assert texts.from_epoch(texts.LAST_SECOND, "at").year == 9999
    for value in (-1, texts.LAST_SECOND + 1, 10**30):
        with pytest.raises(VendorMisbehaved):
            texts.from_epoch(value, "at")


@pytest.mark.parametrize("value", [None, True, "7", [7], -1, 2**63, 10**30, 1.5])
def test_a_number_is_a_whole_one_within_bounds(value: object) -> None:
    """Whatever else is there is the row's fault."""
    with pytest.raises(VendorMisbehaved):
        texts.number({"id": value}, "id")
    assert texts.number({"id": 2**63 - 1}, "id") == 2**63 - 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (0, 0),
        ("17", 17),
        (-4, None),
        (10**30, None),
        ("9" * 5000, None),
        (True, None),
        ([1], None),
    ],
)
def test_a_size_that_is_none_is_unknown(value: object, expected: int | None) -> None:
    """A file is worth having whatever is said about its size."""
    assert texts.size({"size": value}, "length", "size") == expected


def test_ids_names_and_rows_have_bounds() -> None:
    """A long id is no id, a long name is shortened, and a row is an object."""
    assert texts.ident({"id": "x" * 200}, "id") == "x" * 200
    with pytest.raises(VendorMisbehaved):
        texts.ident({"id": "x" * 201}, "id")
    assert len(texts.person({"name": "Ann " * 900}, "name")) <= 200
    assert texts.record({"id": 1}) == {"id": 1}
    for row in (None, [1], "x"):
        with pytest.raises(VendorMisbehaved):
            texts.record(row)


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
