"""The reject file: bad rows in their original text, to correct and import again."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import Self

import msgspec

from hub.desk.layout import detect_layout
from hub.desk.mapping import ImportMapping
from hub.desk.rows import BadRow, open_rows


class Rejects:
    """Writes the bad rows of one import next to its file; a context manager.

    For `incidents.csv` there are two files. `incidents.rejects.csv` has the export's own header, encoding,
    delimiter and line ends, and the rows byte for byte: correct it in the tool that wrote it, and import it
    with the same mapping. `incidents.rejects.reasons.jsonl` has one object for each bad row: the
    line in the export, the line in the reject file, and the reason; never the row's text. Bad rows of JSON, also
    those of a document, are JSON Lines: `tickets.json` has `tickets.rejects.jsonl`.

    Both appear complete when the import ends, and only if a row was bad; an interrupted import leaves none, since the
    next one reports the same rows again. An existing reject file is never overwritten, because somebody may be editing
    it: the same content stays in one file, other content goes to `incidents.rejects-2.csv`. `folder` puts them
    elsewhere than next to the export. Both contain data of the export and are readable by their owner only.
    """

    def __init__(self, path: Path, mapping: ImportMapping | None = None, *, folder: Path | None = None) -> None:
        self._path = path
        self._folder = folder or path.parent
        mapping = mapping or ImportMapping()
        self._layout = detect_layout(path, mapping.file, mapping.columns.source_id)
        self._suffix = path.suffix if self._layout.format == "csv" else ".jsonl"
        with open_rows(path, self._layout) as rows:
            header = rows.header
        self._newline = "\r\n" if header.endswith("\r\n") else self._layout.newline
        self.count = 0
        self.file: Path | None = None
        """The reject file, after the import; None when no row was bad."""
        self.reasons: Path | None = None
        self._line = 1 + header.count(self._layout.newline)
        # Temporary files are created readable by their owner only.
        self._rows = NamedTemporaryFile(dir=self._folder, prefix=".rejects-", delete=False)  # noqa: SIM115
        self._reasons = NamedTemporaryFile(dir=self._folder, prefix=".rejects-", delete=False)  # noqa: SIM115
        self._rows.write(self._layout.bom + self._encode(header))

    def add(self, bad: BadRow) -> None:
        """Add one bad row."""
        raw = bad.raw if bad.raw.endswith(self._layout.newline) else bad.raw + self._newline
        self._rows.write(self._encode(raw))
        entry = {"line": bad.line, "last_line": bad.last_line or None, "rejects_line": self._line, "reason": bad.reason}
        self._reasons.write(msgspec.json.encode({name: value for name, value in entry.items() if value}) + b"\n")
        self._line += raw.count(self._layout.newline)
        self.count += 1

    def close(self, *, keep: bool = True) -> None:
        """Move the files into place; delete them when no row was bad, or without `keep`."""
        self._rows.close()
        self._reasons.close()
        rows, reasons_draft = Path(self._rows.name), Path(self._reasons.name)
        if self.count and keep:
            self.file, self.reasons = self._place(rows, reasons_draft)
        rows.unlink(missing_ok=True)
        reasons_draft.unlink(missing_ok=True)

    def _place(self, rows: Path, reasons_draft: Path) -> tuple[Path, Path]:
        number = 1
        while True:
            stem = f"{self._path.stem}.rejects" + (f"-{number}" if number > 1 else "")
            file = self._folder / f"{stem}{self._suffix}"
            reasons = self._folder / f"{stem}.reasons.jsonl"
            if not file.exists() or _same(rows, file):
                rows.replace(file)
                reasons_draft.replace(reasons)
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


def _same(left: Path, right: Path) -> bool:
    if left.stat().st_size != right.stat().st_size:
        return False
    with left.open("rb") as first, right.open("rb") as second:
        while chunk := first.read(64 * 1024):
            if chunk != second.read(len(chunk)):
                return False
    return True
