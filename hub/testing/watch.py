"""Watches what a plugin does behind the hub's back: sockets, files, processes, output, and lines in logs."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

_WATCHED = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "open")
_watchers: list[list[tuple[str, Any]]] = []
_installed: list[bool] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _watchers and event in _WATCHED:
        for heard in _watchers:
            heard.append((event, arguments))


@contextlib.contextmanager
def watched() -> Iterator[list[tuple[str, Any]]]:
    """What this process does of the watched kind in the block; the interpreter's audit hook is never taken off."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hear)
    heard: list[tuple[str, Any]] = []
    _watchers.append(heard)
    try:
        yield heard
    finally:
        _watchers.remove(heard)


def strangers(heard: list[tuple[str, Any]], *urls: str) -> list[str]:
    """The hosts other than these addresses' that were looked up or called."""
    ours = {(one.hostname, str(one.port)) for one in map(urlsplit, urls)}
    names, called = {name for name, _ in ours}, set()
    for event, arguments in heard:
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            host, port = str(arguments[1][0]), arguments[1][1]
        elif event == "socket.getaddrinfo" and arguments[0]:
            host, port = str(arguments[0]), arguments[1]
        else:
            continue
        if (host, str(port)) not in ours if port else host not in names:
            called.add(f"{host}:{port}")
    return sorted(called)


def written(heard: list[tuple[str, Any]]) -> list[str]:
    """Files that were opened for writing, and commands that were started."""
    found = []
    for event, arguments in heard:
        if event == "open":
            mode = str(arguments[1] or "r")
            if set(mode) & set("wax+") and "__pycache__" not in str(arguments[0]):
                found.append(f"opens {arguments[0]}")
        elif event in {"subprocess.Popen", "os.system"}:
            found.append(f"starts {arguments[0]}")
    return found


class _Everything(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=0)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextlib.contextmanager
def overheard() -> Iterator[list[str]]:
    """Every line logged in the block, down to the lowest level, and all that is printed."""
    root, everything = logging.getLogger(), _Everything()
    level, out = root.level, io.StringIO()
    root.addHandler(everything)
    root.setLevel(1)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            yield everything.lines
    finally:
        root.setLevel(level)
        root.removeHandler(everything)
        everything.lines += [f"printed: {line}" for line in out.getvalue().splitlines()]
