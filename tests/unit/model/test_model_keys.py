"""The keys that travel to vendors."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from bonding_values import NOON
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import BadInput
from hub.model.keys import ALPHABET, bond_key, bond_of, find_keys, operation_key, without_keys

FACTS = ("RJR-000123", NOON, "acme", 1, "hub-a")


def test_the_same_facts_give_the_same_key_in_any_time_zone() -> None:
    """A preview's key is the escalation's, wherever the creation time was read."""
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-5)))
    assert bond_key("RJR-000123", elsewhere, "acme", 1, "hub-a") == bond_key(*FACTS)


@pytest.mark.parametrize(
    "other",
    [
        ("RJR-000123", NOON + timedelta(microseconds=1), "acme", 1, "hub-a"),
        ("RJR-000123", NOON, "acme2", 1, "hub-a"),
        ("RJR-000123", NOON, "acme", 2, "hub-a"),
        ("RJR-000123", NOON, "acme", 1, "hub-b"),
    ],
)
def test_any_other_fact_gives_another_key(other: tuple[str, datetime, str, int, str]) -> None:
    """A number used again after a restore, another account, bond or hub: each has its own key."""
    assert bond_key(*other) != bond_key(*FACTS)


@given(st.integers(0, 10**6), st.text(max_size=5), st.integers(1, 9))
def test_keys_are_found_again_in_text(number: int, account: str, position: int) -> None:
    """Every key made, of a bond or an operation, is found in a text that quotes it."""
    bond = bond_key(f"RJR-{number:06d}", NOON, account, 1, "hub")
    step = operation_key(bond, position, account)
    assert find_keys(f"see [{bond}] and ({step}), {bond}.") == (bond, step)
    assert bond_of(step) == bond_of(bond) == bond
    tag = bond.rpartition("-")[2]
    assert len(tag) == 5
    assert set(tag) <= set(ALPHABET)
    assert any(letter.isdigit() for letter in tag)


@pytest.mark.parametrize(
    "text",
    [
        "RJR-000123-ADDED",
        "rjr-000123-7f3kq",
        "RJR-000123-7F3KQX",
        "X-RJR-000123-7F3KQ",
        "RJR-000123",
        "RJR-000123-7F3KL",
        "550E8400-E29B-41D4-A716-446655440000",
    ],
)
def test_what_only_looks_like_a_key_is_none(text: str) -> None:
    """Words, other cases, longer names and identifiers of others are not taken for keys."""
    assert find_keys(text) == ()


def test_a_key_before_a_path_is_the_bonds() -> None:
    """A slash that no operation follows ends the key."""
    assert find_keys("RJR-000123-7F3KQ/attachments") == ("RJR-000123-7F3KQ",)


@pytest.mark.parametrize("number", ["123", "rjr-1", "RJR 1", "", "RJR-"])
def test_a_number_without_a_prefix_has_no_key(number: str) -> None:
    """A ticket number that could not be found again is refused."""
    with pytest.raises(BadInput, match="RJR-000123"):
        bond_key(number, NOON, "acme", 1, "hub")


def test_a_creation_time_without_a_zone_is_refused() -> None:
    """A key that depended on the machine's time zone would not be the same twice."""
    with pytest.raises(BadInput, match="time zone"):
        bond_key("RJR-000123", NOON.replace(tzinfo=None), "acme", 1, "hub")


def test_a_text_without_its_keys_is_what_a_person_wrote() -> None:
    """Keys go with the brackets around them, and nothing else does."""
    assert without_keys("done [RJR-000123-7F3KQ/3-X2QF] (RJR-000123-7F3KQ) (ok)") == "done   (ok)"
