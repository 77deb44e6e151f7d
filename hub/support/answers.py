"""Tells a person's answer from what a machine writes by itself: by its marks, headers, author and text. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from html import unescape
from importlib.resources import files
from pathlib import Path

import msgspec

from hub.errors import SettingsError
from hub.model import Value

MOST = 8_000
"""Characters of a text that are looked at; what a machine says of itself stands at the beginning or the end."""

CERTAIN = 4
"""The weight of a machine's sign that leaves no doubt by itself."""

SHORT = 8
"""Words of an answer that needs no sign of a person; a machine says more."""

_MARKUP = re.compile(r"(?is)<(style|script|head|blockquote)\b.*?</\1>|<!--.*?-->")
_BREAK = re.compile(r"(?i)<(?:br|hr|/p|/div|/li|/tr|/h\d|/td|/pre|/table)\b[^<>]*>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_QUOTED = re.compile(r"(?m)^\s*(?:>|\|).*$")
_BLANKS = re.compile(r"[^\S\n]+")


class Taken(StrEnum):
    """What a text was taken for."""

    PERSON = "person"
    MACHINE = "machine"
    UNCLEAR = "unclear"


class Said(Value, frozen=True):
    """A text, and all that is known of how it came."""

    body: str
    author: str = ""
    automatic: bool = False  # the platform's own mark
    machine_authors: tuple[str, ...] = ()  # by setting
    headers: Mapping[str, str] = {}  # of a mail, by name


class Verdict(Value, frozen=True):
    """What a text was taken for, and why, in words for an operator; never quotes more than a phrase."""

    taken: Taken
    why: str


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


class _SignsData(msgspec.Struct, forbid_unknown_fields=True):
    version: str
    cuts: _Cuts
    machine: list[_Group]
    person: list[_Group]
    authors: _Marks
    headers: _Marks


class Sign(Value, frozen=True):
    """One phrase that was found."""

    weight: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"text: {self.what}, {self.text!r}"


class Signs:
    """All that texts, authors and headers are told apart by."""

    def __init__(self, data: _SignsData) -> None:
        self.version = data.version
        self.quote, self.tail, self.nothing = (
            _any(part) for part in (data.cuts.quote, data.cuts.tail, data.cuts.nothing)
        )
        self._machine, self._person = _compiled(data.machine), _compiled(data.person)
        self.authors = _any(data.authors.machine), _any(data.authors.doubtful)
        self.headers = _any(data.headers.machine, whole=True), _any(data.headers.doubtful, whole=True)

    def of_machines(self, text: str) -> list[Sign]:
        """A machine's signs in a folded text, heaviest first."""
        return _found(self._machine, text)

    def of_people(self, text: str) -> list[Sign]:
        """A person's signs in a folded text, heaviest first."""
        return _found(self._person, text)


def read_signs(path: Path | None = None) -> Signs:
    """The signs of a file, or those that the hub ships; raises SettingsError that names the place and the remedy."""
    place = str(path or "answers.toml")
    try:
        text = (path or files(__package__).joinpath("answers.toml")).read_text("utf-8")
        return Signs(msgspec.convert(tomllib.loads(text), _SignsData))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, re.error) as error:
        raise SettingsError(
            f"{place} holds no signs of machines and people: {error}",
            next_step="compare it with the answers.toml that the hub ships",
        ) from None


@cache
def shipped() -> Signs:
    """The signs that the hub ships, read once."""
    return read_signs()


def judge(said: Said, signs: Signs | None = None) -> Verdict:
    """Whether a person wrote it.

    Only a person's answer stops a clock. A machine's receipt taken for one would stop it falsely, and nobody would
    look again; a person's answer taken for unclear costs a look. So what is unclear stops nothing and is shown, and a
    text has to be free of a machine's signs, or well outweigh them, to count as a person's.
    """
    signs = signs or shipped()
    if said.automatic:
        return Verdict(Taken.MACHINE, "platform: it is marked as automatic")
    if said.author and said.author in said.machine_authors:
        return Verdict(Taken.MACHINE, f"author: {said.author} is a machine by setting")
    author = fold(said.author)
    if found := signs.authors[0].search(author):
        return Verdict(Taken.MACHINE, f"author: named {found[0]!r}")
    headers = [fold(f"{name}: {value}") for name, value in said.headers.items()]
    if header := _first(headers, signs.headers[0]):
        return Verdict(Taken.MACHINE, f"header: {header}")
    verdict = _judge_text(said.body, signs)
    if verdict.taken is not Taken.PERSON:
        return verdict
    if header := _first(headers, signs.headers[1]):
        return Verdict(Taken.UNCLEAR, f"header: {header}, though the text reads as a person's")
    if found := signs.authors[1].search(author):
        return Verdict(Taken.UNCLEAR, f"author: named {found[0]!r}, though the text reads as a person's")
    return verdict


