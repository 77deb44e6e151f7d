"""The fields of customers and contracts as people write them; text in, value out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.desk.columns import LANGUAGES
from hub.errors import BadInput
from hub.model import Contact

CUSTOMER = ("number", "name", "language", "province", "zone", "account_manager")
CONTACT = ("name", "email", "phone")
CONTRACT = ("number", "plan", "starts_on", "ends_on", "products")

Plans = Mapping[str, str]
"""The names of the offer's plans, by each text that stands for one, in small letters."""


class UnfitText(Exception):
    """A text that is no value of its field; says why."""


def value(field: str, text: str, plans: Plans) -> Any:
    """What a text means in a field of a customer, contact or contract. Raises Unfit."""
    text = text.strip()
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise UnfitText("it holds what is no text")
    if field == "plan":
        return _plan(text, plans)
    return _READERS.get(field, str)(text)


def read(field: str, text: str, plans: Plans | None = None) -> Any:
    """As `value`, for a field that is given by itself. Raises BadInput that names it."""
    try:
        return value(field, text, plans or {})
    except UnfitText as error:
        raise BadInput(f"{field.replace('_', ' ')}: {error}") from None


def read_contact(text: str) -> Contact:
    """A contact written as `NAME <E-MAIL> PHONE`, of which parts may be left out. Raises BadInput."""
    name, _, rest = text.partition("<")
    email, closed, phone = rest.partition(">")
    if "<" in text and not closed:
        raise BadInput(
            f"contact: {text!r} has no end of its address", next_step="write it as `Ana Roy <ana@x.example>`"
        )
    return Contact(name=name.strip(), email=read("email", email), phone=phone.strip())


def _plan(text: str, plans: Plans) -> str:
    if text.casefold() not in plans:
        raise UnfitText(f"there is no plan {text!r}; the offer has: {', '.join(sorted(set(plans.values())))}")
    return plans[text.casefold()]


def _required(text: str) -> str:
    if not text:
        raise UnfitText("it is empty")
    return text


def _language(text: str) -> str:
    if text.casefold() not in LANGUAGES:
        raise UnfitText(f"{text!r} is neither English (en) nor French (fr)")
    return LANGUAGES[text.casefold()]


def _zone(text: str) -> str:
    try:
        return ZoneInfo(_required(text)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnfitText(f"there is no time zone {text!r}; write it as America/Toronto") from None


def _email(text: str) -> str:
    name, at, host = text.rpartition("@")
    if text and not (name and at and host and " " not in text):
        raise UnfitText(f"{text!r} is no e-mail address")
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnfitText(f"{text!r} is no day; write it as 2026-12-31") from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UnfitText(f"{text!r} is no time; write it as 2027-01-09T10:00, with an offset or without") from None


_READERS: dict[str, Callable[[str], Any]] = {
    "number": _required,
    "name": _required,
    "language": _language,
    "zone": _zone,
    "email": _email,
    "at": _moment,
    "starts_on": _day,
    "ends_on": lambda text: _day(text) if text else None,
    "products": lambda text: tuple(one.strip() for one in text.split(";") if one.strip()),
}
