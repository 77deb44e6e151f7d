"""The values of the HTTP layer: replies, bodies, addresses, logins, traces, and masking."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from hub.errors import BadInput, SettingsError, VendorMisbehaved
from hub.http import (
    BasicAuth,
    BearerAuth,
    Call,
    Client,
    Connection,
    HeaderAuth,
    MultipartPart,
    Outgoing,
    Reply,
    new_trace_id,
    trace,
)
from hub.http.body import LARGE, PIECE, make_body
from hub.http.redact import MASK, mask_form, mask_headers, mask_url, redact
from hub.http.trace import current_trace, traceparent
from hub.http.transport import make_transport

# --- replies ---


def reply(content: bytes, media_type: str = "application/json", **headers: str) -> Reply:
    named = {"Content-Type": media_type, **headers}
    return Reply(200, httpx.Headers(named), content, "GET", "/a", vendor="acme", account="prod")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"{}x", "application/json"),
        (b'{"a": NaN}', "application/json"),
        (b"Infinity", "application/json"),
        (b'"a\x00b"', "application/json"),
        (b"<html>log in</html>", "application/json"),
        (b"  <!doctype html>", ""),
        (b"{}", "text/html; charset=utf-8"),
        (b"[" * 65 + b"]" * 65, "application/json"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"[" + b"{}," * 1_000_000 + b"{}]", "application/json"),
    ],
)
def test_invalid_json_is_refused_without_being_quoted(content, media_type):
    """Every kind of invalid JSON is a typed error that names the call."""
    with pytest.raises(VendorMisbehaved) as raised:
        reply(content, media_type, **{"X-Request-Id": "R-1"}).json()
    error = raised.value
    assert (error.vendor, error.account, error.request_id) == ("acme", "prod", "R-1")
    assert error.message.startswith("GET /a: ")
    assert "log in" not in error.message


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'[{"a": "x\\u0000y", "\\u0000": 1}, "ok"]', [{"a": "x\ufffdy", "\ufffd": 1}, "ok"]),
        (b'["\\ud800", "\\ud83d\\ude00"]', ["\ufffd", "😀"]),
        (b'["\xff", "ok"]', ["\ufffd", "ok"]),
        (b"\xef\xbb\xbf[1]", [1]),
    ],
)
def test_a_character_that_cannot_be_stored_costs_only_itself(content, value):
    """NUL, half a surrogate pair and bytes that are not UTF-8 become U+FFFD; the rest of the body is read."""
    assert reply(content).json() == value


def test_xml_is_read_within_limits():
    """Plain XML is read; DTDs, other bodies and more elements than fit are refused before anything is built."""
    assert reply(b"<a><b>1</b></a>", "text/xml").xml().findtext("b") == "1"
    for content in (b"", b"{}", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', b"<a>" + b"<b/>" * 1_000_000 + b"</a>"):
        with pytest.raises(VendorMisbehaved):
            reply(content, "text/xml").xml()


def test_clean_json_is_read_exactly():
    """Depth 64, escaped backslashes before u0000, emoji, large numbers and wide pages are all fine."""
    for value in (
        json.loads("[" * 64 + "]" * 64),
        {"path": "C:\\u0000", "n": 12345678901234567890, "emoji": "😀\u2028"},
        [{"id": n, "tags": ["a"]} for n in range(500)],
    ):
        assert reply(json.dumps(value).encode(), "").json() == value
    assert reply(b'"\\\\u0000"').json() == "\\u0000"


class Entry(msgspec.Struct):
    id: str
    values: dict[str, object] = {}


def test_json_of_another_type_is_refused_and_its_place_named():
    """A list for a dict, and a number for a text, name the place and not the value."""
    with pytest.raises(VendorMisbehaved, match="Expected `object`, got `array`"):
        reply(b"[]").json(dict)
    with pytest.raises(VendorMisbehaved, match=r"\$\[0\].id"):
        reply(b'[{"id": 4711}]').json(list[Entry])
    with pytest.raises(VendorMisbehaved) as raised:
        reply(b'"hush"').json(_Choice)
    assert "hush" not in raised.value.message
    assert reply(b'[{"id": "1", "new": true}]').json(list[Entry]) == [Entry("1")]


class _Choice(msgspec.Struct, tag="a"):
    pass


def test_deep_values_inside_typed_ones_are_refused_too():
    """Depth is also checked inside a free-form field."""
    deep = b'{"id": "1", "values": {"x": ' + b"[" * 80 + b"]" * 80 + b"}}"
    with pytest.raises(VendorMisbehaved):
        reply(deep).json(Entry)


def test_text_must_be_utf8():
    """Text is decoded strictly."""
    assert reply("é".encode()).text() == "é"
    with pytest.raises(VendorMisbehaved, match="not UTF-8"):
        reply(b"\xff").text()


def test_a_request_id_is_used_only_if_harmless():
    """Ids are cut at 100 characters; one with control characters is left out."""
    assert reply(b"", **{"Request-Id": "x" * 200}).request_id == "x" * 100
    assert reply(b"", **{"X-Correlation-Id": "a\tb"}).request_id == ""
    assert reply(b"").request_id == ""


# --- bodies ---


def test_values_that_json_can_not_hold_are_refused():
    """NaN, and values of other types, are the caller's error, and not quoted."""
    for value in (float("nan"), {"a": object()}, {"s": "\ud800"}):
        with pytest.raises(BadInput, match="JSON can't hold"):
            make_body(json=value)
    with pytest.raises(BadInput, match="only one body"):
        make_body(json={}, content=b"")


