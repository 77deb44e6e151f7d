"""The reject file: bad rows in their original text, to be mended and imported again."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import Self

import msgspec

from hub.desk.columns import ImportMapping
from hub.desk.layout import look
from hub.desk.rows import BadRow, open_rows


class Rejects:
    """Writes the bad rows of one import beside its file; a context manager.

    For `incidents.csv` there are two files. `incidents.rejects.csv` has the export's own header, encoding,
    delimiter and line ends, and the rows byte for byte as they stood: mend it in the tool that made it, and
    import it with the same mapping. `incidents.rejects.reasons.jsonl` has one object for each bad row: the
    line in the export, the line in the reject file, and the reason; never the row's text.

    Both appear when the import ends, whole, and only if a row was bad; an import that is broken off leaves
    none, since the next one tells the same rows again. A reject file that is already there
    is never overwritten, because somebody may be mending it: the same content stays the one file, other
    content goes to `incidents.rejects-2.csv`. `folder` puts them elsewhere than beside the export.
    Both hold what the export held; they are readable by their owner only.
    """

    def __init__(self, path: Path, mapping: ImportMapping | None = None, *, folder: Path | None = None) -> None:
        self._path = path
        self._folder = folder or path.parent
        self._layout = look(path, mapping.file if mapping else None)
        with open_rows(path, self._layout) as rows:
            header = rows.header
        self._newline = "\r\n" if header.endswith("\r\n") else self._layout.newline
        self.count = 0
        self.file: Path | None = None
        """The reject file, once the import has ended; None when every row was good."""
        self.reasons: Path | None = None
        self._line = 1 + header.count(self._layout.newline)
        # Temporary files are made readable by their owner only.
        self._rows = NamedTemporaryFile(dir=self._folder, prefix=".rejects-", delete=False)  # noqa: SIM115
        self._told = NamedTemporaryFile(dir=self._folder, prefix=".rejects-", delete=False)  # noqa: SIM115
        self._rows.write(self._layout.bom + self._encode(header))

    def add(self, bad: BadRow) -> None:
        """Keep one bad row."""
        raw = bad.raw if bad.raw.endswith(self._layout.newline) else bad.raw + self._newline
        self._rows.write(self._encode(raw))
        told = {"line": bad.line, "last_line": bad.last_line or None, "rejects_line": self._line, "reason": bad.reason}
        self._told.write(msgspec.json.encode({name: value for name, value in told.items() if value}) + b"\n")
        self._line += raw.count(self._layout.newline)
        self.count += 1

    def close(self, *, keep: bool = True) -> None:
        """Put the files in their place; leave none when no row was bad, or without `keep`."""
        self._rows.close()
        self._told.close()
        rows, told = Path(self._rows.name), Path(self._told.name)
        if self.count and keep:
            self.file, self.reasons = self._place(rows, told)
        rows.unlink(missing_ok=True)
        told.unlink(missing_ok=True)

    def _place(self, rows: Path, told: Path) -> tuple[Path, Path]:
        number = 1
        while True:
            stem = f"{self._path.stem}.rejects" + (f"-{number}" if number > 1 else "")
            file = self._folder / f"{stem}{self._path.suffix}"
            reasons = self._folder / f"{stem}.reasons.jsonl"
            if not file.exists() or _same(rows, file):
                rows.replace(file)
                told.replace(reasons)
                return file, reasons
            number += 1

    def _encode(self, text: str) -> bytes:
        return text.encode(self._layout.encoding, self._layout.errors)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(keep=kind is None)


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while chunk := left.read(64 * 1024):
            if chunk != right.read(len(chunk)):
                return False
    return True
