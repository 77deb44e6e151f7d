"""What the type checker tells the author of a plugin."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def test_a_plugins_author_is_helped_by_types() -> None:
    """A sound plugin is clean under mypy --strict, and common mistakes are found where they are made."""
    files = [HERE / "author.py", HERE / "mistakes.py"]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--hide-error-context", *map(str, files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    told = set(re.findall(r"([\w./]+\.py):(\d+): error: .*\[([\w-]+)\]", done.stdout))
    expected = {
        (str(path.relative_to(ROOT)), str(number), code)
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for code in re.findall(r"# expect: ([\w-]+)", line)
    }
    assert told == expected, done.stdout + done.stderr
    assert len(expected) == 13
