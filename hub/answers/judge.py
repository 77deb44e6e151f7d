"""Distinguishes a person's answer from an automatic message, by marks, headers, author and text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from hub.answers.phrases import PhraseBook, PhraseMatch, shipped
from hub.answers.text import fold, own, plain
from hub.model import Value, Writer

CERTAIN = 4
"""The weight of a machine phrase that is conclusive on its own."""

SHORT = 3
"""The most words of an answer without any sign of a person; automatic messages are longer."""

PERSON, MACHINE = 0.0, -2.0
"""The least score of a person's text; the greatest of a machine's."""


class ReceivedText(Value, frozen=True):
    """A text, with its author and how it arrived."""

    body: str
    author: str = ""
    automatic: bool = False  # marked by the platform
    machine_authors: tuple[str, ...] = ()  # from the settings
    headers: Mapping[str, str] = {}  # of a mail, by name


class Judgement(Value, frozen=True):
    """Who wrote a text, and why; the reason quotes the hub's phrase lists and nothing else of the text."""

    taken: Writer
    why: str
    sure: bool = True
    """False when only single words decided, no mark or phrase."""


def judge(received: ReceivedText, book: PhraseBook | None = None) -> Judgement:
    """Whether a person wrote the text.

    Only a person's answer stops a clock. A receipt taken for an answer would stop it unnoticed, while an answer taken
    for unclear only costs a person a look. So an unclear text stops nothing and is shown.
    """
    book = book or shipped()
    if received.author and received.author in received.machine_authors:
        return Judgement(taken=Writer.MACHINE, why="author: configured as a machine")
    if received.automatic:
        return Judgement(taken=Writer.MACHINE, why="platform: marked as automatic")
    author = fold(received.author)
    if match := book.authors[0].search(author):
        return Judgement(taken=Writer.MACHINE, why=f"author: {match[0]!r}")
    headers = [fold(f"{name}: {value}") for name, value in received.headers.items()]
    if header := _first(headers, book.headers[0]):
        return Judgement(taken=Writer.MACHINE, why=f"header: {header!r}")
    verdict = _judge_text(received.body, book)
    if verdict.taken is Writer.PERSON:
        if header := _first(headers, book.headers[1]):
            return Judgement(taken=Writer.UNCLEAR, why=f"header: {header!r}, but the text reads like a person's")
        if match := book.authors[1].search(author):
            return Judgement(taken=Writer.UNCLEAR, why=f"author: {match[0]!r}, but the text reads like a person's")
    return verdict


def _judge_text(body: str, book: PhraseBook) -> Judgement:
    head, tail = own(book.nothing.sub(" ", fold(plain(body))), book.quote, book.tail)
    if not re.search(r"\w", head):
        return Judgement(taken=Writer.UNCLEAR, why="text: nothing but quotes or a signature")
    machine, person = book.of_machines(head), book.of_people(head)
    score, words = book.of_words(head)
    score += min(_weight(person), 4) / 2 - min(_weight(machine), 6)
    why = _why(machine, person, words, score)
    if machine and machine[0].weight >= CERTAIN:
        certain = str(machine[0])
        if score < PERSON + 2:
            return Judgement(taken=Writer.MACHINE, why=f"text: {certain}")
        return Judgement(taken=Writer.UNCLEAR, why=f"text: {certain}, but the rest reads like a person's")
    if score < PERSON and not machine and len(head.split()) <= SHORT:
        return Judgement(taken=Writer.PERSON, why="text: short, without signs of a machine")
    if score < PERSON:
        taken = Writer.MACHINE if score <= MACHINE else Writer.UNCLEAR
        return Judgement(taken=taken, why=why, sure=bool(machine))
    if below := [match for match in book.of_machines(tail) if match.weight >= CERTAIN and not person]:
        return Judgement(taken=Writer.UNCLEAR, why=f"text: {below[0]}, but only in the footer")
    return Judgement(taken=Writer.PERSON, why=why)


def _why(machine: list[PhraseMatch], person: list[PhraseMatch], words: list[str], score: float) -> str:
    matches = person if score >= PERSON else machine
    if matches:
        return f"text: {matches[0]}"
    return f"words: {', '.join(map(repr, words))}" if words else "text: no signs of either"


def _weight(matches: Iterable[PhraseMatch]) -> int:
    return sum(match.weight for match in matches)


def _first(lines: Iterable[str], pattern: re.Pattern[str]) -> str:
    return next((match[0].strip() for line in lines if (match := pattern.match(line))), "")
