"""Who is told, and how: people and roles from one TOML file, and whom a role means for one ticket."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from hub.errors import SettingsError
from hub.mail.connection import Tls, is_address, is_loopback
from hub.model import Contact, Customer, Value

Language = Literal["en", "fr"]


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person, or everybody in one role."""

    addresses: tuple[str, ...] = ()
    webhook: str = ""
    language: Language = "en"


class MailServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The outgoing server; without a user name nobody logs in."""

    host: str
    sender: str
    port: int = 465
    tls: Tls = "implicit"
    username: str = ""
    ca_file: Path | None = None


class Directory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says."""

    mail: MailServer | None = None
    wait_seconds: float = 60
    """What falls due for one address within this time is told together."""
    per_hour: int = 20
    """Messages that one address gets in an hour; what is more is told together in the next."""
    titles: bool = False
    """Whether a ticket's title is told; no other text of a ticket ever is."""
    page: str = ""
    """A ticket's page in one's own desk, with {ticket} for its number."""
    people: dict[str, Person] = {}


class Recipient(Value, frozen=True):
    """One address of one person, told in one role."""

    role: str
    way: Literal["mail", "webhook"]
    to: str  # a mail address, or the name of whose webhook it is
    language: Language = "en"
    customer: str = ""  # its number, when it is the customer that is told

    @property
    def key(self) -> str:
        """What is told together: never two customers' tickets, and never a customer's with our own."""
        return f"{self.way}:{self.to}:{self.customer}"


class Stakeholders(Value, frozen=True):
    """Who has to do with a ticket, or with a customer."""

    owner: str = ""
    customer: Customer | None = None
    contact: Contact = Contact()


def read_people(path: Path) -> Directory:
    """The people of a file; raises SettingsError that names the place and the remedy."""
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Directory)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(
            f"{path} does not tell who is told: {error}", next_step="compare it with docs/how-to/notify-people.md"
        ) from None
    if problem := next(_problems(found), ""):
        raise SettingsError(f"{path}: {problem}", next_step="mend it there")
    return found


def _problems(found: Directory) -> Iterator[str]:
    if found.wait_seconds < 0 or found.per_hour < 1:
        yield "wait_seconds is at least 0, per_hour at least 1"
    for name, one in found.people.items():
        if name == "customer":
            yield "people.customer: a customer's addresses are its contacts"
        if not all(map(is_address, one.addresses)):
            yield f"people.{name}.addresses holds one that is no plain mail address"
        if one.addresses and found.mail is None:
            yield f"people.{name} has addresses, but there is no table [mail]"
        if one.webhook and not _is_webhook(one.webhook):
            yield f"people.{name}.webhook is no https address without a query"


def _is_webhook(address: str) -> bool:
    try:
        context = urlsplit(address)
        host, usable = (
            context.hostname or "",
            not (context.username or context.query or context.fragment) and (context.port or 1) > 0,
        )
    except ValueError:
        return False
    return bool(host) and usable and (context.scheme == "https" or (context.scheme == "http" and is_loopback(host)))


def whom(people: Directory, roles: Iterable[str], around: Stakeholders) -> tuple[list[Recipient], list[str]]:
    """Whom roles mean here, nobody twice; and why a role means nobody: who has to set what."""
    found: dict[str, Recipient] = {}
    missing = []
    for role in roles:
        told = _of(people, role, around)
        if isinstance(told, str):
            missing.append(told)
        else:
            for one in told:
                found.setdefault(one.key, one)
    return list(found.values()), missing


def unset(people: Directory, roles: Iterable[str]) -> list[str]:
    """Roles that mean nobody, unless the ticket or the customer names somebody."""
    known = {name for name, one in people.people.items() if one.addresses or one.webhook}
    return sorted({role for role in roles if role not in known and role != "customer"})


def _of(people: Directory, role: str, around: Stakeholders) -> list[Recipient] | str:
    if role == "customer":
        return _customers(people, around)
    customer = around.customer
    names = {"owner": around.owner, "account_manager": customer.account_manager if customer else ""}
    name = names.get(role, role)
    known = people.people.get(name) or people.people.get(role)
    if name not in people.people and is_address(name) and people.mail:
        known = Person(addresses=(name,))
    if known is None or not (known.addresses or known.webhook):
        also = f", or [people.{name}]" if name not in {role, ""} else ""
        return f"nobody is set for {role}: the operator adds [people.{role}]{also} to the file of the setting people"
    ways = [Recipient(role=role, way="mail", to=to, language=known.language) for to in known.addresses]
    if known.webhook:
        owner = name if people.people.get(name) is known else role
        ways.append(Recipient(role=role, way="webhook", to=owner, language=known.language))
    return ways


def _customers(people: Directory, around: Stakeholders) -> list[Recipient] | str:
    """The customer's contacts, or the ticket's own contact where the customer has none."""
    customer = around.customer
    told = [one.email for one in (customer.contacts if customer else ()) if is_address(one.email)]
    told = told or [one for one in [around.contact.email] if is_address(one)]
    if customer is None or not told:
        return "nobody is set for customer: its account manager gives the ticket's customer a contact with an address"
    if people.mail is None:
        return "nobody is set for customer: the operator adds [mail] to the file of the setting people"
    language: Language = "fr" if customer.language == "fr" else "en"
    return [Recipient(role="customer", way="mail", to=to, language=language, customer=customer.number) for to in told]
