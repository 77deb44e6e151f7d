"""The system user that the embedded server runs as, and the folders that user must pass through.

PostgreSQL refuses to run as root. A root hub therefore runs it as a system user of its own, and lets that one
user pass through (not list, not read) the folders above. All but PostgreSQL's own folder stays root's.
"""

from __future__ import annotations

import errno
import logging
import os
import pwd
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hub.errors import SettingsError

SYSTEM_USER = "rjr-hub"
"""The system user that a root hub creates for the server."""

_log = logging.getLogger(__name__)

_ACL = "system.posix_acl_access"
_ACL_VERSION = struct.Struct("<I")
_ACL_ENTRY = struct.Struct("<HHI")  # tag, permissions, id: include/uapi/linux/posix_acl_xattr.h
_OWNER, _USER, _GROUP, _NAMED_GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_NO_ID = 0xFFFFFFFF
_PASS = 0x01


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Who the server's processes belong to."""

    uid: int
    gid: int
    foreign: bool
    """True when the hub is root and the server runs as somebody else."""

    def own(self, path: Path) -> None:
        """Give `path` to the server's user, where that is not the hub's own."""
        if self.foreign:
            os.chown(path, self.uid, self.gid)

    def run(self, program: Path, *arguments: str, output: Path, timeout: float) -> int:
        """Run one of the server's programs as this user; returns its exit code, -1 when it took too long.

        Its words go to the file `output`, because a started server would hold a pipe open. The environment is
        bare: the hub's may hold secrets, which a server has no business to inherit.
        """
        groups: list[str | int] = []  # none besides its own
        with output.open("wb") as words:
            try:
                done = subprocess.run(  # noqa: S603 - a program of the wheel, arguments of our own
                    [str(program), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=words,
                    stderr=words,
                    cwd="/",
                    env={"PATH": os.defpath, "LC_ALL": "C"},
                    start_new_session=True,
                    check=False,
                    timeout=timeout,
                    user=self.uid if self.foreign else None,
                    group=self.gid if self.foreign else None,
                    extra_groups=groups if self.foreign else None,
                )
            except subprocess.TimeoutExpired:
                return -1
        return done.returncode


def server_user(data_dir: Path, pgdata: Path) -> ServerUser:
    """The user that the server in `pgdata` runs as; creates the system user when root needs one.

    Raises `SettingsError` when it can't be created, or when root is asked to work in somebody else's folder,
    whose owner could make root write elsewhere.
    """
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid(), foreign=False)
    if owner := data_dir.stat().st_uid:
        raise SettingsError(
            f"the hub runs as root, but its data folder {data_dir} belongs to user {owner}",
            next_step="run the hub as that user, or give the folder to root",
        )
    if pgdata.exists() and (status := pgdata.lstat()).st_uid != 0:
        return ServerUser(status.st_uid, status.st_gid, foreign=True)
    known = _find() or _create()
    return ServerUser(known.pw_uid, known.pw_gid, foreign=True)


def let_through(folder: Path, user: ServerUser) -> None:
    """Let the server's user pass through `folder` and all above it, where a root hub keeps them shut.

    Prefers an access list that names this one user; where the file system has none, everyone may pass, which
    is logged as a warning.
    """
    if not user.foreign:
        return
    for step in (folder, *folder.parents):
        status = step.stat()
        if status.st_mode & stat.S_IXOTH or (status.st_uid == user.uid and status.st_mode & stat.S_IXUSR):
            continue
        try:
            _name_in_access_list(step, user.uid, status.st_mode)
        except OSError as refused:
            if refused.errno not in {errno.ENOTSUP, errno.EPERM, errno.EINVAL}:
                raise
            step.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
            _log.warning("every user may now pass through %s, which the embedded database lies in", step)


def _name_in_access_list(folder: Path, uid: int, mode: int) -> None:
    if not hasattr(os, "getxattr"):
        raise OSError(errno.ENOTSUP, "no access lists here")
    try:
        packed = os.getxattr(folder, _ACL)
        entries = {(tag, who): can for tag, can, who in _ACL_ENTRY.iter_unpack(packed[_ACL_VERSION.size :])}
    except OSError as missing:
        if missing.errno != errno.ENODATA:
            raise
        entries = {(_OWNER, _NO_ID): mode >> 6 & 7, (_GROUP, _NO_ID): mode >> 3 & 7, (_OTHER, _NO_ID): mode & 7}
    bounded = (_MASK, _NO_ID) in entries
    entries[_USER, uid] = entries.get((_USER, uid), 0) | _PASS
    entries[_MASK, _NO_ID] = (entries[_MASK, _NO_ID] if bounded else entries[_GROUP, _NO_ID]) | _PASS
    packed = b"".join(_ACL_ENTRY.pack(tag, can, who) for (tag, who), can in sorted(entries.items()))
    os.setxattr(folder, _ACL, _ACL_VERSION.pack(2) + packed)


def _find() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None


def _create() -> pwd.struct_passwd:
    useradd, adduser = shutil.which("useradd"), shutil.which("adduser")
    if useradd:
        command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER]
    elif adduser:  # BusyBox
        command = [adduser, "-S", "-D", "-H", "-s", "/bin/false", SYSTEM_USER]
    else:
        command = ["false"]
    made = subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    if found := _find():  # also when another process was quicker
        return found
    why = made.stderr.decode(errors="replace").strip() or "there is no program for it"
    raise SettingsError(
        f"the embedded database can't run as root, and the user {SYSTEM_USER!r} can't be created: {why}",
        next_step="run the hub as an ordinary user, create that user, or set HUB_DATABASE_URL",
    )
