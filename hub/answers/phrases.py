"""The phrases, authors, headers and word weights that distinguish machines from people; read from data files."""

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
    """One matched phrase; text matched by wildcards is left out."""

    weight: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.what}: {self.text!r}"


class PhraseBook:
    """Compiled phrases and word weights for texts, authors and headers."""

    def __init__(self, phrases: _Phrases, words: _Words) -> None:
        self.version = f"{phrases.version}, words {words.version}"
        self.quote, self.tail = any_of(phrases.cuts.quote), any_of(phrases.cuts.tail)
        self.nothing = any_of(phrases.cuts.nothing)
        self._machine, self._person = _compiled(phrases.machine), _compiled(phrases.person)
        self.authors = any_of(phrases.authors.machine), any_of(phrases.authors.doubtful)
        self.headers = any_of(phrases.headers.machine), any_of(phrases.headers.doubtful)
        self._weights: Mapping[str, float] = words.weights

    def of_machines(self, text: str) -> list[PhraseMatch]:
        """Machine phrases in a folded text, highest weight first."""
        return _matches(self._machine, text)

    def of_people(self, text: str) -> list[PhraseMatch]:
        """Person phrases in a folded text, highest weight first."""
        return _matches(self._person, text)

    def of_words(self, text: str) -> tuple[float, list[str]]:
        """The score of a folded text's words, above zero for a person; and the words that contributed most."""
        words = features(text)
        weights = {word: self._weights[word] for word in words if word in self._weights}
        score = 3 * sum(weights.values()) / math.sqrt(len(words))
        ranked = sorted(weights, key=lambda word: (-weights[word] if score >= 0 else weights[word], word))
        return score, ranked[:3]


def read_phrase_book(phrases: Path | None = None, words: Path | None = None) -> PhraseBook:
    """The phrase book in these files, or the shipped one; raises SettingsError with location and remedy."""
    place = str(phrases or "answers.toml")
    try:
        phrase_data = msgspec.convert(_table(phrases, "answers.toml"), _Phrases)
        place = str(words or "words.toml")
        return PhraseBook(phrase_data, msgspec.convert(_table(words, "words.toml"), _Words))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, re.error) as error:
        raise SettingsError(
            f"{place} is not a valid phrase file: {error}", next_step="compare it with the file shipped with the hub"
        ) from None


@cache
def shipped() -> PhraseBook:
    """The phrase book shipped with the hub, read once."""
    return read_phrase_book()


def _table(path: Path | None, name: str) -> dict[str, Any]:
    return tomllib.loads((path or files(__package__).joinpath(name)).read_text("utf-8"))


Compiled = list[tuple[int, str, re.Pattern[str]]]


def _compiled(groups: Iterable[_Group]) -> Compiled:
    ordered = sorted(groups, key=lambda group: -group.weight)
    return [(group.weight, group.what, any_of([phrase])) for group in ordered for phrase in group.phrases]


def _matches(compiled: Compiled, text: str) -> list[PhraseMatch]:
    return [
        PhraseMatch(weight, what, _without_wildcards(match))
        for weight, what, pattern in compiled
        if (match := pattern.search(text))
    ]


def _without_wildcards(match: re.Match[str]) -> str:
    """The matched text, with `…` for wildcards, whose text may be confidential."""
    text, at = "", match.start()
    for number in range(1, match.re.groups + 1):
        begin, end = match.span(number)
        if begin >= 0 and end > begin:
            text, at = f"{text}{match.string[at:begin]}…", end
    return " ".join((text + match.string[at : match.end()]).split())


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """One pattern for phrases as written in the files; its groups are the wildcards."""
    return re.compile("|".join(map(_pattern, phrases)), re.MULTILINE)


def _pattern(phrase: str) -> str:
    text = phrase.replace("(", "(?:").replace("...", "\0").replace("[a-z]+", "\1")
    text = text.replace(" ?", r"\s{,9}").replace(" ", r"\s{1,9}").replace("*", r"(\w{,20})")
    text = text.replace("\0", r"((?:[^.!?]|\.(?=\w)){0,60}?)").replace("\1", "([a-z]+)")
    before = "" if phrase[0] == "^" else r"(?<!\w)"
    after = r"(?!\w)" if phrase[-1].isalnum() or phrase[-1] == ")" else ""
    return f"{before}(?:{text}){after}"
