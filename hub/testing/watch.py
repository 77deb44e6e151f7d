"""Records what a plugin does beside its calls: sockets, files, processes, output and log lines."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

_EVENTS = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "open")
_recordings: list[list[tuple[str, Any]]] = []
_installed: list[bool] = []


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if _recordings and event in _EVENTS:
        for events in _recordings:
            events.append((event, arguments))


@contextlib.contextmanager
def recorded() -> Iterator[list[tuple[str, Any]]]:
    """The audit events of this process during the block; an audit hook, once installed, can't be removed."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_record)
    events: list[tuple[str, Any]] = []
    _recordings.append(events)
    try:
        yield events
    finally:
        _recordings.remove(events)


def other_hosts(events: list[tuple[str, Any]], *urls: str) -> list[str]:
    """The hosts that were looked up or called, except those of these addresses."""
    ours = {(parts.hostname, str(parts.port)) for parts in map(urlsplit, urls)}
    names, called = {name for name, _ in ours}, set()
    for event, arguments in events:
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            host, port = str(arguments[1][0]), arguments[1][1]
        elif event == "socket.getaddrinfo" and arguments[0]:
            host, port = str(arguments[0]), arguments[1]
        else:
            continue
        if (host, str(port)) not in ours if port else host not in names:
            called.add(f"{host}:{port}")
    return sorted(called)


def side_effects(events: list[tuple[str, Any]]) -> list[str]:
    """Files that were opened for writing, and commands that were started."""
    effects = []
    for event, arguments in events:
        if event == "open":
            mode = str(arguments[1] or "r")
            if set(mode) & set("wax+") and "__pycache__" not in str(arguments[0]):
                effects.append(f"opens {arguments[0]}")
        elif event in {"subprocess.Popen", "os.system"}:
            effects.append(f"starts {arguments[0]}")
    return effects


class _LineCollector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=0)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextlib.contextmanager
def captured_output() -> Iterator[list[str]]:
    """Every line that is logged during the block, at any level, and every line that is printed."""
    root, collector = logging.getLogger(), _LineCollector()
    level, out = root.level, io.StringIO()
    root.addHandler(collector)
    root.setLevel(1)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            yield collector.lines
    finally:
        root.setLevel(level)
        root.removeHandler(collector)
        collector.lines += [f"printed: {line}" for line in out.getvalue().splitlines()]
