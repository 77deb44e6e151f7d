"""Text files that are masked as they stream past."""

from __future__ import annotations

import codecs
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.privacy import files
from hub.privacy.files import TextRedactor, file_encoding
from hub.privacy.redact import DisclosurePolicy, mark, redact

POLICY = DisclosurePolicy()
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAx1y2z3\n-----END RSA PRIVATE KEY-----"


def stream(data: bytes, cuts: list[int], encoding: str = "utf-8", policy: DisclosurePolicy = POLICY) -> bytes:
    redactor = TextRedactor(policy, encoding)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    told = [redactor.feed(data[start:end]) for start, end in itertools.pairwise(places)]
    return b"".join(told) + redactor.finish()


lines = st.sampled_from(
    [
        "password: hunter2",
        "Password:",
        "hunter2",
        "token:",
        "é 😀",
        "",
        "bob@example.com",
        "see 4111 1111 1111 1111",
        "-----BEGIN PRIVATE KEY-----",
        "MIIEowIBAAKCAQEAx1y2z3",
        "-----END PRIVATE KEY-----",
        "plain words",
        "\u2028x\x0c",
    ]
)


@given(
    st.lists(st.tuples(lines, st.sampled_from(["\n", "\r\n", "\n\n", "\r"])), max_size=8),
    st.lists(st.integers(0, 500), max_size=12),
    st.sampled_from(["utf-8", "utf-16-le"]),
)
def test_a_cut_file_is_masked_like_a_whole_one(parts: list[tuple[str, str]], cuts: list[int], encoding: str) -> None:
    """However a text is cut, the stream gives what masking the whole text gives."""
    text = "".join(line + end for line, end in parts)
    assert stream(text.encode(encoding), cuts, encoding).decode(encoding) == redact(text, POLICY).text


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=5), st.sampled_from(["utf-8", "latin-1"]))
def test_bytes_without_secrets_pass_unchanged(data: bytes, cuts: list[int], encoding: str) -> None:
    """What is not valid text comes out byte for byte, unless something in it was masked."""
    text = data.decode(encoding, "surrogateescape")
    expected = redact(text, POLICY).text.encode(encoding, "surrogateescape")
    assert stream(data, cuts, encoding) == expected


@given(st.binary(max_size=40), st.lists(st.integers(0, 40), max_size=5))
def test_wide_characters_pass_unchanged_even_when_broken(data: bytes, cuts: list[int]) -> None:
    """Lone surrogates and half a character at the end come out byte for byte."""
    assert stream(data, cuts, "utf-16-le") == data


def test_a_key_over_many_pieces_is_removed() -> None:
    """A private key is removed whole although each piece holds one byte of it."""
    data = f"before\n{KEY}\nafter".encode()
    assert stream(data, list(range(len(data)))) == f"before\n{mark('private key')}\nafter".encode()


def test_a_line_is_told_as_soon_as_it_has_ended() -> None:
    """What can be judged is not held back, and everything is counted."""
    redactor = TextRedactor(POLICY)
    assert redactor.feed(b"one\npassword: x1") == b"one\n"
    assert redactor.feed(b"\ntwo") == f"password: {mark('password')}\n".encode()
    assert redactor.feed(b" bob@example.com") == b""
    assert redactor.finish() == f"two {mark('e-mail address')}".encode()
    assert redactor.counts == {"password": 1, "e-mail address": 1}


def test_an_endless_line_is_removed_and_memory_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line over the limit goes as a whole, at whichever cut it passed the limit."""
    monkeypatch.setattr(files, "MAX_LINE", 10)
    data = b"short\n" + b"x" * 50 + b"\nend\n" + b"y" * 11
    expected = f"short\n{mark('overlong line')}\nend\n{mark('overlong line')}".encode()
    for cuts in ([], [8, 9, 30], list(range(80))):
        assert stream(data, cuts) == expected
    redactor = TextRedactor(POLICY)
    redactor.feed(data)
    redactor.finish()
    assert redactor.counts == {"overlong line": 2}


def test_a_key_without_end_is_not_held_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bounded wait the key's own lines are removed and the rest goes on."""
    monkeypatch.setattr(files, "MAX_HELD", 60)
    redactor = TextRedactor(POLICY)
    head = KEY.partition("\n-----END")[0]
    assert redactor.feed(f"{head}\n".encode()) == b""
    assert redactor.feed(b"plain words\n") == f"{mark('private key')}\nplain words\n".encode()


def test_an_accounts_own_expressions_see_one_line_at_a_time() -> None:
    """The result does not depend on the cut, also for an expression that could cross lines."""
    policy = DisclosurePolicy(extra_patterns=(r"a\s*b",))
    for cuts in ([], [2], [1, 2, 3]):
        assert stream(b"a\nb\na b\n", cuts, policy=policy) == f"a\nb\n{mark('pattern')}\n".encode()


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"", "utf-8"),
        (b"plain\ttext\r\n\x1b[0m", "utf-8"),
        ("été".encode()[:-1], "utf-8"),
        ("été".encode("latin-1") + b" etc", "latin-1"),
        (codecs.BOM_UTF8 + b"x", "utf-8"),
        (codecs.BOM_UTF16_LE + "x".encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + "x".encode("utf-16-be"), "utf-16-be"),
        ("plain".encode("utf-16-le"), "utf-16-le"),
        ("plain".encode("utf-16-be"), "utf-16-be"),
        (b"%PDF-1.7\n", None),
        (b"PK\x03\x04abc", None),
        (b"abc\x00def\x00", None),
        (b"\x00", None),
        (b"abc\x01", None),
    ],
)
def test_text_is_told_from_binary_by_its_first_bytes(head: bytes, encoding: str | None) -> None:
    """Marks of order, valid UTF-8, else single bytes; control characters and known formats mean binary."""
    assert file_encoding(head) == encoding


def test_a_secret_in_a_wide_encoding_is_masked() -> None:
    """A Windows log in UTF-16 is masked like any other, and keeps its mark of order."""
    data = codecs.BOM_UTF16_LE + "password: hunter2\r\n".encode("utf-16-le")
    told = stream(data, [3, 7], file_encoding(data) or "")
    assert told.decode("utf-16") == f"password: {mark('password')}\r\n"