def test_forms_leave_out_what_is_none_and_repeat_lists():
    """None is left out, a list repeats its name, booleans are words."""
    body = make_body(form={"a": None, "b": [1, True], "c": "x y"})
    assert body.whole == b"b=1&b=true&c=x+y"
    assert body.media_type == "application/x-www-form-urlencoded"
    assert make_body(json=None).pieces == ()


async def test_a_large_body_goes_in_pieces():
    """Beyond half a megabyte no piece is larger than 64 KiB, and nothing is lost."""
    data = bytes(range(256)) * (LARGE // 256 + 1)
    body = make_body(content=data)
    assert body.whole is None
    assert body.replayable
    pieces = [piece async for piece in body.stream()]
    assert max(map(len, pieces)) == PIECE
    assert b"".join(pieces) == data


@pytest.mark.parametrize("data", [b"ab", b"abcd"])
async def test_a_stream_has_its_declared_size(data):
    """Raw content with a size sends length and type; a shorter or longer stream is an error, never a cut file."""

    async def source():
        yield data

    body = make_body(content=MultipartPart(source(), "a.bin", size=3))
    assert (body.length, body.media_type, body.replayable) == (3, "application/octet-stream", False)
    with pytest.raises(BadInput, match="declared size"):
        [piece async for piece in body.stream()]
    whole = make_body(content=MultipartPart(source(), media_type="text/csv", size=len(data)))
    assert (b"".join([piece async for piece in whole.stream()]), whole.media_type) == (data, "text/csv")
    assert make_body(content=MultipartPart(source())).length is None
    with pytest.raises(BadInput, match="line break"):
        make_body(content=MultipartPart(b"", media_type="text/plain\r\nX: y"))


def boundary(**files) -> str:
    return make_body(files=files).media_type.partition("boundary=")[2]


def test_the_boundary_comes_from_the_content():
    """The same content has the same boundary each time, other content or another name has another."""
    assert boundary(f=("a.txt", b"abc")) == boundary(f=("a.txt", b"abc"))
    others = [
        boundary(f=("a.txt", b"xyz")),
        boundary(f=("b.txt", b"abc")),
        boundary(g=("a.txt", b"abc")),
        boundary(f="abc"),
    ]
    assert len({boundary(f=("a.txt", b"abc")), *others}) == 5


def test_the_boundary_of_an_unknown_stream_can_not_be_guessed():
    """Without a fingerprint a stream gets another boundary each time, so that no file can hold it."""

    async def source():
        yield b""

    assert boundary(f=("a", source())) != boundary(f=("a", source()))
    known = MultipartPart(source(), "a", sha256="5f" * 32)
    assert boundary(f=known) == boundary(f=known)


def test_names_can_not_break_out_of_their_header():
    """Quotes and line breaks in names are escaped; a media type with a line break is refused."""
    whole = make_body(files=[('a"\r\nX: y', ('b"\r\n', b"z"))]).whole
    assert b'name="a%22%0D%0AX: y"; filename="b%22%0D%0A"' in whole
    with pytest.raises(BadInput):
        make_body(files={"a": ("b", b"", "text/plain\r\nX: y")})


def test_a_previews_fingerprint_covers_what_is_sent():
    """Method, address, content type and body each change it; other headers, such as the trace, do not."""
    base = Outgoing("POST", "/a?x=1", {"content-type": "application/json", "user-agent": "1"}, b"{}")
    assert base.sha256 == replace(base, headers=base.headers | {"user-agent": "2"}).sha256
    changed = [
        replace(base, method="PUT"),
        replace(base, path="/a?x=2"),
        replace(base, headers={"content-type": "text/plain"}),
        replace(base, body=b"{ }"),
    ]
    assert len({base.sha256, *(other.sha256 for other in changed)}) == 5


# --- addresses ---

AT = Connection("https://vendor.example/api/")


@pytest.mark.parametrize(
    ("path", "params", "address"),
    [
        ("cases", None, "https://vendor.example/api/cases"),
        ("/cases", {}, "https://vendor.example/api/cases"),
        ("cases/HPD:Help Desk", None, "https://vendor.example/api/cases/HPD:Help%20Desk"),
        ("cases/a%2Fb", None, "https://vendor.example/api/cases/a%2Fb"),
        ("cases?x=1", {"y": "a b&c", "z": None}, "https://vendor.example/api/cases?x=1&y=a%20b%26c"),
        ("cases", {"q": "'Status' = \"New\""}, "https://vendor.example/api/cases?q=%27Status%27%20%3D%20%22New%22"),
        ("https://VENDOR.example:443/other?page=2", None, "https://vendor.example/other?page=2"),
        ("//evil.example/x", None, "https://vendor.example/api/evil.example/x"),
        ("@evil.example", None, "https://vendor.example/api/@evil.example"),
        ("a#b", None, "https://vendor.example/api/a%23b"),
    ],
)
def test_addresses_stay_below_base_url(path, params, address):
    """However a path is written, the call goes to base_url's own host."""
    assert AT.address(path, params) == address


@pytest.mark.parametrize(
    "path",
    [
        "http://vendor.example/x",
        "https://vendor.example:8443/x",
        "https://evil.example/x",
        "https://vendor.example@evil.example/",
        "https://vendor.example:x/",
        "ftp://vendor.example/x",
    ],
)
def test_another_origin_is_refused(path):
    """Scheme, host and port must all be base_url's."""
    with pytest.raises(VendorMisbehaved, match="outside base_url"):
        AT.address(path)


@pytest.mark.parametrize("path", ["../x", "a/../b", "a/./b", "a/%2e%2E/b", "..", "a\\b", "a\r\nX: y", "a\0"])
def test_a_path_that_climbs_is_refused(path):
    """Dot segments, also encoded, backslashes and control characters are the caller's error."""
    with pytest.raises(BadInput):
        AT.address(path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "vendor.example",
        "ftp://v.example",
        "https://",
        "https://u:p@v.example",
        "https://v.example?x=1",
        "https://v.example:99999",
        "https://v.example/#a",
        "https://[::1",
    ],
)
def test_an_unusable_base_url_is_a_settings_error(url):
    """A wrong address is found when the connection is described, and is not quoted, as it may hold a password."""
    with pytest.raises(SettingsError) as raised:
        Connection(url)
    assert "u:p" not in raised.value.message


