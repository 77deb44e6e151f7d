"""Writes the generated pages and the types of a vendor's face, or checks that they are what the code says today."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from docs.changelog import changelog_page
from docs.commands import commands_page
from docs.face import face_stub
from docs.pages import errors_page, hooks_page, settings_page, states_page, states_summary, vendors_page
from docs.quality import conformance_page

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = "docs/reference"
SHOWN = 30
"""Lines of a stale page's difference that are printed."""


def pages() -> dict[str, str]:
    """Every file that is written whole, by its path from the repository's root."""
    return {
        f"{REFERENCE}/hooks.md": hooks_page(),
        f"{REFERENCE}/settings.md": settings_page(ROOT),
        f"{REFERENCE}/errors.md": errors_page(),
        f"{REFERENCE}/commands.md": commands_page(),
        f"{REFERENCE}/vendors.md": vendors_page(ROOT),
        f"{REFERENCE}/states.md": states_page(),
        f"{REFERENCE}/conformance.md": conformance_page(),
        "CHANGELOG.md": changelog_page(ROOT),
        "hub/vendors/face.pyi": face_stub(),
    }


def parts() -> dict[str, dict[str, str]]:
    """Generated parts of pages that people write: path, name of the part, text."""
    return {"docs/explain/architecture.md": {"states": states_summary()}}


def filled(text: str, given: Mapping[str, str], path: str) -> str:
    """The page with each part put between its markers; raises ValueError when a page lacks the markers."""
    for name, part in given.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"{path} needs the markers {begin} and {end} once")
        before, after = pattern.split(text)
        text = f"{before}{begin}\n{part}{end}{after}"
    return text


def wanted(root: Path) -> dict[str, str]:
    """What every generated page has to say, those with generated parts included."""
    whole = pages()
    for path, given in parts().items():
        whole[path] = filled((root / path).read_text("utf-8"), given, path)
    return whole


def stale(root: Path) -> dict[str, list[str]]:
    """The pages that are not what the code says, each with the difference."""
    found: dict[str, list[str]] = {}
    for path, text in wanted(root).items():
        file = root / path
        before = file.read_text("utf-8") if file.is_file() else ""
        if before != text:
            found[path] = list(
                difflib.unified_diff(before.splitlines(), text.splitlines(), f"{path} (now)", path, lineterm="")
            )
    return found


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or with --check say which are stale; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    asked = parser.parse_args(arguments)
    late = stale(ROOT)
    if not asked.check:
        texts = wanted(ROOT)
        for path in late:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(texts[path], "utf-8")
            print(f"wrote {path}")  # noqa: T201 - a command's answer
        return 0
    for path, difference in late.items():
        print(f"{path} is stale; run `make docs`", file=sys.stderr)  # noqa: T201
        print("\n".join(difference[:SHOWN]), file=sys.stderr)  # noqa: T201
    return 1 if late else 0


if __name__ == "__main__":
    raise SystemExit(main())
