"""Facts about characters that can't be stored."""

from __future__ import annotations

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from hub.markup.characters import storable_json, storable_text

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=20)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=20,
)


def test_only_what_cannot_be_stored_is_replaced() -> None:
    """NUL and halves of surrogate pairs become U+FFFD; other control characters and whole pairs stay."""
    assert storable_text("a\0b\ud800c\udfffd\x01\t😀") == "a\ufffdb\ufffdc\ufffdd\x01\t😀"


@given(ANY_JSON)
def test_any_json_becomes_storable(value: object) -> None:
    """Decoded after it, JSON encodes as UTF-8 and holds no NUL; each text is the one that storable_text gives."""
    decoded = msgspec.json.decode(storable_json(json.dumps(value).encode()))
    assert "\\u0000" not in json.dumps(decoded)
    assert _texts(decoded) == {storable_text(text) for text in _texts(value)}


def _texts(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return set().union(*(_texts(part) for pair in value.items() for part in pair))
    return set().union(*map(_texts, value)) if isinstance(value, list) else set()


def test_a_backslash_before_u_is_no_escape() -> None:
    """An escaped backslash followed by u0000 is text, and stays."""
    raw = rb'{"path": "C:\\u0000", "pair": "\ud83d\ude00", "half": "\ud83d\\ude00"}'
    assert msgspec.json.decode(storable_json(raw)) == {"path": "C:\\u0000", "pair": "😀", "half": "\ufffd\\ude00"}


def test_bytes_of_another_encoding_cost_only_themselves() -> None:
    """A byte that is not UTF-8 becomes U+FFFD, and a byte order mark at the head goes."""
    assert msgspec.json.decode(storable_json(b'\xef\xbb\xbf["caf\xe9", "ok"]')) == ["caf\ufffd", "ok"]