def _judge_text(body: str, signs: Signs) -> Verdict:
    own = fold(signs.nothing.sub(" ", fold(plain(body))))
    if cut := signs.quote.search(own):
        own = own[: cut.start()]
    own = _QUOTED.sub("", own).strip()
    if not re.search(r"\w", own):
        return Verdict(Taken.UNCLEAR, "text: no words of its own")
    cut = signs.tail.search(own)
    head, tail = (own[: cut.start()], own[cut.start() :]) if cut and own[: cut.start()].strip() else (own, "")
    machine, person = signs.of_machines(head), signs.of_people(head)
    if not machine and (below := signs.of_machines(tail)):
        if person or below[0].weight < CERTAIN:
            return Verdict(Taken.PERSON, "text: only its footer is a machine's")
        return Verdict(Taken.UNCLEAR, f"{below[0]}, though only in the footer")
    if not machine and (_weight(person) > 1 or len(head.split()) <= SHORT):
        return Verdict(Taken.PERSON, str(person[0]) if person else "text: short, and no sign of a machine")
    if not machine:
        return Verdict(Taken.UNCLEAR, "text: no sign of a machine, and too little of a person")
    theirs, ours = _weight(machine), _weight(person)
    if machine[0].weight < CERTAIN and ours >= 2 * theirs:
        return Verdict(Taken.PERSON, f"{person[0]}, which outweighs {machine[0].what}")
    if theirs >= ours + 2:
        return Verdict(Taken.MACHINE, str(machine[0]))
    more = f", beside {person[0].what}" if person else ", which tells little"
    return Verdict(Taken.UNCLEAR, f"{machine[0]}{more}")


def plain(text: str) -> str:
    """The text without its markup, a line break where a block ends; what was quoted as a block is left out."""
    text = text[:MOST]
    if _TAG.search(text):
        text = _TAG.sub("", _BREAK.sub("\n", _MARKUP.sub(" ", text)))
    return unescape(text)


def fold(text: str) -> str:
    """The text as phrases compare with it: without accents and capitals, straight quotes, single blanks in a line."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'").replace("\r", "\n"))
    kept = "".join(
        one for one in bare if not unicodedata.combining(one) and unicodedata.category(one) != "Cf"
    )
    return _BLANKS.sub(" ", kept.casefold().replace("œ", "oe").replace("\n ", "\n"))


def _weight(found: Sequence[Sign]) -> int:
    return sum(one.weight for one in found)


def _first(lines: Iterable[str], pattern: re.Pattern[str]) -> str:
    return next((line[:80] for line in lines if pattern.fullmatch(line)), "")


Compiled = list[tuple[int, str, re.Pattern[str]]]


def _compiled(groups: Iterable[_Group]) -> Compiled:
    ordered = sorted(groups, key=lambda group: -group.weight)
    return [(one.weight, one.what, _any([phrase])) for one in ordered for phrase in one.phrases]


def _found(compiled: Compiled, text: str) -> list[Sign]:
    signs = []
    for weight, what, pattern in compiled:
        if found := pattern.search(text):
            signs.append(Sign(weight=weight, what=what, text=" ".join(found[0].split())[:60]))
    return signs


def _any(phrases: Iterable[str], *, whole: bool = False) -> re.Pattern[str]:
    """One pattern for phrases as the file writes them."""
    return re.compile("|".join(_pattern(phrase, whole=whole) for phrase in phrases), re.MULTILINE)


def _pattern(phrase: str, *, whole: bool) -> str:
    text = phrase.replace("...", "\0").replace(" ?", r"\s{,9}").replace(" ", r"\s{1,9}")
    text = text.replace("*", ".*" if whole else r"\w{,20}").replace("\0", r"(?:[^.!?]|\.(?=\w)){0,60}?")
    before = "" if phrase[0] == "^" else r"(?<!\w)"
    after = r"(?!\w)" if phrase[-1].isalnum() or phrase[-1] == ")" else ""
    return f"{before}(?:{text}){after}"