def test_an_unknown_transport_and_an_unreadable_ca_are_settings_errors(tmp_path):
    """Wrong settings show before anything is called."""
    with pytest.raises(SettingsError, match="carrier pigeon"):
        make_transport("carrier pigeon", None)
    (tmp_path / "ca.pem").write_text("no certificate")
    for path in (tmp_path / "ca.pem", tmp_path / "none.pem"):
        with pytest.raises(SettingsError, match=path.name):
            Client(Connection("https://v.example", ca_file=path), account="a", vendor="v")


# --- proofs ---


def test_credentials_are_put_on_requests_and_never_shown():
    """Basic, bearer and named headers carry the secret; reprs do not."""
    headers: dict[str, str] = {}
    for auth in (
        BasicAuth("amy", SecretStr("pässword")),
        BearerAuth(SecretStr("tok")),
        HeaderAuth("X-Api-Key", SecretStr("key")),
    ):
        auth.apply(headers, "")
        assert not any(secret in repr(auth) for secret in ("pässword", "tok'", "key"))
        if isinstance(auth, BasicAuth):
            assert headers["Authorization"] == "Basic YW15OnDDpHNzd29yZA=="
    assert headers == {"Authorization": "Bearer tok", "X-Api-Key": "key"}
    assert repr(Call("POST", "/login", form={"password": "x"})) == "Call(method='POST', path='/login')"


