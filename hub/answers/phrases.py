"""What machines and people are told apart by: phrases, names and headers, and words with what each tells; all data."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hub.answers.text import features
from hub.errors import SettingsError


class _Group(msgspec.Struct, forbid_unknown_fields=True):
    what: str
    weight: int
    phrases: list[str]


class _Cuts(msgspec.Struct, forbid_unknown_fields=True):
    quote: list[str]
    tail: list[str]
    nothing: list[str]


class _Marks(msgspec.Struct, forbid_unknown_fields=True):
    machine: list[str]
    doubtful: list[str]


class _Phrases(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    cuts: _Cuts
    machine: list[_Group]
    person: list[_Group]
    authors: _Marks
    headers: _Marks


class _Words(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    weights: dict[str, float]


class PhraseMatch(NamedTuple):
    """One phrase that was found; what a wildcard of it stood for is left out."""

    weight: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.what}: {self.text!r}"


class PhraseBook:
    """All that texts, authors and headers are told apart by."""

    def __init__(self, phrases: _Phrases, words: _Words) -> None:
        self.version = f"{phrases.version}, words {words.version}"
        self.quote, self.tail = any_of(phrases.cuts.quote), any_of(phrases.cuts.tail)
        self.nothing = any_of(phrases.cuts.nothing)
        self._machine, self._person = _compiled(phrases.machine), _compiled(phrases.person)
        self.authors = any_of(phrases.authors.machine), any_of(phrases.authors.doubtful)
        self.headers = any_of(phrases.headers.machine), any_of(phrases.headers.doubtful)
        self._weights: Mapping[str, float] = words.weights

    def of_machines(self, text: str) -> list[PhraseMatch]:
        """A machine's phrases in a folded text, heaviest first."""
        return _found(self._machine, text)

    def of_people(self, text: str) -> list[PhraseMatch]:
        """A person's phrases in a folded text, heaviest first."""
        return _found(self._person, text)

    def of_words(self, text: str) -> tuple[float, list[str]]:
        """What the words of a folded text tell, above zero for a person; and those that tell most in that sense."""
        said = features(text)
        known = {word: self._weights[word] for word in said if word in self._weights}
        told = 3 * sum(known.values()) / math.sqrt(len(said))
        telling = sorted(known, key=lambda word: (-known[word] if told >= 0 else known[word], word))
        return told, telling[:3]


def read_signs(phrases: Path | None = None, words: Path | None = None) -> PhraseBook:
    """The signs of these files, or those that the hub ships; raises SettingsError that names place and remedy."""
    place = str(phrases or "answers.toml")
    try:
        told = msgspec.convert(_table(phrases, "answers.toml"), _Phrases)
        place = str(words or "words.toml")
        return PhraseBook(told, msgspec.convert(_table(words, "words.toml"), _Words))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, re.error) as error:
        raise SettingsError(
            f"{place} holds no signs of machines and people: {error}",
            next_step="compare it with the file that the hub ships",
        ) from None


@cache
def shipped() -> PhraseBook:
    """The signs that the hub ships, read once."""
    return read_signs()


def _table(path: Path | None, name: str) -> dict[str, Any]:
    return tomllib.loads((path or files(__package__).joinpath(name)).read_text("utf-8"))


Compiled = list[tuple[int, str, re.Pattern[str]]]


def _compiled(groups: Iterable[_Group]) -> Compiled:
    ordered = sorted(groups, key=lambda group: -group.weight)
    return [(one.weight, one.what, any_of([phrase])) for one in ordered for phrase in one.phrases]


def _found(compiled: Compiled, text: str) -> list[PhraseMatch]:
    return [
        PhraseMatch(weight, what, _shown(found))
        for weight, what, pattern in compiled
        if (found := pattern.search(text))
    ]


def _shown(found: re.Match[str]) -> str:
    """What was found, with `…` for what a wildcard stood for: that may be anybody's secret."""
    text, at = "", found.start()
    for number in range(1, found.re.groups + 1):
        begin, end = found.span(number)
        if begin >= 0 and end > begin:
            text, at = f"{text}{found.string[at:begin]}…", end
    return " ".join((text + found.string[at : found.end()]).split())


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """One pattern for phrases as the files write them; its groups are the wildcards."""
    return re.compile("|".join(map(_pattern, phrases)), re.MULTILINE)


def _pattern(phrase: str) -> str:
    text = phrase.replace("(", "(?:").replace("...", "\0").replace("[a-z]+", "\1")
    text = text.replace(" ?", r"\s{,9}").replace(" ", r"\s{1,9}").replace("*", r"(\w{,20})")
    text = text.replace("\0", r"((?:[^.!?]|\.(?=\w)){0,60}?)").replace("\1", "([a-z]+)")
    before = "" if phrase[0] == "^" else r"(?<!\w)"
    after = r"(?!\w)" if phrase[-1].isalnum() or phrase[-1] == ")" else ""
    return f"{before}(?:{text}){after}"
