"""What an import reports beside its counts: words that no table knows, and lists of a document that were not read."""

from __future__ import annotations

from collections import Counter

MOST = 20
"""The most different words that are listed."""


class Findings:
    """Collects what was read with a default, to be reported once at the end."""

    def __init__(self) -> None:
        self.unread: list[str] = []
        """The names of a JSON document's other lists."""
        self._unknown: Counter[tuple[str, str, str]] = Counter()

    def unknown_word(self, table: str, text: str, instead: str) -> None:
        """Count a word that is not in `table`, and the value that was used instead."""
        key = table, shape(text), instead
        if key not in self._unknown and len(self._unknown) >= MOST:
            key = table, "other words", instead
        self._unknown[key] += 1

    def warnings(self) -> list[str]:
        """A sentence for each finding."""
        words = [
            f"unknown {table} {word} ({count} times), read as {instead}; add it to [{table}] in the mapping"
            for (table, word, instead), count in self._unknown.items()
        ]
        if self.unread:
            words.append(f"not read: {', '.join(self.unread[:MOST])}; name the list to read in file.list")
        return words


def shape(text: str) -> str:
    """A short word as it is, in quotes; of a longer text, or one that could be an address or a password, the length."""
    plain = len(text) <= 32 and not set(text) & set("@=\r\n")
    return repr(text) if plain else f"(a text of {len(text)} characters)"
