"""The client against a real server: login, doubt, capture, streams, pace, limits and what it lets be known."""

from __future__ import annotations

import asyncio
import json
import logging
import tracemalloc
from contextlib import aclosing, asynccontextmanager

import httpx
import pytest
from aiohttp import web
from pydantic import SecretStr
from waiting import let_pass

from hub.errors import (
    BadInput,
    CaseMissing,
    CaseRefused,
    FieldRefused,
    LeaseLost,
    LoginRefused,
    NotPermitted,
    RateLimited,
    TryLater,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.http import (
    BasicAuth,
    Call,
    Client,
    Connection,
    MultipartPart,
    SessionLogin,
    capture_writes,
    guard_writes,
    new_trace_id,
    trace,
    watch_writes,
)

SECRET = "s3cret-canary-0b5f"


class Ticketed(SessionLogin):
    """A login by form whose tokens the vendor may forget."""

    def login_request(self):
        return Call("POST", "/login", form={"username": "amy", "password": SECRET})

    def read_token(self, reply):
        return reply.text(), None

    def apply(self, headers, token):
        headers["Authorization"] = f"AR-JWT {token}"

    def logout_request(self, token):
        return Call("POST", "/logout")


class Vendor:
    """A small vendor: one valid token at a time, and a log of what came."""

    def __init__(self) -> None:
        self.logins = self.logouts = 0
        self.valid = ""
        self.stored: list[bytes] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.login_status = 200
        self.recovers_after = 1000  # failed logins
        self.answer = None  # what to answer instead, once logged in
        self.gate: asyncio.Event | None = None
        self.asked = asyncio.Event()  # a login has come
        self.inside = self.most_inside = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.raw_path, dict(request.headers)))
        if request.path == "/login":
            form = await request.post()
            assert form["password"] == SECRET
            self.logins += 1
            self.asked.set()
            if self.gate is not None:
                await self.gate.wait()
            if self.login_status != 200 and self.logins <= self.recovers_after:
                return web.Response(status=self.login_status)
            self.valid = f"{SECRET}-{self.logins}"
            return web.Response(text=self.valid)
        if request.path == "/logout":
            self.logouts += 1
            return web.Response(status=204)
        if self.valid and request.headers.get("Authorization") != f"AR-JWT {self.valid}":
            return web.Response(status=401)
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            if self.answer is not None:
                return await self.answer(request)
            body = await request.read()
            if request.method != "GET":
                self.stored.append(body)
            return web.json_response({"n": len(self.stored)}, headers={"Set-Cookie": "a=b", "X-Request-Id": "R-1"})
        finally:
            self.inside -= 1


