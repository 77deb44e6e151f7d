"""Every fault of the wire, on real sockets and over both transports: what is told of it is true."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import ipaddress
import socket
import ssl
import struct
import threading
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from waiting import let_pass

from hub.errors import CaseRefused, VendorError, VendorMisbehaved, VendorUnavailable
from hub.http import Client, Connection, watch_writes

BOTH = pytest.mark.parametrize("transport", ["aiohttp", "httpx"])
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server that reads requests and then misbehaves."""

    act: Act
    reads: bool = True
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                if self.reads:
                    request = await read_request(reader)
                    if request is None:
                        break
                    self.requests.append(request)
                await self.act(reader, writer)
                await writer.drain()
                if writer.is_closing():
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def read_request(reader: asyncio.StreamReader) -> bytes | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.partition(b":")[2]))
    return head


@asynccontextmanager
async def serving(act: Act, *, reads: bool = True, tls: ssl.SSLContext | None = None, limit: int = 2**16):
    behaviour = Server(act, reads=reads)
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader, writer):
        tasks.add(asyncio.current_task())
        with suppress(asyncio.CancelledError):
            await behaviour(reader, writer)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls, limit=limit)
    behaviour.port = server.sockets[0].getsockname()[1]
    try:
        yield behaviour
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


def client(url: str, transport: str, **known) -> Client:
    return Client(Connection(url, **known), account="acme", vendor="acme", transport=transport, sleep=no_wait)


