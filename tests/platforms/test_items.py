"""The guard of all platforms: what is an item's own, what speaks for the account, and what a reason may say."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.errors import (
    CaseMissing,
    CaseRefused,
    HubError,
    LoginRefused,
    NotPermitted,
    RateLimited,
    TryLater,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.model import Quarantined
from hub.platforms.items import is_of_the_account, parse_each, printable, quarantined, read_each, reference

SILENT = VendorUnavailable("no answer came", answered=False)


def reader(*outcomes: Any) -> Any:
    """Returns or raises the outcome of the row's number."""

    async def read_one(row: int) -> Any:
        await asyncio.sleep(0)
        if isinstance(outcomes[row], BaseException):
            raise outcomes[row]
        return outcomes[row]

    return read_one


async def read(*outcomes: Any, together: bool = True) -> Any:
    return await read_each(range(len(outcomes)), reader(*outcomes), str, together=together)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (NotPermitted("refused"), False),
        (CaseRefused("refused"), False),
        (VendorMisbehaved("odd"), False),
        (VendorUnavailable("failed"), True),
        (SILENT, True),
        (TryLater("later"), True),
        (OverflowError("date value out of range"), False),
        (TypeError("secret words"), False),
        (HubError("internal"), False),
    ],
)
async def test_an_items_error_is_its_own(error: Exception, passing: bool, together: bool) -> None:
    """The others are returned in order; the item is quarantined, and passing only if the vendor may recover."""
    found = await read("a", error, None, CaseMissing("gone"), "b", together=together)
    assert found.items == ("a", "b")
    (bad,) = found.bad
    assert (bad.reference, bad.passing) == ("1", passing)
    assert "secret" not in bad.reason


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("error", [RateLimited("slow down"), LoginRefused("who are you")])
async def test_what_speaks_for_the_account_ends_the_page(error: Exception, together: bool) -> None:
    """A refused login and a limit on calls are no item's."""
    with pytest.raises(type(error)):
        await read("a", error, "b", together=together)
    assert is_of_the_account(error)


async def test_a_vendor_that_is_away_ends_the_page() -> None:
    """Several items without an answer, and most of the page: the page is read again later."""
    with pytest.raises(VendorUnavailable):
        await read(SILENT, "a", SILENT)
    found = await read("a", SILENT, "b", SILENT)
    assert [bad.passing for bad in found.bad] == [True, True]
    assert is_of_the_account(SILENT)
    assert not is_of_the_account(VendorUnavailable("failed"))


async def test_nothing_more_is_tried_at_a_vendor_that_is_away() -> None:
    """After five calls without an answer the rest of the page is not asked for."""
    asked: list[int] = []

    async def read_one(row: int) -> None:
        asked.append(row)
        raise SILENT

    with pytest.raises(VendorUnavailable):
        await read_each(range(100), read_one, str, together=False)
    assert len(asked) == 5


async def test_a_cancelled_reading_is_cancelled() -> None:
    """A worker that stops is not held up by the items."""
    with pytest.raises(asyncio.CancelledError):
        await read("a", asyncio.CancelledError(), together=False)


def test_an_unexpected_error_says_where_and_not_what() -> None:
    """Its text may quote the vendor's, so only its kind and place are kept."""
    found = parse_each([1, "x", 3], lambda row: row + 1, str)
    assert found.items == (2, 4)
    assert found.bad[0].reference == "x"
    assert found.bad[0].reason.startswith("it can't be read (TypeError in test_items, line ")


def test_a_page_of_html_is_passing() -> None:
    """An error that says so is passing, whatever its kind."""
    error = VendorMisbehaved("an HTML page")
    error.passing = True
    assert quarantined("7", error) == Quarantined(reference="7", reason="an HTML page", passing=True)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"id": 7}, "7"),
        ({"id": None, "number": "CS1"}, "CS1"),
        ({"id": True, "number": [1]}, "unknown"),
        ({"id": "\0\n"}, "unknown"),
        (None, "unknown"),
        ([1], "unknown"),
    ],
)
def test_a_reference_is_short_and_printable(row: Any, expected: str) -> None:
    """It is the first usable field; a row without one is unknown."""
    assert reference(row, "id", "number") == expected


def test_a_long_reference_is_cut() -> None:
    """Three thousand characters, or control characters, don't reach a table."""
    assert len(printable("x" * 3000)) == 40
    assert printable("a\x1b[31m\ud800b") == "a [31m b"
