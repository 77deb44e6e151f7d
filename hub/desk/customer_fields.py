"""Parses the fields of customers and contracts; text in, value out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.desk.mapping import LANGUAGES
from hub.errors import BadInput
from hub.model import Contact

CUSTOMER = ("number", "name", "language", "province", "zone", "account_manager")
CONTACT = ("name", "email", "phone")
CONTRACT = ("number", "plan", "starts_on", "ends_on", "products")

Plans = Mapping[str, str]
"""The names of the offer's plans, by each of their names and titles in lower case."""


class InvalidText(Exception):
    """A text is not valid in its field; the message gives the reason."""


def parse_field(field: str, text: str, plans: Plans) -> Any:
    """The value of a text in a field of a customer, contact or contract. Raises InvalidText."""
    text = text.strip()
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InvalidText("it contains NUL or invalid Unicode characters")
    if field == "plan":
        return _plan(text, plans)
    return _READERS.get(field, str)(text)


def read(field: str, text: str, plans: Plans | None = None) -> Any:
    """As `parse_field`, for a single field. Raises BadInput that names the field."""
    try:
        return parse_field(field, text, plans or {})
    except InvalidText as error:
        raise BadInput(f"{field.replace('_', ' ')}: {error}") from None


def read_contact(text: str) -> Contact:
    """A contact written as `NAME <E-MAIL> PHONE`, each part optional. Raises BadInput."""
    name, _, rest = text.partition("<")
    email, closed, phone = rest.partition(">")
    if "<" in text and not closed:
        raise BadInput(f'contact: {text!r} is missing ">"', next_step="write it as `Ana Roy <ana@x.example>`")
    return Contact(name=name.strip(), email=read("email", email), phone=phone.strip())


def _plan(text: str, plans: Plans) -> str:
    if text.casefold() not in plans:
        raise InvalidText(f"unknown plan {text!r}; the offer has: {', '.join(sorted(set(plans.values())))}")
    return plans[text.casefold()]


def _required(text: str) -> str:
    if not text:
        raise InvalidText("it is empty")
    return text


def _language(text: str) -> str:
    if text.casefold() not in LANGUAGES:
        raise InvalidText(f"{text!r} is neither English (en) nor French (fr)")
    return LANGUAGES[text.casefold()]


def _zone(text: str) -> str:
    try:
        return ZoneInfo(_required(text)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidText(f"unknown time zone {text!r}; write it as America/Toronto") from None


def _email(text: str) -> str:
    name, at, host = text.rpartition("@")
    if text and not (name and at and host and " " not in text):
        raise InvalidText(f"{text!r} is not an e-mail address")
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidText(f"{text!r} is not a date; write it as 2026-12-31") from None


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InvalidText(f"{text!r} is not a time; write it as 2027-01-09T10:00, with or without an offset") from None


_READERS: dict[str, Callable[[str], Any]] = {
    "number": _required,
    "name": _required,
    "language": _language,
    "zone": _zone,
    "email": _email,
    "at": _time,
    "starts_on": _day,
    "ends_on": lambda text: _day(text) if text else None,
    "products": lambda text: tuple(product.strip() for product in text.split(";") if product.strip()),
}