# --- traces ---


def test_a_trace_is_set_for_its_block_only():
    """Blocks nest, and an invalid trace id is refused."""
    outer, inner = new_trace_id(), new_trace_id()
    with trace(outer):
        with trace(inner):
            assert current_trace.get() == inner
        assert current_trace.get() == outer
    assert current_trace.get() == ""
    for wrong in ("", "x" * 32, "0" * 32, outer.upper() + "A"):
        with pytest.raises(BadInput), trace(wrong):
            pass
    version, trace_id, call, flags = traceparent(outer).split("-")
    assert (version, trace_id, len(call), flags) == ("00", outer, 16, "01")


# --- masks ---

SECRET = "hunter2-canary"


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"authorization: AR-JWT {SECRET}",
        f"Cookie: sid={SECRET}",
        f"password={SECRET}&user=amy",
        f'{{"access_token": "{SECRET}", "n": 1}}',
        f"{{'client_secret': '{SECRET}'}}",
        f"https://amy:{SECRET}@vendor.example/x",
        f"GET /x?api_key={SECRET}&page=2",
        f"sent Basic {SECRET} and failed",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyLWNhbmFyeSJ9.abc",
        f"x-session-id = {SECRET}",
    ],
)
def test_text_that_quotes_a_secret_is_masked(text):
    """Headers, forms, JSON, addresses and tokens lose their secrets wherever they are quoted."""
    shown = redact(text)
    assert SECRET not in shown
    assert "eyJz" not in shown
    assert MASK in shown


def test_known_secrets_are_masked_everywhere():
    """An inconspicuous secret is masked when it is given, the longest first; other text stays."""
    assert redact("a plain sentence with the word token in it") == "a plain sentence with the word token in it"
    assert redact("abcdef abc", ["abc", "", "abcdef"]) == f"{MASK} {MASK}"


def test_addresses_headers_and_forms_are_masked():
    """Addresses keep host, path and the names of parameters; secret headers and fields keep their names."""
    assert mask_url("https://u:p@v.example/a?token=x&b=2#c") == "https://v.example/a?token=&b="
    assert mask_url("/a") == "/a"
    assert mask_headers({"Set-Cookie": "a=b", "Accept": "x", "X": "Bearer abcdefgh1"}) == {
        "Set-Cookie": MASK,
        "Accept": "x",
        "X": f"Bearer {MASK}",
    }
    assert mask_form([("username", "amy"), ("password", "x")]) == [("username", "amy"), ("password", MASK)]


@given(st.text(max_size=200))
def test_masking_never_fails(text):
    """Any text can be masked, and masking twice changes nothing more."""
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("Thu, 01 Jan 1970 00:00:09 GMT", 9), ("Thu, 01 Jan 1970 01:00:09 +0100", 9), ("", None), ("soon", None)],
)
def test_a_reply_has_the_time_of_its_date_header(header, seconds):
    """The time is the vendor's own; an invalid header gives none."""
    assert reply(b"", date=header).date == seconds
