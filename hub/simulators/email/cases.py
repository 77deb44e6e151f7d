"""The vendor's cases, and which of them a mail belongs to. Pure but for the numbers that it gives out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.simulators.email.options import Options, Seeds
from hub.simulators.email.reading import Letter


@dataclass(slots=True, eq=False)
class Case:
    """One case: its mails by Message-ID in order, and its state."""

    number: str
    """The number that people see; without numbers, our key or the first mail's Message-ID."""
    mark: str
    """The number as written in subjects, such as [CS-1042]; empty where the desk gives no numbers."""
    key: str
    subject: str
    """As we wrote it, token included."""
    status: str = "open"
    severity: int = 0
    mails: list[str] = field(default_factory=list)
    last: Letter | None = field(default=None, repr=False)
    """The mail that a reply quotes."""


class Cases:
    """All cases of a desk, by number, key and Message-ID."""

    def __init__(self, options: Options, seeds: Seeds) -> None:
        self._options = options
        self._key = re.compile(seeds.key_pattern)
        self._operation = re.compile(seeds.key_pattern.partition("(?!")[0] + seeds.operation_pattern)
        mark = re.escape(options.mark).replace(r"\{\}", r"([0-9]+)")
        self._number = re.compile(mark) if options.mark else None
        self._by_name: dict[str, Case] = {}
        self._by_mail: dict[str, Case] = {}
        self.all: list[Case] = []

    def get(self, name: str) -> Case:
        """A case by number or by key; LookupError when there is none."""
        case = self._by_name.get(str(name))
        if case is None:
            raise LookupError(f"there is no case {name}; give its number or key")
        return case

    def key_in(self, text: str) -> str:
        """The bond's key in a text, or an empty string."""
        match = self._key.search(text)
        return match[0] if match else ""

    def operation_in(self, *texts: str) -> str:
        """The first operation's key in these texts, or an empty string."""
        matches = (self._operation.search(text) for text in texts)
        return next((match[0] for match in matches if match), "")

    def belonging(self, letter: Letter) -> Case | None:
        """The case that a mail is about; None for a mail that opens a new case."""
        ways = {"references": self._by_references, "token": self._by_token, "number": self._by_number}
        return next((case for way in self._options.threads if (case := ways[way](letter))), None)

    def open(self, letter: Letter) -> Case:
        """A new case for a mail."""
        key = self.key_in(letter.subject)
        number = str(self._options.first_number + len(self.all))
        mark = self._options.mark.format(number)
        name = mark.strip("[](){}#") if mark else key or letter.message_id
        made = Case(name, mark, key, letter.subject, last=letter)
        self.all.append(made)
        for name_or_key in filter(None, (name, key)):
            self._by_name.setdefault(name_or_key, made)
        self.add_mail(made, letter.message_id)
        return made

    def add_mail(self, case: Case, message_id: str) -> None:
        """Add a mail, ours or theirs, to the case."""
        case.mails.append(message_id)
        self._by_mail[message_id] = case

    def _by_references(self, letter: Letter) -> Case | None:
        return next((self._by_mail[message_id] for message_id in _latest(letter) if message_id in self._by_mail), None)

    def _by_token(self, letter: Letter) -> Case | None:
        key = self.key_in(letter.subject)
        return self._by_name.get(key) if key else None

    def _by_number(self, letter: Letter) -> Case | None:
        for match in self._number.finditer(letter.subject) if self._number else ():
            case = self._by_name.get(match[0].strip("[](){}#"))
            if case is not None:
                return case
        return None


def _latest(letter: Letter) -> Iterable[str]:
    return (*letter.in_reply_to, *reversed(letter.references))
