"""Facts about characters that can't be stored."""

from __future__ import annotations

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from hub.markup.characters import may_be_unstorable, storable_json, storable_text

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=20)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=20,
)


def test_only_what_cannot_be_stored_is_replaced() -> None:
    """NUL and halves of surrogate pairs become U+FFFD; other control characters and whole pairs stay."""
    assert storable_text("a\0b\ud800c\udfffd\x01\t😀") == "a\ufffdb\ufffdc\ufffdd\x01\t😀"


@given(ANY_JSON)
def test_any_json_becomes_storable(value: object) -> None:
    """After it, a value encodes as UTF-8 and holds no NUL; what was storable is the same as before."""
    raw = json.dumps(value).encode()
    cleaned = storable_json(json.loads(raw))
    encoded = msgspec.json.encode(cleaned)
    assert b"\\u0000" not in encoded
    if not may_be_unstorable(raw):
        assert cleaned == json.loads(raw)


def test_depth_costs_no_recursion() -> None:
    """A list nested 50,000 deep is walked."""
    deep: list[object] = ["\0"]
    for _ in range(50_000):
        deep = [deep]
    cleaned = storable_json(deep)
    for _ in range(50_000):
        cleaned = cleaned[0]
    assert cleaned == ["\ufffd"]
