"""Reads the items of a page one by one: an item that can't be read is quarantined, and the others go on."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterable
from pathlib import PurePath
from typing import Any, Generic, NamedTuple, TypeVar

from hub.errors import CaseMissing, HubError, LoginRefused, RateLimited, VendorError
from hub.model import Quarantined
from hub.platforms.texts import shortened

T = TypeVar("T")
Row = TypeVar("Row")

REFERENCE_LIMIT = 40  # characters
OF_THE_ACCOUNT = (RateLimited, LoginRefused)
"""Errors of the whole account: they end the page, which is read again later."""
_SEVERAL = 2
_MANY = 5
"""After this many items without an answer the rest is not tried, if fewer items got an answer."""


def is_of_the_account(error: Exception) -> bool:
    """Whether an error of a page's own call ends the page: it concerns the whole account, or there was no answer."""
    return isinstance(error, OF_THE_ACCOUNT) or (isinstance(error, VendorError) and not error.answered)


class ItemResults(NamedTuple, Generic[T]):
    """What was read of each item, in order, and the items that can't be read."""

    items: tuple[T, ...]
    bad: tuple[Quarantined, ...]


def reference(row: Any, *names: str) -> str:
    """A short, printable reference: the first of these fields of a row with a text or number, or `unknown`."""
    values = [row.get(name) for name in names] if isinstance(row, dict) else []
    for value in values:
        if isinstance(value, (str, int)) and not isinstance(value, bool) and (text := printable(str(value))):
            return text
    return "unknown"


def printable(text: str) -> str:
    """The text as a reference: one line without control characters, shortened."""
    return shortened("".join(sign if sign.isprintable() else " " for sign in text[:400]), REFERENCE_LIMIT)


def quarantined(reference: str, error: Exception) -> Quarantined:
    """The item with the reason in plain words; of an unexpected error only its kind and place, never its text."""
    if isinstance(error, HubError):
        passing = isinstance(error, VendorError) and error.passing
        return Quarantined(reference=reference, reason=error.message, passing=passing)
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{PurePath(place.filename).stem}, line {place.lineno}"
    return Quarantined(reference=reference, reason=f"it can't be read ({type(error).__name__} in {where})")


def parse_each(
    rows: Iterable[Row], parse: Callable[[Row], T | None], reference_of: Callable[[Row], str]
) -> ItemResults[T]:
    """What `parse` returns for each row, without None; a row for which it raises is quarantined."""
    items, bad = list[T](), list[Quarantined]()
    for row in rows:
        try:
            item = parse(row)
        except Exception as error:  # noqa: BLE001 - any error concerns only this row
            bad.append(quarantined(reference_of(row), error))
            continue
        items += [item] if item is not None else []
    return ItemResults(tuple(items), tuple(bad))


async def read_each(
    rows: Iterable[Row],
    read_one: Callable[[Row], Awaitable[T | None]],
    reference_of: Callable[[Row], str],
    *,
    together: bool = True,
) -> ItemResults[T]:
    """What `read_one` returns for each row, read together or in turn; None, and cases that are gone, are left out.

    A row that can't be read or fetched is quarantined. Raises only errors of the whole account: RateLimited,
    LoginRefused, and the error of a call without any answer if several rows, and most of them, got none.
    """
    reading = _Reading(read_one, reference_of)
    if not together:
        return reading.results([await reading.read(row) for row in rows])
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(reading.read(row)) for row in rows]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return reading.results([task.result() for task in tasks])


class _Reading(Generic[Row, T]):
    """The reading of one page's items, which counts those that got no answer."""

    def __init__(self, read_one: Callable[[Row], Awaitable[T | None]], reference_of: Callable[[Row], str]) -> None:
        self._read_one, self._reference_of = read_one, reference_of
        self._answered = 0
        self._silent: list[VendorError] = []

    async def read(self, row: Row) -> T | Quarantined | None:
        try:
            item = await self._read_one(row)
        except OF_THE_ACCOUNT:
            raise
        except CaseMissing:
            item = None
        except Exception as error:  # noqa: BLE001 - any error concerns only this row
            if isinstance(error, VendorError) and not error.answered:
                self._silent.append(error)
                self._require_answers(_MANY)
            else:
                self._answered += 1
            return quarantined(self._reference_of(row), error)
        self._answered += 1
        return item

    def results(self, found: list[T | Quarantined | None]) -> ItemResults[T]:
        self._require_answers(_SEVERAL)
        bad = tuple(item for item in found if isinstance(item, Quarantined))
        return ItemResults(tuple(item for item in found if item is not None and not isinstance(item, Quarantined)), bad)

    def _require_answers(self, enough: int) -> None:
        """Raise the error of a row without an answer if there are enough of them, and fewer with one."""
        if len(self._silent) >= enough and len(self._silent) > self._answered:
            raise self._silent[0]