def says(data: bytes, *, then: str = "close") -> Act:
    """Answer with these bytes; then close, reset, or hold the connection."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if data:
            writer.write(data)
            await writer.drain()
        if then == "close":
            writer.close()
        elif then == "reset":
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        elif then == "hold":
            await asyncio.Event().wait()

    return act


async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte now and then, for ever: never silent long enough for an idle limit."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await let_pass(0.03)


def packed(data: bytes, *, length: int | None = None, coding: str = "gzip") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length or len(data)}\r\n\r\n"
    return head.encode() + data


SMALL = gzip.compress(b'{"a": 1}' * 400)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"


@dataclass(frozen=True)
class Fault:
    name: str
    act: Act
    kind: type[VendorError]
    repeated: bool  # a safe call is tried again
    reads: bool = True


FAULTS = [
    Fault("reset before the request was read", says(b"", then="reset"), VendorUnavailable, True, reads=False),
    Fault("cut after the request was read", says(b""), VendorUnavailable, True),
    Fault("reset after the request was read", says(b"", then="reset"), VendorUnavailable, True),
    Fault("cut amid the status line", says(b"HTTP/1.1 20"), VendorUnavailable, True),
    Fault("cut amid the headers", says(b"HTTP/1.1 200 OK\r\nContent-Le"), VendorUnavailable, True),
    Fault("cut amid the body", says(HEAD + b'{"a":'), VendorUnavailable, True),
    Fault("reset amid the body", says(HEAD + b'{"a":', then="reset"), VendorUnavailable, True),
    Fault(
        "cut amid a chunk",
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc"),
        VendorUnavailable,
        True,
    ),
    Fault("gzip cut and the length with it", says(packed(SMALL[:-9])), VendorMisbehaved, False),
    Fault("gzip cut before its length", says(packed(SMALL[:-9], length=len(SMALL))), VendorUnavailable, True),
    Fault("gzip damaged", says(packed(SMALL[:20] + b"\0\0\0" + SMALL[23:])), VendorMisbehaved, False),
    Fault("coding that was not asked for", says(packed(b"abc", coding="br")), VendorMisbehaved, False),
    Fault("garbled status line", says(b"HTTQ/1.1 200 OK\r\n\r\n"), VendorMisbehaved, False),
    Fault("no HTTP at all", says(b"\x00\x01\x02\x03\r\n\r\n"), VendorMisbehaved, False),
    Fault("garbled header", says(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"), VendorMisbehaved, False),
    Fault("oversized body, told", says(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n"), VendorMisbehaved, False),
    Fault(
        "oversized body, untold",
        says(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * 1_500_000),
        VendorMisbehaved,
        False,
    ),
    Fault(
        "redirect",
        says(b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n"),
        VendorMisbehaved,
        False,
    ),
]


@BOTH
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_a_write_that_left_is_in_doubt_and_not_repeated(fault, transport):
    """After any fault with a connection made, a write is in doubt, and the vendor got it at most once."""
    async with serving(fault.act, reads=fault.reads) as server:
        async with client(f"http://127.0.0.1:{server.port}", transport, max_reply=1_000_000) as http:
            with watch_writes() as writes, pytest.raises(fault.kind) as raised:
                await http.send("PUT", "/case", json={"title": "x"})
    assert raised.value.in_doubt
    assert writes.in_doubt
    assert (raised.value.vendor, raised.value.account) == ("acme", "acme")
    assert server.connections == 1
    assert len(server.requests) == (1 if fault.reads else 0)


@BOTH
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_a_safe_call_is_repeated_only_where_that_may_help(fault, transport):
    """A GET meets the same error kind, is never in doubt, and is tried again unless the answer is nonsense."""
    async with serving(fault.act, reads=fault.reads) as server:
        async with client(f"http://127.0.0.1:{server.port}", transport, max_reply=1_000_000) as http:
            with watch_writes() as writes, pytest.raises(fault.kind) as raised:
                await http.get("/case")
    assert not raised.value.in_doubt
    assert not writes.in_doubt
    assert server.connections == (5 if fault.repeated else 1)


@BOTH
@pytest.mark.parametrize(
    "act", [says(b"", then="hold"), says(HEAD, then="hold"), drip], ids=["silence", "silent body", "drip"]
)
async def test_one_deadline_bounds_the_whole_call(act, transport):
    """Silence and trickles end at the deadline; a write is then in doubt, a GET is not tried again."""
    async with serving(act) as server:
        async with client(f"http://127.0.0.1:{server.port}", transport, deadline=0.25) as http:
            with pytest.raises(VendorUnavailable, match="deadline") as raised:
                await http.send("POST", "/case", json={})
            assert raised.value.in_doubt
            began = asyncio.get_running_loop().time()
            with pytest.raises(VendorUnavailable, match="deadline") as raised:
                await http.get("/case")
            assert not raised.value.in_doubt
            assert asyncio.get_running_loop().time() - began < 2
    assert len(server.requests) == 2


@BOTH
async def test_a_refused_connection_is_not_sent(transport):
    """Nobody listens: provably nothing left, so the write is not in doubt."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        await assert_not_sent(f"http://127.0.0.1:{unused.getsockname()[1]}", transport, "can't connect")


