"""The embedded PostgreSQL: private, shared, and back after every way of dying. Real servers, real processes."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from hub.db.server.embedded import Embedded, start
from hub.errors import SettingsError

ROUNDS = int(os.environ.get("HUB_TEST_ROUNDS", "3"))
"""How often each death is repeated; the promise is 20 of 20."""

PATIENCE = 30  # seconds, for a process to end

GUEST = """
import sys
from pathlib import Path
from hub.db.server.embedded import start
embedded = start(Path(sys.argv[1]))
print(embedded.pid, flush=True)
sys.stdin.readline()
"""


class Guest:
    """Another hub process that uses the server in `home`."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", GUEST, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def server(self) -> int:
        """The server that this guest has joined; waits until it has."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def leave(self) -> None:
        """End as a program ends."""
        self.process.communicate("\n", timeout=PATIENCE)

    def die(self) -> None:
        """End without a last word."""
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def guests() -> Iterator[Callable[[Path], Guest]]:
    came: list[Guest] = []

    def come(home: Path) -> Guest:
        came.append(Guest(home))
        return came[-1]

    yield come
    for guest in came:
        if guest.process.poll() is None:
            guest.die()


@contextmanager
def new_room() -> Iterator[Path]:
    """An empty private folder, outside of pytest's own: each pytest run shuts those to all but their owner again,
    also under a server that another run has started as root.
    """
    with tempfile.TemporaryDirectory(prefix="rjr-hub-test-", dir="/tmp") as path:
        yield Path(path).resolve()


@pytest.fixture
def room() -> Iterator[Path]:
    with new_room() as path:
        yield path


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A data folder that each test finds and leaves with its server down."""
    with new_room() as path:
        yield path


@pytest.fixture(autouse=True)
def down(home: Path) -> Iterator[None]:
    yield
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() == "postgres" and process.cwd() == str(home / "postgres"):
                process.kill()
                process.wait(PATIENCE)


def ask(embedded: Embedded, statement: str) -> object:
    """The first value of the answer, read as the hub reads it."""
    with psycopg.connect(embedded.url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_gone(pid)


def wait_gone(pid: int) -> None:
    """Wait until a process has ended, buried or not."""
    if not hasattr(os, "pidfd_open"):
        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(PATIENCE)
        return
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        try:
            assert select.select([handle], [], [], PATIENCE)[0], f"process {pid} did not end"
        finally:
            os.close(handle)


def owner(pgdata: Path) -> dict[str, object]:
    """Arguments that make a process belong to the same system user as the server."""
    status = pgdata.stat()
    return {"user": status.st_uid, "group": status.st_gid} if os.geteuid() == 0 else {}


@contextmanager
def stranger(embedded: Embedded, *, alive: bool) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the server's user that has nothing to do with the server; dead but unburied if not alive."""
    command = ["sleep", "600"] if alive else ["true"]
    process = subprocess.Popen(command, cwd="/", **owner(embedded.pgdata))
    try:
        if not alive:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        yield process
    finally:
        process.kill()
        process.wait()


def note_pid(embedded: Embedded, pid: int) -> None:
    """Make the server's own notes name another process, as after its number was given away."""
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        path = embedded.pgdata / name
        path.write_text("\n".join([str(pid), *path.read_text().splitlines()[1:]]) + "\n")


async def test_the_address_serves_sqlalchemy_without_a_password(home: Path) -> None:
    """The address given is enough for an async engine, and the hub's role is no superuser."""
    embedded = start(home)
    engine = create_async_engine(embedded.url)
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT current_database(), rolsuper FROM pg_roles WHERE rolname = current_user")
        )
        assert tuple(found.one()) == ("hub", False)
    await engine.dispose()
    embedded.stop()


