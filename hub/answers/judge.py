"""Tells a person's answer from what a machine writes by itself: by its marks, headers, author and text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from hub.answers.phrases import PhraseBook, PhraseMatch, shipped
from hub.answers.text import fold, own, plain
from hub.model import Value, Writer

CERTAIN = 4
"""The weight of a machine's phrase that leaves no doubt by itself."""

SHORT = 3
"""Words of an answer that may lack every sign of a person; a machine says more."""

PERSON, MACHINE = 0.0, -2.0
"""What a text must come to at least, to be a person's; and at most, to be a machine's."""


class ReceivedText(Value, frozen=True):
    """A text, and all that is known of how it came."""

    body: str
    author: str = ""
    automatic: bool = False  # the platform's own mark
    machine_authors: tuple[str, ...] = ()  # by setting
    headers: Mapping[str, str] = {}  # of a mail, by name


class Judgement(Value, frozen=True):
    """What a text was taken for, and why; the reason quotes the hub's own lists and never the text beyond them."""

    taken: Writer
    why: str
    sure: bool = True
    """False where no mark and no phrase tells, only single words."""


def judge(said: ReceivedText, signs: PhraseBook | None = None) -> Judgement:
    """Whether a person wrote it.

    Only a person's answer stops a clock. A machine's receipt taken for one would stop it falsely, and nobody would
    look again; a person's answer taken for unclear costs a look. So what is unclear stops nothing and is shown.
    """
    signs = signs or shipped()
    if said.author and said.author in said.machine_authors:
        return Judgement(taken=Writer.MACHINE, why="author: a machine by setting")
    if said.automatic:
        return Judgement(taken=Writer.MACHINE, why="platform: it is marked as automatic")
    author = fold(said.author)
    if found := signs.authors[0].search(author):
        return Judgement(taken=Writer.MACHINE, why=f"author: {found[0]!r}")
    headers = [fold(f"{name}: {value}") for name, value in said.headers.items()]
    if header := _first(headers, signs.headers[0]):
        return Judgement(taken=Writer.MACHINE, why=f"header: {header!r}")
    verdict = _judge_text(said.body, signs)
    if verdict.taken is Writer.PERSON:
        if header := _first(headers, signs.headers[1]):
            return Judgement(taken=Writer.UNCLEAR, why=f"header: {header!r}, though the text reads as a person's")
        if found := signs.authors[1].search(author):
            return Judgement(taken=Writer.UNCLEAR, why=f"author: {found[0]!r}, though the text reads as a person's")
    return verdict


def _judge_text(body: str, signs: PhraseBook) -> Judgement:
    head, tail = own(signs.nothing.sub(" ", fold(plain(body))), signs.quote, signs.tail)
    if not re.search(r"\w", head):
        return Judgement(taken=Writer.UNCLEAR, why="text: no words of its own")
    machine, person = signs.of_machines(head), signs.of_people(head)
    told, words = signs.of_words(head)
    told += min(_weight(person), 4) / 2 - min(_weight(machine), 6)
    why = _why(machine, person, words, told)
    if machine and machine[0].weight >= CERTAIN:
        certain = str(machine[0])
        if told < PERSON + 2:
            return Judgement(taken=Writer.MACHINE, why=f"text: {certain}")
        return Judgement(taken=Writer.UNCLEAR, why=f"text: {certain}, though the rest reads as a person's")
    if told < PERSON and not machine and len(head.split()) <= SHORT:
        return Judgement(taken=Writer.PERSON, why="text: short, and no sign of a machine")
    if told < PERSON:
        taken = Writer.MACHINE if told <= MACHINE else Writer.UNCLEAR
        return Judgement(taken=taken, why=why, sure=bool(machine))
    if below := [sign for sign in signs.of_machines(tail) if sign.weight >= CERTAIN and not person]:
        return Judgement(taken=Writer.UNCLEAR, why=f"text: {below[0]}, though only in the footer")
    return Judgement(taken=Writer.PERSON, why=why)


def _why(machine: list[PhraseMatch], person: list[PhraseMatch], words: list[str], told: float) -> str:
    signs = person if told >= PERSON else machine
    if signs:
        return f"text: {signs[0]}"
    return f"words: {', '.join(map(repr, words))}" if words else "text: no sign of either"


def _weight(found: Iterable[PhraseMatch]) -> int:
    return sum(one.weight for one in found)


def _first(lines: Iterable[str], pattern: re.Pattern[str]) -> str:
    return next((found[0].strip() for line in lines if (found := pattern.match(line))), "")
