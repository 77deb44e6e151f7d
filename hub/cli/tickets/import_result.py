"""Shows the result of an import."""

from __future__ import annotations

from hub.cli.shared.output import print_fields, print_line
from hub.desk.store import ImportResult
from hub.model import Json

SHOWN = 200
"""Characters of a field that are shown."""


def print_import(result: ImportResult) -> None:
    """Print the counts and warnings of an import and, after a dry run, its first rows."""
    fields = [
        (name.replace("_", " "), value)
        for name, value in vars(result).items()
        if not isinstance(value, list) or name == "merged_ids"
    ]
    print_fields([*fields, *(("warning", text) for text in result.warnings)])
    for ticket in result.first_rows:
        print_line("")
        print_fields((name, _plain(value)) for name, value in ticket.items() if value not in ("", None))
    for bad in result.first_rejected:
        print_line(f"\nrejected, line {bad['line']}: {bad['reason']}")


def _plain(value: Json) -> str:
    """A field of a ticket on a few lines; lists and tables as `name: value`."""
    if isinstance(value, dict):
        return "\n".join(f"{name}: {_plain(item)}" for name, item in value.items() if item)
    if isinstance(value, list):
        return "\n\n".join(map(_plain, value))
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
