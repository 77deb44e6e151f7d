"""The mails that SEARCH finds (RFC 3501, section 6.4.4). Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parsedate_to_datetime
from functools import lru_cache

from hub.simulators.email.imap_words import Malformed, Word, name, numbers, string
from hub.simulators.email.mailbox import Mail

Test = Callable[[int, Mail], bool]
"""Called with a mail's position, counted from 1, and the mail."""

_FLAGS = {
    "ANSWERED": "\\Answered",
    "DELETED": "\\Deleted",
    "DRAFT": "\\Draft",
    "FLAGGED": "\\Flagged",
    "SEEN": "\\Seen",
}
_DAYS: dict[str, Callable[[date, date], bool]] = {
    "SINCE": lambda day, wanted: day >= wanted,
    "BEFORE": lambda day, wanted: day < wanted,
    "ON": lambda day, wanted: day == wanted,
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HEADERS = {"FROM", "TO", "CC", "BCC", "SUBJECT"}


class UnknownCharset(ValueError):
    """Answered with NO [BADCHARSET ...]."""


def search(given: list[Word], mails: list[Mail]) -> list[tuple[int, Mail]]:
    """The positions and mails that fit, in order; raises Malformed and UnknownCharset."""
    keys = list(given)
    if len(keys) > 1 and not isinstance(keys[0], list) and string(keys[0]).upper() == "CHARSET":
        if string(keys[1]).upper() not in {"US-ASCII", "UTF-8"}:
            raise UnknownCharset
        keys = keys[2:]
    if not keys:
        raise Malformed("SEARCH without criteria")
    tests = _Criteria(keys, mails).all()
    return [(at, mail) for at, mail in enumerate(mails, 1) if all(test(at, mail) for test in tests)]


class _Criteria:
    def __init__(self, keys: list[Word], mails: list[Mail]) -> None:
        self.keys, self.mails = keys, mails

    def all(self) -> list[Test]:
        tests = []
        while self.keys:
            tests.append(self.criterion())
        return tests

    def _next_word(self) -> Word:
        if not self.keys:
            raise Malformed("SEARCH ends too early")
        return self.keys.pop(0)

    def criterion(self) -> Test:
        word = self._next_word()
        if isinstance(word, list):
            tests = _Criteria(list(word), self.mails).all()
            return lambda at, mail: all(test(at, mail) for test in tests)
        key = name(word)
        if key == "ALL":
            return lambda _at, _mail: True
        if key in _FLAGS:
            return self._flag(_FLAGS[key], wanted=True)
        if key.removeprefix("UN") in _FLAGS:
            return self._flag(_FLAGS[key.removeprefix("UN")], wanted=False)
        if key in {"KEYWORD", "UNKEYWORD"}:
            return self._flag(string(self._next_word()), wanted=key == "KEYWORD")
        if key in {"NEW", "RECENT", "OLD"}:
            return lambda _at, _mail: key == "OLD"  # \Recent is never set here
        return self._with_argument(key)

    def _with_argument(self, key: str) -> Test:
        if key.removeprefix("SENT") in _DAYS:
            return self._day(key)
        if key in _HEADERS:
            return self._header(key, string(self._next_word()))
        if key == "HEADER":
            return self._header(string(self._next_word()), string(self._next_word()))
        if key in {"TEXT", "BODY"}:
            return self._text(string(self._next_word()), whole=key == "TEXT")
        if key in {"LARGER", "SMALLER"}:
            return self._size(string(self._next_word()), larger=key == "LARGER")
        if key == "NOT":
            test = self.criterion()
            return lambda at, mail: not test(at, mail)
        if key == "OR":
            first, second = self.criterion(), self.criterion()
            return lambda at, mail: first(at, mail) or second(at, mail)
        if key == "UID":
            ranges = numbers(string(self._next_word()), self.mails[-1].uid if self.mails else 0)
            return lambda _at, mail: any(low <= mail.uid <= high for low, high in ranges)
        if key[:1].isdigit() or key[:1] == "*":
            ranges = numbers(key, len(self.mails))
            return lambda at, _mail: any(low <= at <= high for low, high in ranges)
        raise Malformed(f"unknown search key {key[:20]}")

    @staticmethod
    def _flag(flag: str, *, wanted: bool) -> Test:
        return lambda _at, mail: (flag in mail.flags) is wanted

    def _day(self, key: str) -> Test:
        wanted, fits = _date(string(self._next_word())), _DAYS[key.removeprefix("SENT")]
        if key.startswith("SENT"):
            return lambda _at, mail: (sent := _sent(mail)) is not None and fits(sent, wanted)
        return lambda _at, mail: fits(datetime.fromtimestamp(mail.at, UTC).date(), wanted)

    @staticmethod
    def _header(header: str, part: str) -> Test:
        wanted = part.casefold()
        return lambda _at, mail: any(wanted in value.casefold() for value in _values(mail, header))

    @staticmethod
    def _text(part: str, *, whole: bool) -> Test:
        wanted = part.casefold()
        return lambda _at, mail: wanted in _searched(mail, whole=whole).casefold()

    @staticmethod
    def _size(size: str, *, larger: bool) -> Test:
        if not size.isdigit():
            raise Malformed("a size was expected")
        limit = int(size)
        return lambda _at, mail: len(mail.raw) > limit if larger else len(mail.raw) < limit


def _date(text: str) -> date:
    try:
        day, month, year = text.strip('"').split("-")
        return date(int(year), _MONTHS.index(month.lower()) + 1, int(day))
    except ValueError:
        raise Malformed(f"{text[:20]!r} is no date such as 1-Feb-2026") from None


def parsed(mail: Mail) -> EmailMessage:
    """The parsed mail."""
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(mail.raw)
    assert isinstance(message, EmailMessage)
    return message


def _values(mail: Mail, header: str) -> tuple[str, ...]:
    return _header_values(mail.raw, header.lower())


@lru_cache(maxsize=16_384)
def _header_values(raw: bytes, header: str) -> tuple[str, ...]:
    """Cached, since a mail never changes and every search reads it."""
    made = BytesHeaderParser(EmailMessage, policy=policy.default).parsebytes(raw)
    try:
        return tuple(str(value) for value in made.get_all(header, []))
    except (ValueError, LookupError, AttributeError, TypeError):
        return ()  # the standard library trips over some broken headers


def _sent(mail: Mail) -> date | None:
    try:
        return parsedate_to_datetime("".join(_values(mail, "Date"))).date()
    except (ValueError, TypeError):
        return None


def _searched(mail: Mail, *, whole: bool) -> str:
    texts = [mail.raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace"), *_values(mail, "Subject")] if whole else []
    for part in parsed(mail).walk():
        if part.get_content_maintype() == "text":
            data = part.get_payload(decode=True)
            texts.append(data.decode("utf-8", "replace") if isinstance(data, bytes) else "")
    return "\n".join(texts)