def test_the_server_keeps_what_it_commits_and_sorts_the_same_everywhere(home: Path) -> None:
    """Writes reach the disk; text is UTF-8 in order of code points, with upper and lower case beyond ASCII."""
    embedded = start(home)
    for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert ask(embedded, f"SHOW {name}") == "on"
    assert ask(embedded, "SHOW server_encoding") == "UTF8"
    assert ask(embedded, "SELECT string_agg(w, '' ORDER BY w) FROM unnest('{é,b,B,a}'::text[]) w") == "Babé"
    assert ask(embedded, "SELECT lower('ÉTÉ')") == "été"
    embedded.stop()


def test_only_the_owner_reaches_the_server(room: Path) -> None:
    """No network port, a socket and folders for the owner alone, and nothing above opened to everyone."""
    shut = room / "shut"
    shut.mkdir(mode=0o700)
    embedded = start(shut / "data")
    assert ask(embedded, "SHOW listen_addresses") == ""
    assert embedded.pid is not None
    server = psutil.Process(embedded.pid)
    assert server.net_connections(kind="inet") == []
    for private in (embedded.pgdata, embedded.pgdata / ".s.PGSQL.5432"):
        assert stat.S_IMODE(private.stat().st_mode) & 0o077 == 0
    for above in (shut, shut / "data"):
        assert stat.S_IMODE(above.stat().st_mode) & 0o007 == 0
    assert server.uids().real != 0
    embedded.stop()


