"""Reads the comments in a row, each with its visibility."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from hub.desk.findings import Findings
from hub.desk.mapping import CommentColumns, ImportMapping, folded
from hub.errors import BadInput
from hub.model import TicketComment, Visibility

YES = frozenset(["yes", "y", "true", "t", "1", "on", "oui", "o", "vrai"])
NO = frozenset(["no", "n", "false", "f", "0", "off", "non", "faux"])
NAMES = {
    **dict.fromkeys(("public", "external", "externe"), Visibility.PUBLIC),
    **dict.fromkeys(("private", "internal", "privé", "interne"), Visibility.PRIVATE),
}


class CommentReader:
    """Reads comments by a mapping; `parse` reads a date of a row by its column."""

    def __init__(
        self, mapping: ImportMapping, findings: Findings, parse: Callable[[Mapping[str, str], str], datetime | None]
    ) -> None:
        self._columns = mapping.comments
        self._names = NAMES | folded(mapping.visibility)
        self._findings = findings
        self._parse = parse
        for comment in mapping.comments:
            if comment.public.rpartition(".")[2].casefold() in {"private", "is_private", "internal", "is_internal"}:
                raise BadInput(
                    f"comments.public names the column {comment.public!r}, which would publish internal comments",
                    next_step=f'write private = "{comment.public}" instead',
                )

    def read(self, row: Mapping[str, str], raw: Mapping[str, str]) -> Iterator[TicketComment]:
        """The comments of a row, in the mapping's order; `raw` is the row with its words for nothing."""
        for comment in self._columns:
            for prefix in _prefixes(raw, comment.list):
                body = row.get(prefix + comment.body, "")
                if body.strip():
                    yield TicketComment(
                        author=row.get(prefix + comment.author, "").strip() if comment.author else "",
                        body=body,
                        visibility=self._visibility(row, raw, prefix, comment),
                        created_at=self._parse(row, prefix + comment.created_at) if comment.created_at else None,
                    )

    def _visibility(
        self, row: Mapping[str, str], raw: Mapping[str, str], prefix: str, comment: CommentColumns
    ) -> Visibility:
        found: list[Visibility] = []
        for column, yes, no in (
            (comment.public, Visibility.PUBLIC, Visibility.PRIVATE),
            (comment.private, Visibility.PRIVATE, Visibility.PUBLIC),
        ):
            text = raw.get(prefix + column, "").strip() if column else ""
            word = text.casefold()
            if word in self._names:
                found.append(self._names[word])
            elif word in YES:
                found.append(yes)
            elif word in NO:
                found.append(no)
            elif row.get(prefix + column, "").strip() and column:
                self._findings.unknown_word("visibility", text, "private")
                found.append(Visibility.PRIVATE)
        if Visibility.PRIVATE in found:
            return Visibility.PRIVATE
        return found[0] if found else comment.visibility


def _prefixes(row: Mapping[str, str], name: str) -> list[str]:
    """What the names of each object of a list begin with; one empty prefix for plain columns."""
    if not name:
        return [""]
    start = len(name) + 1
    numbers = {column[start:].partition(".")[0] for column in row if column.startswith(f"{name}.")}
    return [f"{name}.{number}." for number in sorted(map(int, filter(str.isdigit, numbers)))]