@asynccontextmanager
async def running(vendor: Vendor):
    runner = web.AppRunner(app(vendor), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def app(vendor: Vendor) -> web.Application:
    made = web.Application(client_max_size=2**30)
    made.router.add_route("*", "/{path:.*}", vendor.handle)
    return made


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


def connect(url: str, **known) -> Client:
    settings = {
        name: known.pop(name) for name in ("auth", "explain", "deadline", "headers", "file_hosts") if name in known
    }
    return Client(Connection(url, **settings), account="acme-prod", vendor="acme", **{"sleep": no_wait, **known})


# --- login ---


async def test_fifty_calls_with_an_expired_token_make_one_login():
    """However many calls meet the refused token, one login renews it and every call is answered."""
    vendor = Vendor()
    async with running(vendor) as url, connect(url, auth=Ticketed(), concurrency=50) as http:
        await http.get("/a")
        vendor.valid = "forgotten"
        await asyncio.gather(*(http.send("POST", "/a", json={"n": n}) for n in range(50)))
    assert vendor.logins == 2
    assert sorted(json.loads(body)["n"] for body in vendor.stored) == list(range(50))
    assert vendor.logouts == 1


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refused_login_is_tried_once_and_shared(status):
    """A wrong password is sent once for fifty waiting calls, even those that wait for a seat."""
    vendor = Vendor()
    vendor.login_status = status
    async with running(vendor) as url, connect(url, auth=Ticketed(), concurrency=4) as http:
        with watch_writes() as writes:
            outcomes = await asyncio.gather(
                *(http.send("POST", "/a", json={}) for _ in range(50)), return_exceptions=True
            )
        assert vendor.logins == 1
        assert all(isinstance(outcome, LoginRefused) for outcome in outcomes)
        assert not writes.in_doubt
        vendor.login_status = 200
        await http.get("/a")  # whoever asks afresh may try afresh
    assert vendor.logins == 2


async def test_a_token_refused_twice_is_a_refused_login():
    """When a fresh login's token is refused too, the operator acts; the call is not repeated for ever."""
    vendor = Vendor()

    async def refuse(_):
        return web.Response(status=401)

    vendor.answer = refuse
    async with running(vendor) as url, connect(url, auth=Ticketed()) as http:
        with watch_writes() as writes, pytest.raises(LoginRefused):
            await http.send("POST", "/a", json={})
    assert vendor.logins == 2
    assert not writes.in_doubt


async def test_a_caller_that_gives_up_does_not_end_the_login_of_others():
    """The call that began the login is cancelled; the other still gets its token from it."""
    vendor = Vendor()
    vendor.gate = asyncio.Event()
    async with running(vendor) as url, connect(url, auth=Ticketed()) as http:
        first = asyncio.create_task(http.get("/a"))
        second = asyncio.create_task(http.get("/a"))
        await vendor.asked.wait()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        vendor.gate.set()
        assert (await second).status == 200
    assert vendor.logins == 1


async def test_a_token_is_renewed_before_it_ends():
    """A token with a known life is replaced by one login shortly before its end, without a refused call."""

    class Short(Ticketed):
        def read_token(self, reply):
            return reply.text(), 100.0

    now = [0.0]
    vendor = Vendor()
    async with running(vendor) as url, connect(url, auth=Short(), clock=lambda: now[0]) as http:
        await http.get("/a")
        now[0] = 89.0
        await http.get("/a")
        assert vendor.logins == 1
        now[0] = 91.0
        await http.get("/a")
    assert vendor.logins == 2
    assert not [path for _, path, _ in vendor.requests if path == "/refused"]


async def test_a_stream_refused_for_its_token_is_not_in_doubt():
    """A streamed body can't be sent twice: the call fails as unsent, and the next one has a fresh token."""

    async def pieces():
        yield b"x"

    vendor = Vendor()
    async with running(vendor) as url, connect(url, auth=Ticketed()) as http:
        await http.get("/a")
        vendor.valid = "forgotten"
        with watch_writes() as writes, pytest.raises(TryLater, match="nothing was stored") as raised:
            await http.send("POST", "/a", content=pieces())
        assert (writes.in_doubt, raised.value.in_doubt) == (False, False)
        assert vendor.logins == 2
        await http.send("POST", "/a", content=pieces())
    assert vendor.stored == [b"x"]


async def test_a_vendor_may_refuse_a_token_in_its_own_way():
    """When the plugin knows a 500 as a refused token, what stops the call after it leaves no doubt."""

    class Odd(Ticketed):
        def is_refused(self, reply):
            return reply.status == 500

    async def expired(_):
        return web.Response(status=500)

    vendor = Vendor()
    async with running(vendor) as url, connect(url, auth=Odd()) as http:
        await http.get("/a")
        vendor.answer = expired

        def may_write():
            if vendor.logins == 2:
                raise LeaseLost

        with watch_writes() as guarded, guard_writes(may_write), pytest.raises(LeaseLost):
            await http.send("POST", "/a", json={})
        assert not guarded.in_doubt
        vendor.login_status = 401
        with watch_writes() as writes, pytest.raises(LoginRefused) as raised:
            await http.send("POST", "/a", json={})
    assert (raised.value.in_doubt, writes.in_doubt) == (False, False)
    assert vendor.logins == 3


async def test_a_logout_that_fails_does_not_stop_the_closing():
    """Closing is quiet when the vendor is gone, and sends nothing for a flow without a logout."""

    class Plain(Ticketed):
        def logout_request(self, token):
            return None

    vendor = Vendor()
    async with running(vendor) as url:
        gone = connect(url, auth=Ticketed())
        await gone.get("/a")
        async with connect(url, auth=Plain()) as http:
            await http.get("/a")
    await gone.close()
    assert vendor.logouts == 0


async def test_a_login_rides_out_a_short_failure_of_the_vendor():
    """A vendor that is down for a moment costs no failed login; one that stays down is unavailable, not refused."""
    vendor = Vendor()
    vendor.login_status = 503
    vendor.recovers_after = 2
    async with running(vendor) as url, connect(url, auth=Ticketed()) as http:
        await http.get("/a")
        assert vendor.logins == 3
        vendor.valid, vendor.login_status, vendor.recovers_after = "forgotten", 503, 1000
        with watch_writes() as writes, pytest.raises(VendorUnavailable) as raised:
            await http.send("POST", "/a", json={})
    assert (raised.value.in_doubt, writes.in_doubt) == (False, False)


# --- doubt ---


@pytest.mark.parametrize(
    ("status", "kind", "doubt"),
    [
        (400, CaseRefused, False),
        (401, LoginRefused, False),
        (403, NotPermitted, False),
        (404, CaseMissing, False),
        (408, VendorUnavailable, True),
        (409, CaseRefused, False),
        (410, CaseMissing, False),
        (412, CaseRefused, False),
        (418, VendorMisbehaved, False),
        (422, CaseRefused, False),
        (429, RateLimited, False),
        (303, VendorMisbehaved, True),
        (500, VendorUnavailable, True),
        (502, VendorUnavailable, True),
        (503, VendorUnavailable, True),
        (504, VendorUnavailable, True),
    ],
)
async def test_a_write_is_in_doubt_unless_refused(status, kind, doubt):
    """4xx means not stored; everything else that is no success leaves doubt. No write is repeated."""
    vendor = Vendor()

    async def answer(_):
        return web.Response(status=status, headers={"Location": "/elsewhere", "X-Request-Id": "R-7"})

    vendor.answer = answer
    async with running(vendor) as url, connect(url) as http:
        with watch_writes() as writes, pytest.raises(kind) as raised:
            await http.send("POST", "/a", json={})
    assert type(raised.value) is kind
    assert raised.value.in_doubt is doubt
    assert writes.in_doubt is doubt
    assert len(vendor.requests) == 1
    assert raised.value.request_id == "R-7"


async def test_a_stored_write_counts_although_a_later_call_fails():
    """An opening whose POST was stored and whose reading back failed is in doubt."""
    vendor = Vendor()

    async def missing(_):
        return web.Response(status=404)

    async with running(vendor) as url, connect(url) as http:
        with watch_writes() as outer:
            with watch_writes() as writes:
                await asyncio.create_task(http.send("POST", "/a", json={}))
                vendor.answer = missing
                with pytest.raises(CaseMissing):
                    await http.get("/a/1")
        assert writes.in_doubt
        assert outer.in_doubt
        with watch_writes() as reading, pytest.raises(CaseMissing):
            await http.get("/a/1")
        assert not reading.in_doubt


async def test_a_cancelled_write_is_in_doubt_once_it_left():
    """A caller's own deadline amid a write leaves doubt."""
    vendor = Vendor()
    arrived = asyncio.Event()

    async def hang(_):
        arrived.set()
        await asyncio.Event().wait()

    vendor.answer = hang
    async with running(vendor) as url, connect(url) as http:
        with watch_writes() as writes:
            task = asyncio.create_task(http.send("POST", "/a", json={}))
            await arrived.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert writes.in_doubt


async def test_the_plugin_reads_the_vendors_errors():
    """`explain` names the error; a refusal that comes as status 500 leaves no doubt when the plugin says so."""
    vendor = Vendor()

    async def answer(_):
        return web.json_response([{"messageNumber": 326, "field": "Impact"}], status=500)

    def explain(reply):
        return FieldRefused("required field is empty", field=reply.json(list)[0]["field"])

    def broken(_):
        raise KeyError("no such thing")

    vendor.answer = answer
    async with running(vendor) as url, connect(url, explain=explain) as http:
        with watch_writes() as writes, pytest.raises(FieldRefused) as raised:
            await http.send("POST", "/a", json={})
        assert (raised.value.field, raised.value.account) == ("Impact", "acme-prod")
        assert not writes.in_doubt
        with pytest.raises(CaseMissing):
            await http.get("/a", explain=lambda _: CaseMissing("its own reading goes first"))
    async with running(vendor) as url, connect(url, explain=broken) as http:
        with watch_writes() as writes, pytest.raises(VendorUnavailable):
            await http.send("POST", "/a", json={})
        assert writes.in_doubt


async def test_a_guard_is_asked_before_each_write_and_keeps_it_unsent():
    """What the guard raises comes out, nothing is sent and nothing is in doubt, also before a replay; reads pass."""
    asked = 0

    def may_write():
        nonlocal asked
        asked += 1
        if asked > 1:
            raise LeaseLost

    vendor = Vendor()
    async with running(vendor) as url, connect(url, auth=Ticketed()) as http:
        await http.get("/a")
        vendor.valid = "forgotten"
        with guard_writes(may_write), watch_writes() as writes:
            with pytest.raises(LeaseLost):  # asked again after the login, when the lease has gone
                await http.send("POST", "/a", json={})
            with pytest.raises(LeaseLost):
                await http.send("POST", "/a", json={})
            await http.get("/a")
        assert not writes.in_doubt
        assert asked == 3
        await http.send("POST", "/a", json={})
    assert len(vendor.stored) == 1


# --- capture ---


async def pieces_of(data: bytes, size: int = 1000):
    for start in range(0, len(data), size):
        yield data[start : start + size]


BODIES = {
    "json": lambda: {"json": {"title": "Grüße 😀", "n": [1, None, True]}, "params": {"fields": "a b", "x": [1, 2]}},
    "form": lambda: {"form": {"a": "1&2", "b": "é"}},
    "bytes": lambda: {"content": b"\x00\xff" * 400_000, "headers": {"content-type": "image/png"}},
    "files": lambda: {
        "form": {"note": "x"},
        "files": {"entry": (None, b'{"a":1}', "application/json"), 'f"1': ("a\r\n.txt", b"abc")},
    },
    "streamed": lambda: {
        "files": {"f": MultipartPart(pieces_of(b"z" * 99_999), "big.bin", size=99_999, sha256="5f" * 32)}
    },
    "streamed without size": lambda: {
        "files": {"f": MultipartPart(pieces_of(b"z" * 9999), "big.bin", sha256="5f" * 32)}
    },
    "nothing": dict,
}


@pytest.mark.parametrize("transport", ["aiohttp", "httpx"])
@pytest.mark.parametrize("body", BODIES)
async def test_what_is_captured_is_what_is_sent(body, transport):
    """The preview of a write holds the very bytes, address and content type that then leave."""
    got: list[tuple[str, str, bytes, str]] = []

    async def answer(request):
        got.append((request.method, request.raw_path, await request.read(), request.headers.get("Content-Type", "")))
        return web.json_response({})

    vendor = Vendor()
    vendor.answer = answer
    auth = BasicAuth("amy", SecretStr(SECRET))
    fixed = {"X-Api-Key": SECRET, "X-Tenant": "rjr"}
    async with running(vendor) as url:
        async with connect(url + "/base/", auth=auth, transport=transport, headers=fixed) as http:
            with capture_writes() as captured:
                await http.get("/a")  # safe calls are made
                await http.send("PUT", "case/%7Ea%2Fb?x=%7E%27+1", **BODIES[body]())
                pytest.fail("a write was sent")
            assert len(got) == 1
            await http.send("PUT", "case/%7Ea%2Fb?x=%7E%27+1", **BODIES[body]())
    method, path, content, media_type = got[1]
    outgoing = captured.outgoing
    assert (outgoing.method, outgoing.path, outgoing.body) == (method, path, content)
    assert outgoing.headers.get("content-type", "") == media_type
    assert SECRET not in repr(outgoing) + str(outgoing.headers)
    assert not {"authorization", "traceparent", "x-api-key"} & set(outgoing.headers)
    assert outgoing.headers["x-tenant"] == "rjr"


async def test_a_capture_does_not_log_in():
    """A preview needs no session."""
    vendor = Vendor()
    async with running(vendor) as url, connect(url, auth=Ticketed()) as http:
        with watch_writes() as writes, capture_writes() as captured:
            await http.send("POST", "/a", json={"a": 1})
        assert captured.outgoing.body == b'{"a":1}'
        assert (vendor.logins, len(writes)) == (0, 0)
        with capture_writes() as nothing:
            await http.send("POST", "/search", json={}, safe=True)
        assert nothing.outgoing is None


# --- streams ---


async def test_files_stream_both_ways_in_constant_memory():
    """40 MB go up and come down while a fraction of that is held."""
    size = 40 * 1024 * 1024
    received = 0

    async def answer(request):
        nonlocal received
        if request.method == "POST":
            async for chunk in request.content.iter_chunked(65536):
                received += len(chunk)
            return web.json_response({})
        response = web.StreamResponse(headers={"Content-Length": str(size)})
        await response.prepare(request)
        for _ in range(size // 65536):
            await response.write(b"x" * 65536)
        return response

    async def source():
        for _ in range(size // 65536):
            yield b"x" * 65536

    vendor = Vendor()
    vendor.answer = answer
    async with running(vendor) as url, connect(url) as http:
        tracemalloc.start()
        try:
            await http.send("POST", "/file", files={"f": MultipartPart(source(), "big.bin", size=size)})
            down = 0
            async with aclosing(http.stream("/file")) as chunks:
                async for chunk in chunks:
                    down += len(chunk)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert received > size
    assert down == size
    assert peak < 6_000_000


async def test_a_download_that_breaks_off_or_grows_too_long_is_no_success():
    """A stream shorter than its told length, or longer than allowed, ends in an error."""

    async def short(request):
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x" * 10)
        request.transport.close()
        return response

    vendor = Vendor()
    vendor.answer = short
    async with running(vendor) as url, connect(url) as http:
        with pytest.raises(VendorUnavailable, match="lost"):
            [chunk async for chunk in http.stream("/file")]
        vendor.answer = None
        with pytest.raises(VendorMisbehaved, match="longer than 3 bytes"):
            [chunk async for chunk in http.stream("/file", limit=3)]
        assert b"".join([chunk async for chunk in http.stream("/file")]) == b'{"n": 0}'


async def test_a_download_logs_in_again_and_reports_what_is_missing():
    """A refused token costs a download one login; a missing file is CaseMissing, before any byte."""
    vendor = Vendor()
    async with running(vendor) as url, connect(url, auth=Ticketed()) as http:
        await http.get("/a")
        vendor.valid = "forgotten"
        assert [chunk async for chunk in http.stream("/file")]
        assert vendor.logins == 2

        async def missing(_):
            return web.Response(status=404)

        vendor.answer = missing
        with pytest.raises(CaseMissing):
            [chunk async for chunk in http.stream("/file")]


@pytest.mark.parametrize(("size", "words"), [(2, "longer"), (9, "shorter")])
async def test_a_file_of_another_size_than_told_is_not_sent_whole(size, words):
    """The caller told a wrong size: the request is broken off, the caller is told, and doubt is kept."""

    async def source():
        yield b"abc"

    vendor = Vendor()
    async with running(vendor) as url, connect(url) as http:
        with watch_writes() as writes, pytest.raises(BadInput, match=words):
            await http.send("POST", "/file", files={"f": MultipartPart(source(), "a", size=size)})
    assert writes.in_doubt
    assert vendor.stored == []


async def test_the_callers_own_stream_failing_is_the_callers_error():
    """What the source of an upload raises comes out as it is."""

    async def source():
        yield b"abc"
        raise LookupError("gone")

    vendor = Vendor()
    async with running(vendor) as url, connect(url) as http:
        with pytest.raises(LookupError, match="gone"):
            await http.send("POST", "/file", content=source())
    assert vendor.stored == []


# --- files elsewhere ---


async def _stored_elsewhere(request):
    """A storage host: a signed address gives the bytes, an old one is refused."""
    return web.Response(body=b"bytes") if "signed=1" in request.raw_path else web.Response(status=403)


def _host(url: str) -> str:
    return url.removeprefix("http://")


async def test_a_file_elsewhere_is_fetched_without_any_credentials():
    """By its address, and by a redirect of the vendor's: neither login, nor headers of the account's own go along."""
    vendor, storage = Vendor(), Vendor()
    storage.answer = _stored_elsewhere
    async with running(vendor) as url, running(storage) as place:

        async def redirect(_):
            return web.Response(status=302, headers={"Location": f"{place}/file?signed=1"})

        vendor.answer = redirect
        known = {"auth": Ticketed(), "headers": {"X-Api-Key": SECRET}, "file_hosts": (_host(place),)}
        async with connect(url, **known) as http:
            for address in (f"{place}/file?signed=1", "/file", f"{url}/file"):
                found = [chunk async for chunk in http.stream(address, elsewhere=True)]
                assert b"".join(found) == b"bytes"
    assert vendor.logins == 1
    assert len(storage.requests) == 3
    assert SECRET not in str(storage.requests)
    assert "Authorization" not in str(storage.requests)


@pytest.mark.parametrize("hosts", [(), ("files.example.com",), ("127.0.0.1",), ("*.0.0.1",)])
async def test_a_file_is_fetched_only_where_the_operator_allows(hosts):
    """A host that file_hosts does not name, with its port, is not contacted, whether named or redirected to."""
    vendor, storage = Vendor(), Vendor()
    async with running(vendor) as url, running(storage) as place:

        async def redirect(_):
            return web.Response(status=307, headers={"Location": f"{place}/file"})

        vendor.answer = redirect
        async with connect(url, file_hosts=hosts) as http:
            for address in (f"{place}/file", "/file", place.replace("http", "https"), place.replace("//", "//a@")):
                with pytest.raises(VendorMisbehaved, match="file_hosts does not list"):
                    [chunk async for chunk in http.stream(address, elsewhere=True)]
            with pytest.raises(VendorMisbehaved, match="outside base_url"):
                [chunk async for chunk in http.stream(f"{place}/file")]
            with pytest.raises(VendorMisbehaved, match="redirects"):
                [chunk async for chunk in http.stream("/file")]
    assert storage.requests == []


async def test_an_address_that_has_had_its_time_is_a_missing_file_not_a_refused_login():
    """A storage's 403 says nothing against the account, and redirects without end are not followed."""
    vendor, storage = Vendor(), Vendor()
    storage.answer = _stored_elsewhere
    async with running(vendor) as url, running(storage) as place:

        async def around(_):
            return web.Response(status=302, headers={"Location": "/file"})

        vendor.answer = around
        async with connect(url, auth=Ticketed(), file_hosts=("127.0.0.1:*",)) as http:
            with pytest.raises(CaseMissing, match="has expired"):
                [chunk async for chunk in http.stream(f"{place}/file?signed=0", elsewhere=True)]
            with pytest.raises(VendorMisbehaved, match="too many redirects"):
                [chunk async for chunk in http.stream("/file", elsewhere=True)]
    assert len(vendor.requests) < 8


# --- pace and repeats ---


async def test_concurrency_is_kept_and_can_be_changed():
    """Never more calls are under way than the account's share, which may change at run time."""
    vendor = Vendor()

    async def slow(_):
        for _ in range(20):
            await asyncio.sleep(0)
        return web.json_response({})

    vendor.answer = slow
    async with running(vendor) as url, connect(url, concurrency=3) as http:
        await asyncio.gather(*(http.get("/a") for _ in range(20)))
        assert vendor.most_inside == 3
        http.set_pace(6, None)
        vendor.most_inside = 0
        await asyncio.gather(*(http.get("/a") for _ in range(20)))
    assert vendor.most_inside == 6


async def test_a_budget_spreads_calls_before_the_vendor_complains():
    """With 60 a minute, thirty calls are spread over nearly half a minute of monotonic time."""
    now = [1000.0]
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    vendor = Vendor()
    async with running(vendor) as url:
        async with connect(url, requests_per_minute=60, clock=lambda: now[0], sleep=sleep) as http:
            await asyncio.gather(*(http.get("/a") for _ in range(30)))
    assert max(waits) == pytest.approx(28 * 60 / 59)


async def test_waiting_for_the_budget_does_not_use_up_the_deadline():
    """The deadline's clock stands still while a call waits for its own account's budget."""
    vendor = Vendor()

    async def sleep(_: float) -> None:
        await let_pass(0.4)

    async with running(vendor) as url:
        async with connect(url, requests_per_minute=1, deadline=0.2, sleep=sleep) as http:
            await http.get("/a")
            assert (await http.get("/a")).status == 200


@pytest.mark.parametrize("status", [429, 503])
async def test_a_short_wait_is_sat_out_and_a_long_one_raised(status):
    """Retry-After of some seconds is kept to the letter; one beyond the budget is raised at once, uncapped."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    vendor = Vendor()
    answers = iter([("2", status), ("", 200), ("259200", status)])

    async def answer(_):
        wait, code = next(answers)
        return web.json_response({}, status=code, headers={"Retry-After": wait} if wait else {})

    vendor.answer = answer
    async with running(vendor) as url, connect(url, sleep=sleep) as http:
        assert (await http.get("/a")).status == 200
        assert slept[0] >= 2.0
        with pytest.raises(RateLimited) as raised:
            await http.get("/a")
    assert raised.value.wait == 259200
    assert len(vendor.requests) == 3


async def test_calls_that_wait_when_the_vendor_asks_for_a_pause_are_not_made():
    """A long pause asked of one call turns away those that waited for a seat, unsent."""
    vendor = Vendor()

    async def answer(_):
        return web.Response(status=429, headers={"Retry-After": "60"})

    vendor.answer = answer
    async with running(vendor) as url, connect(url, concurrency=1) as http:
        with watch_writes() as writes:
            outcomes = await asyncio.gather(
                *(http.send("POST", "/a", json={}) for _ in range(10)), return_exceptions=True
            )
    assert len(vendor.requests) == 1
    assert all(isinstance(outcome, RateLimited) and outcome.wait > 59 for outcome in outcomes)
    assert not writes.in_doubt


# --- what may be known ---


async def test_no_cookie_is_kept_or_sent():
    """Cookies that a vendor sets are never sent back."""
    vendor = Vendor()
    async with running(vendor) as url, connect(url.replace("127.0.0.1", "localhost")) as http:
        for _ in range(3):
            assert (await http.get("/a")).headers["Set-Cookie"] == "a=b"
        assert len(http._runner.sender._http.cookies.jar) == 0
    assert not any("Cookie" in headers for _, _, headers in vendor.requests)


async def test_the_trace_of_an_operation_goes_with_every_call():
    """Calls inside `trace` carry its id, each with an id of its own; calls outside carry a fresh one."""
    vendor = Vendor()
    mine = new_trace_id()
    async with running(vendor) as url, connect(url) as http:
        with trace(mine):
            await http.get("/a")
            await http.get("/a")
        await http.get("/a")
    first, second, third = (headers["traceparent"].split("-") for _, _, headers in vendor.requests)
    assert first[1] == second[1] == mine != third[1]
    assert first[2] != second[2]


async def test_nothing_secret_is_written_down(caplog):
    """At debug level, logs, errors and reprs of a whole session hold no password, token, query or body."""
    caplog.set_level(logging.DEBUG)
    vendor = Vendor()
    for transport in ("aiohttp", "httpx"):
        async with running(vendor) as url, connect(url, auth=Ticketed(), transport=transport) as http:
            await http.send("POST", "/case", params={"q": SECRET}, json={"text": SECRET})

            async def refuse(_):
                return web.json_response({"error": SECRET}, status=400, headers={"Set-Cookie": f"sid={SECRET}"})

            vendor.answer = refuse
            with pytest.raises(CaseRefused) as raised:
                await http.send("POST", "/case", json={"text": SECRET})
            vendor.answer = None
            vendor.valid = ""
            shown = f"{http!r} {http.connection!r} {raised.value!r} {raised.value.describe()}"
            assert SECRET not in shown
    assert "POST /case 200" in caplog.text
    assert "account=acme-prod" in caplog.text
    assert SECRET not in caplog.text


async def test_an_address_of_another_origin_is_not_called():
    """Vendors hand out names of inner hosts: such an address is refused, the same origin's is taken."""
    vendor = Vendor()
    async with running(vendor) as url, connect(url + "/api") as http:
        await http.get(f"{url}/api/next?page=2")
        with watch_writes() as writes, pytest.raises(VendorMisbehaved, match="outside base_url"):
            await http.send("POST", "http://inner.example/api", json={})
        assert not writes.in_doubt
    assert [path for _, path, _ in vendor.requests] == ["/api/next?page=2"]


async def test_mocked_transports_keep_the_same_rules():
    """With a mock, a cut connection leaves doubt and a refused one does not; replies are read the same."""

    def answer(request):
        if request.url.path == "/cut":
            raise httpx.ReadError("cut", request=request)
        if request.url.path == "/refused":
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, json={"a": 1})

    async with connect("http://vendor.example", transport=httpx.MockTransport(answer)) as http:
        assert (await http.get("/")).json() == {"a": 1}
        with pytest.raises(VendorUnavailable) as raised:
            await http.send("POST", "/cut", json={})
        assert raised.value.in_doubt
        with pytest.raises(VendorUnavailable) as raised:
            await http.send("POST", "/refused", json={})
        assert not raised.value.in_doubt