@BOTH
async def test_an_unknown_host_is_not_sent(transport, monkeypatch):
    """The name can't be resolved: nothing left."""

    def fail(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "name not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    await assert_not_sent("http://vendor.invalid", transport, "can't connect")


@BOTH
async def test_a_connection_that_never_comes_is_not_sent(transport, monkeypatch):
    """The listener's queue is full, so the handshake of TCP never ends: nothing left."""
    monkeypatch.setattr("hub.http.transport.CONNECT_SECONDS", 0.2)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(full.getsockname())
            waiting.append(one)
        try:
            await assert_not_sent(f"http://127.0.0.1:{full.getsockname()[1]}", transport, "connecting took too long")
        finally:
            for one in waiting:
                one.close()


async def assert_not_sent(url: str, transport: str, words: str, **known) -> VendorError:
    async with client(url, transport, **known) as http:
        with watch_writes() as writes, pytest.raises(VendorUnavailable, match=words) as raised:
            await http.send("POST", "/case", json={})
    assert not raised.value.in_doubt
    assert not writes.in_doubt
    assert len(writes) == 1
    assert "nothing was sent" in raised.value.message
    return raised.value


@BOTH
async def test_an_upload_that_stalls_ends_and_one_that_moves_does_not(transport):
    """A server that stops reading ends an endless upload at its deadline; one that reads steadily outlives it."""

    async def endless():
        while True:
            yield b"x" * 65536

    async def steady():
        for _ in range(20):
            await let_pass(0.03)
            yield b"x" * 65536

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n0\r\n\r\n")
        writer.write(GOOD)

    async with serving(says(b"", then="hold")) as server:
        async with client(f"http://127.0.0.1:{server.port}", transport, deadline=0.3) as http:
            began = asyncio.get_running_loop().time()
            with pytest.raises(VendorUnavailable, match="deadline") as raised:
                await http.send("POST", "/file", content=endless())
            assert asyncio.get_running_loop().time() - began < 3
            assert raised.value.in_doubt
    async with serving(swallow, limit=2**22) as server:
        async with client(f"http://127.0.0.1:{server.port}", transport, deadline=0.3) as http:
            assert (await http.send("POST", "/file", content=steady())).status == 200


@BOTH
async def test_a_refusal_that_comes_before_the_body_has_gone_is_read(transport):
    """A server that answers 413 and reads no further is understood, and leaves no doubt."""

    async def big():
        for _ in range(16):
            await asyncio.sleep(0)
            yield b"x" * 65536

    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    async with serving(says(answer, then="hold")) as server:
        async with client(f"http://127.0.0.1:{server.port}", transport) as http:
            with pytest.raises(CaseRefused) as raised:
                await http.send("POST", "/file", content=big())
    assert not raised.value.in_doubt


# --- TLS ---


def make_certificate(folder: Path, host: str, *, days: int) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for the host, ending in so many days, and a server context that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, secret = folder / "shown.pem", folder / "secret.pem"
    shown.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, secret)
    return shown, context


@BOTH
@pytest.mark.parametrize(
    ("host", "days", "trusted"),
    [("127.0.0.1", 30, False), ("vendor.example", 30, True), ("127.0.0.1", -1, True)],
    ids=["self-signed", "wrong host", "expired"],
)
async def test_an_unproved_server_gets_nothing(host, days, trusted, transport, tmp_path):
    """A certificate that does not prove the host ends the call before a byte of the request left."""
    shown, tls = make_certificate(tmp_path, host, days=days)
    async with serving(says(GOOD, then=""), tls=tls) as server:
        ca_file = shown if trusted else None
        error = await assert_not_sent(
            f"https://127.0.0.1:{server.port}", transport, "certificate was not accepted", ca_file=ca_file
        )
    assert "ca_file" in error.next_step
    assert server.requests == []


@BOTH
async def test_a_private_ca_is_trusted_when_named(transport, tmp_path):
    """With ca_file the same self-signed server is spoken to."""
    shown, tls = make_certificate(tmp_path, "127.0.0.1", days=30)
    async with serving(says(GOOD, then=""), tls=tls) as server:
        async with client(f"https://127.0.0.1:{server.port}", transport, ca_file=shown) as http:
            assert (await http.get("/")).json() == {}


@BOTH
async def test_tls_to_a_plain_server_is_not_sent(transport):
    """A server that does not speak TLS gets no request."""
    async with serving(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), reads=False) as server:
        await assert_not_sent(f"https://127.0.0.1:{server.port}", transport, "TLS handshake failed|no connection")


# --- connections kept alive, which only aiohttp's are ---


async def test_a_connection_that_died_unseen_costs_a_safe_call_nothing():
    """The server closes an idle connection in the moment it is used again: the GET is simply made again."""
    async with serving(dies_on_second()) as server:
        async with client(f"http://127.0.0.1:{server.port}", "aiohttp") as http:
            await http.get("/first")
            assert (await http.get("/second")).json() == {}
    assert server.connections == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_connection_that_died_in_use_leaves_a_write_in_doubt(method):
    """The same for a write: it was handed to a connection, so it is in doubt, and is not made again."""
    async with serving(dies_on_second()) as server:
        async with client(f"http://127.0.0.1:{server.port}", "aiohttp") as http:
            await http.get("/first")
            with pytest.raises(VendorUnavailable) as raised:
                await http.send(method, "/second", json={})
    assert raised.value.in_doubt
    assert len(server.requests) == 2
    assert server.connections == 1


