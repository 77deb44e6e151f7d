"""The system user that the embedded server runs as, and its access to the parent folders.

PostgreSQL refuses to run as root. A hub that runs as root therefore runs it as a system user, and lets only that user
pass through (not list, not read) the parent folders. Everything but PostgreSQL's own folder stays with root.
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
    """The owner of the server's processes."""

    uid: int
    gid: int
    foreign: bool
    """True when the hub is root and the server runs as somebody else."""

    def own(self, path: Path) -> None:
        """Make the server's user the owner of `path`, where that is not the hub's own user."""
        if self.foreign:
            os.chown(path, self.uid, self.gid)

    def run(self, program: Path, *arguments: str, output: Path, timeout: float) -> int:
        """Run one of the server's programs as this user; returns its exit code, -1 on a time-out.

        Its output goes to the file `output`, because a started server would keep a pipe open. The environment is
        minimal: the hub's may contain secrets, which the server must not inherit.
        """
        groups: list[str | int] = []  # no supplementary ones
        with output.open("wb") as stream:
            try:
                process = subprocess.run(  # noqa: S603 - a program of the wheel, our own arguments
                    [str(program), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=stream,
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
        return process.returncode


def server_user(data_dir: Path, pgdata: Path) -> ServerUser:
    """The user that the server in `pgdata` runs as; creates the system user when root needs one.

    Raises `SettingsError` when it can't be created, or when root is to use another user's folder, whose owner could
    make root write elsewhere.
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
    account = _find_system_user() or _create_system_user()
    return ServerUser(account.pw_uid, account.pw_gid, foreign=True)


def let_through(folder: Path, user: ServerUser) -> None:
    """Let the server's user pass through `folder` and its parents, when the hub runs as root.

    Uses an access list (ACL) for this one user; where the file system has none, everyone may pass through, and a
    warning is logged.
    """
    if not user.foreign:
        return
    for step in (folder, *folder.parents):
        status = step.stat()
        if status.st_mode & stat.S_IXOTH or (status.st_uid == user.uid and status.st_mode & stat.S_IXUSR):
            continue
        try:
            _name_in_access_list(step, user.uid, status.st_mode)
        except OSError as error:
            if error.errno not in {errno.ENOTSUP, errno.EPERM, errno.EINVAL}:
                raise
            step.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
            _log.warning("every user may now pass through %s, which contains the embedded database", step)


def _name_in_access_list(folder: Path, uid: int, mode: int) -> None:
    if not hasattr(os, "getxattr"):
        raise OSError(errno.ENOTSUP, "no access lists on this system")
    try:
        packed = os.getxattr(folder, _ACL)
        entries = {(tag, who): can for tag, can, who in _ACL_ENTRY.iter_unpack(packed[_ACL_VERSION.size :])}
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        entries = {(_OWNER, _NO_ID): mode >> 6 & 7, (_GROUP, _NO_ID): mode >> 3 & 7, (_OTHER, _NO_ID): mode & 7}
    bounded = (_MASK, _NO_ID) in entries
    entries[_USER, uid] = entries.get((_USER, uid), 0) | _PASS
    entries[_MASK, _NO_ID] = (entries[_MASK, _NO_ID] if bounded else entries[_GROUP, _NO_ID]) | _PASS
    packed = b"".join(_ACL_ENTRY.pack(tag, can, who) for (tag, who), can in sorted(entries.items()))
    os.setxattr(folder, _ACL, _ACL_VERSION.pack(2) + packed)


def _find_system_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None


def _create_system_user() -> pwd.struct_passwd:
    useradd, adduser = shutil.which("useradd"), shutil.which("adduser")
    if useradd:
        command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER]
    elif adduser:  # BusyBox
        command = [adduser, "-S", "-D", "-H", "-s", "/bin/false", SYSTEM_USER]
    else:
        command = ["false"]
    process = subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    if account := _find_system_user():  # also when another process was faster
        return account
    reason = process.stderr.decode(errors="replace").strip() or "no program for it is installed"
    raise SettingsError(
        f"the embedded database can't run as root, and the user {SYSTEM_USER!r} can't be created: {reason}",
        next_step="run the hub as an ordinary user, create that user, or set HUB_DATABASE_URL",
    )
