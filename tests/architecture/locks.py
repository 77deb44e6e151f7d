"""What the tests of the lock files share: the distributions that one pins, and how names compare."""

from __future__ import annotations

import re

from source import ROOT

ENTRY = re.compile(
    r"^([A-Za-z0-9][\w.-]*)==([^ \n]+)(?: ; [^\n]+)? \\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def plain(requirement: str) -> str:
    """The name of a requirement's distribution, as names are compared."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


def locked(lock: str) -> dict[str, str]:
    """The distributions of a lock file with hashes, each with its version."""
    return {plain(name): version for name, version, _ in ENTRY.findall((ROOT / lock).read_text("utf-8"))}