async def test_a_connection_known_to_be_dead_is_replaced():
    """A connection whose end has been seen is not used for the next write."""
    async with serving(says(GOOD)) as server:
        async with client(f"http://127.0.0.1:{server.port}", "aiohttp") as http:
            await http.get("/first")
            for _ in range(5):
                await asyncio.sleep(0)
            with watch_writes() as writes:
                await http.send("POST", "/second", json={})
    assert writes.in_doubt  # stored: it was answered
    assert server.connections == 2


async def test_an_end_that_has_arrived_is_seen_before_a_write_leaves():
    """The server's end of connection waits in the kernel, unread: the write takes a new connection."""
    close, closed = threading.Event(), threading.Event()
    got: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        for last in (False, True):
            connection, _ = listener.accept()
            with connection:
                got.append(connection.recv(65536))
                connection.sendall(GOOD)
                if not last:
                    close.wait(10)
            closed.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        async with client(f"http://127.0.0.1:{listener.getsockname()[1]}", "aiohttp") as http:
            await http.get("/first")
            close.set()
            assert closed.wait(10)  # blocks the loop on purpose: it can't have read the end
            await http.send("POST", "/second", json={})
        await asyncio.to_thread(thread.join, 10)
    assert [request.split(b" ")[0] for request in got] == [b"GET", b"POST"]


def dies_on_second() -> Act:
    count = 0

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        if count == 2:
            writer.close()
        else:
            writer.write(GOOD)

    return act


EXTRA = b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"wrong"'


@BOTH
async def test_what_follows_a_body_is_not_taken_for_the_next_answer(transport):
    """A body longer than its told length does not bleed into the next call."""
    async with serving(says(GOOD + EXTRA, then="")) as server:
        async with client(f"http://127.0.0.1:{server.port}", transport) as http:
            for _ in range(3):
                assert (await http.get("/")).json() == {}


@BOTH
async def test_what_comes_unasked_is_not_taken_for_the_next_answer(transport):
    """An answer that arrives while nobody asked is not given to the next call, and costs a write no doubt."""
    idle = asyncio.Event()
    told = asyncio.Event()

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GOOD)
        if not told.is_set():
            await idle.wait()
            writer.write(EXTRA)
            await writer.drain()
            told.set()

    async with serving(act) as server:
        async with client(f"http://127.0.0.1:{server.port}", transport) as http:
            await http.get("/")
            idle.set()
            await told.wait()
            for _ in range(5):
                await asyncio.sleep(0)
            assert (await http.send("POST", "/", json={})).json() == {}
    assert server.connections == 2


# --- size ---


@BOTH
async def test_a_gzip_bomb_is_stopped_in_bounded_memory(transport):
    """100 MB of zeros in 100 kB end at the limit, and memory stays near it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(100)) + packer.flush()
    async with serving(says(packed(bomb), then="")) as server:
        async with client(f"http://127.0.0.1:{server.port}", transport, max_reply=2_000_000) as http:
            tracemalloc.start()
            try:
                with pytest.raises(VendorMisbehaved, match="longer than 2000000 bytes"):
                    await http.get("/")
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    assert peak < 8_000_000


@BOTH
@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw"])
async def test_packed_replies_are_read(coding, transport):
    """gzip, deflate, and the deflate without a wrapper that some servers send, all read the same."""
    data = b'{"a": [' + b"1," * 200_000 + b"1]}"
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = {"gzip": gzip.compress(data), "deflate": zlib.compress(data), "raw": raw.compress(data) + raw.flush()}
    answer = packed(body[coding], coding="gzip" if coding == "gzip" else "deflate")
    async with serving(says(answer, then="")) as server:
        async with client(f"http://127.0.0.1:{server.port}", transport) as http:
            assert (await http.get("/")).content == data