def test_the_server_inherits_no_secret_of_the_hub(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the hub, which may hold secrets, does not reach the server."""
    monkeypatch.setenv("HUB_CANARY", "canary-7f3a")
    embedded = start(home)
    assert embedded.pid is not None
    assert "HUB_CANARY" not in psutil.Process(embedded.pid).environ()
    embedded.stop()


def test_the_log_keeps_no_statement_and_no_value(home: Path) -> None:
    """A refused statement leaves neither its text nor its values in the server's log."""
    embedded = start(home)
    for statement in ("SELECT 'canary-91c2'::int", "SELECT canary_91c2", "SELECT 1/0 AS canary_91c2"):
        with pytest.raises(psycopg.Error):
            ask(embedded, statement)
    embedded.stop()
    written = "".join(log.read_text() for log in (embedded.pgdata / "log").iterdir())
    assert "ready to accept connections" in written
    assert "canary" not in written


def test_the_last_one_out_stops_the_server(home: Path, guests: Callable[[Path], Guest]) -> None:
    """Two processes share one server; it runs until both have left, whoever started it."""
    embedded = start(home)
    server = embedded.pid
    assert server is not None
    guest = guests(home)
    assert guest.server() == server
    embedded.stop()
    assert psutil.pid_exists(server)
    guest.leave()
    wait_gone(server)
    assert embedded.pid is None


def test_two_seats_in_one_process_count_twice(home: Path) -> None:
    """Giving up one seat, even twice, leaves the server to the other."""
    first, second = start(home), start(home)
    first.stop()
    first.stop()
    assert ask(second, "SELECT 1") == 1
    second.stop()
    assert second.pid is None


def test_many_starting_at_once_get_one_server(home: Path, guests: Callable[[Path], Guest]) -> None:
    """Processes that start together end up at the same server."""
    crowd = [guests(home) for _ in range(4)]
    assert len({guest.server() for guest in crowd}) == 1


def test_a_killed_user_does_not_keep_the_server_alive(home: Path, guests: Callable[[Path], Guest]) -> None:
    """After its only user was killed the server is joined by the next, and ends with that one."""
    for _ in range(ROUNDS):
        guest = guests(home)
        server = guest.server()
        guest.die()
        embedded = start(home)
        assert embedded.pid == server
        assert ask(embedded, "SELECT 1") == 1
        embedded.stop()
        wait_gone(server)
        assert embedded.pid is None


def test_a_killed_server_comes_back_with_all_that_was_committed(home: Path) -> None:
    """The server is killed with a connection open: the next start proves a new one, and nothing is lost."""
    first = start(home)
    ask(first, "DROP TABLE IF EXISTS kept")
    ask(first, "CREATE TABLE kept (round int)")
    for count in range(ROUNDS):
        ask(first, f"INSERT INTO kept VALUES ({count})")
        with psycopg.connect(first.url.replace("+psycopg", "")):
            dead = first.pid
            assert dead is not None
            kill(dead)
            second = start(home)
        assert second.pid not in {None, dead}
        assert ask(second, "SELECT count(*) FROM kept") == count + 1
        second.stop()
    assert ask(first, "SELECT 1") == 1
    first.stop()


def test_a_note_of_a_dead_server_is_no_obstacle(home: Path) -> None:
    """A start with a note that names a dead process succeeds."""
    for _ in range(ROUNDS):
        embedded = start(home)
        assert embedded.pid is not None
        kill(embedded.pid)
        with stranger(embedded, alive=True) as other:
            note_pid(embedded, other.pid)
        embedded.stop()
        assert (embedded.pgdata / "postmaster.pid").exists()
        again = start(home)
        assert ask(again, "SELECT 1") == 1
        again.stop()


@pytest.mark.parametrize("alive", [True, False], ids=["living", "unburied"])
def test_a_note_whose_number_was_given_away_is_no_obstacle(home: Path, alive: bool) -> None:
    """The number belongs to another process of the same user: the server starts, and that process is left alone."""
    for _ in range(ROUNDS):
        embedded = start(home)
        assert embedded.pid is not None
        kill(embedded.pid)
        with stranger(embedded, alive=alive) as other:
            note_pid(embedded, other.pid)
            assert embedded.pid is None
            embedded.stop()
            again = start(home)
            assert again.pid not in {None, other.pid}
            assert ask(again, "SELECT 1") == 1
            again.stop()
            assert not alive or other.poll() is None


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_keeps_the_address(home: Path, mode: str) -> None:
    """A restart gives another server at the same address, for everyone who uses it."""
    embedded, other = start(home), start(home)
    before, address = embedded.pid, embedded.url
    embedded.halt(mode)  # type: ignore[arg-type]
    embedded.resume()
    assert embedded.pid not in {None, before}
    assert embedded.url == address
    assert ask(other, "SELECT 1") == 1
    other.stop()
    embedded.stop()


def test_a_halted_server_stays_down_until_it_is_resumed(home: Path) -> None:
    """Between halt and resume nobody answers."""
    embedded = start(home)
    embedded.halt()
    assert embedded.pid is None
    with pytest.raises(psycopg.OperationalError):
        ask(embedded, "SELECT 1")
    embedded.resume()
    assert ask(embedded, "SELECT 1") == 1
    embedded.stop()


def test_a_server_that_does_not_answer_is_named(home: Path) -> None:
    """A server that lives but hangs is never doubled: the error names it once the time is over."""
    embedded = start(home)
    server = embedded.pid
    assert server is not None
    os.kill(server, signal.SIGSTOP)
    try:
        with pytest.raises(SettingsError, match=f"does not answer .*{server}"):
            start(home, timeout=1)
    finally:
        os.kill(server, signal.SIGCONT)
    assert ask(embedded, "SELECT 1") == 1
    embedded.stop()


def test_another_major_version_is_refused_with_both_versions(home: Path) -> None:
    """A folder of another PostgreSQL is left alone; the error names the folder, both versions and what to do."""
    embedded = start(home)
    embedded.stop()
    version = embedded.pgdata / "PG_VERSION"
    ours = version.read_text()
    version.write_text("17\n")
    try:
        with pytest.raises(SettingsError, match=f"{embedded.pgdata} .* PostgreSQL 17,.* {ours.strip()}") as refused:
            start(home)
        assert "dump" in refused.value.next_step
    finally:
        version.write_text(ours)


def test_a_folder_that_was_half_made_is_made_anew(room: Path) -> None:
    """What a first start left when it was killed does not stand in the way, and does not stay."""
    leftover = room / "postgres-new-killed"
    leftover.mkdir()
    (leftover / "PG_VERSION").write_text("18\n")
    embedded = start(room)
    assert ask(embedded, "SELECT 1") == 1
    assert not leftover.exists()
    embedded.stop()


def test_a_folder_that_cannot_be_had_is_a_settings_error(room: Path) -> None:
    """A data folder below a plain file is refused with the folder's name."""
    (room / "file").write_text("")
    with pytest.raises(SettingsError, match="file/data"):
        start(room / "file" / "data")


def test_a_long_path_gets_a_short_private_socket_folder(room: Path) -> None:
    """A path too long for a socket works, at a stable address, and a copy of the folder never meets its server."""
    long = room / ("long" * 25)
    embedded = start(long)
    address = embedded.url
    short = Path((long / "postgres-socket").read_text().splitlines()[1])
    assert stat.S_IMODE(short.stat().st_mode) == 0o700
    copied = room / ("copy" * 25)
    copied.mkdir()
    shutil.copy(long / "postgres-socket", copied)
    copy = start(copied)
    assert copy.pid != embedded.pid
    assert copy.url != embedded.url
    copy.stop()
    embedded.stop()
    assert not short.exists()
    again = start(long)
    assert again.url == address
    again.stop()


def test_a_socket_folder_that_others_may_use_is_not_trusted(room: Path) -> None:
    """A noted socket folder that is open to others, or somebody else's, is left alone: the server gets a new one."""
    long = room / ("long" * 25)
    embedded = start(long)
    embedded.stop()
    server, note = embedded.pgdata.stat().st_uid, long / "postgres-socket"
    cases = [("open", 0o755, server)] + ([("foreign", 0o700, 65534)] if os.geteuid() == 0 else [])
    for name, mode, uid in cases:
        folder = room / name
        folder.mkdir()
        with socket.socket(socket.AF_UNIX) as trap:
            trap.bind(str(folder / ".s.PGSQL.5432"))
            trap.listen()
            os.chown(folder, uid, -1)
            folder.chmod(mode)
            note.write_text(f"{embedded.pgdata}\n{folder}\n")
            again = start(long)
            assert name not in again.url
            assert ask(again, "SELECT 1") == 1
            again.stop()


def test_another_folders_server_is_never_joined(room: Path) -> None:
    """A server that answers at the right place but serves another folder is refused, and both folders are named."""
    mine, other = room / ("mine" * 25), room / ("other" * 20)
    answering = start(other)
    short = (other / "postgres-socket").read_text().splitlines()[1]
    mine.mkdir()
    (mine / "postgres-socket").write_text(f"{mine}/postgres\n{short}\n")
    with pytest.raises(SettingsError, match=f"{mine}/postgres serves {other}/postgres"):
        start(mine)
    assert ask(answering, "SELECT 1") == 1
    answering.stop()


def test_databases_are_copied_and_dropped(home: Path) -> None:
    """A database made from a template holds its rows; dropping cuts its connections, the server's own too."""
    embedded = start(home)
    pattern = embedded.create_database("pattern").replace("+psycopg", "")
    with psycopg.connect(pattern) as connection:
        connection.execute("CREATE TABLE word AS SELECT 'bond' AS said")
    copy = embedded.create_database("copy", "pattern").replace("+psycopg", "")
    with psycopg.connect(copy) as connection, psycopg.connect(copy, user="postgres") as owner:
        assert connection.execute("SELECT said FROM word").fetchone() == ("bond",)
        embedded.drop_database("copy")
        for cut in (connection, owner):
            with pytest.raises(psycopg.OperationalError):
                cut.execute("SELECT 1")
    embedded.drop_database("copy")
    embedded.drop_database("pattern")
    assert ask(embedded, "SELECT count(*) FROM pg_database WHERE datname IN ('copy', 'pattern')") == 0
    embedded.stop()
