"""Recipients: people and roles from a TOML file, and the recipients of a role for one ticket."""

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
    """One person, or everyone in one role."""

    addresses: tuple[str, ...] = ()
    webhook: str = ""
    language: Language = "en"


class MailServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The outgoing mail server; without a user name the hub does not log in."""

    host: str
    sender: str
    port: int = 465
    tls: Tls = "implicit"
    username: str = ""
    ca_file: Path | None = None


class Directory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the people file."""

    mail: MailServer | None = None
    wait_seconds: float = 60
    """Notices for one address that become due within this time are combined."""
    per_hour: int = 20
    """The most messages per address and hour; further notices are combined in the next."""
    titles: bool = False
    """Whether messages include a ticket's title; they never include its other texts."""
    page: str = ""
    """The URL of a ticket in your own desk, with {ticket} for its number."""
    people: dict[str, Person] = {}


class Recipient(Value, frozen=True):
    """One address of one person in one role."""

    role: str
    way: Literal["mail", "webhook"]
    to: str  # a mail address, or the name of the webhook's owner
    language: Language = "en"
    customer: str = ""  # its number, if the recipient is a customer

    @property
    def key(self) -> str:
        """Notices with the same key may be combined: never those of two customers, nor a customer's with our own."""
        return f"{self.way}:{self.to}:{self.customer}"


class Stakeholders(Value, frozen=True):
    """The people related to a ticket or customer."""

    owner: str = ""
    customer: Customer | None = None
    contact: Contact = Contact()


def read_people(path: Path) -> Directory:
    """The people in a file; raises SettingsError with location and remedy."""
    try:
        directory = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Directory)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(
            f"{path} is not a valid people file: {error}", next_step="compare it with docs/how-to/notify-people.md"
        ) from None
    if problem := next(_problems(directory), ""):
        raise SettingsError(f"{path}: {problem}", next_step="correct the file")
    return directory


def _problems(directory: Directory) -> Iterator[str]:
    if directory.wait_seconds < 0 or directory.per_hour < 1:
        yield "wait_seconds must be at least 0, per_hour at least 1"
    for name, person in directory.people.items():
        if name == "customer":
            yield "people.customer is not allowed: a customer's addresses are its contacts"
        if not all(map(is_address, person.addresses)):
            yield f"people.{name}.addresses contains an invalid mail address"
        if person.addresses and directory.mail is None:
            yield f"people.{name} has addresses, but the table [mail] is missing"
        if person.webhook and not _is_webhook(person.webhook):
            yield f"people.{name}.webhook must be an https URL without query"


def _is_webhook(address: str) -> bool:
    try:
        url = urlsplit(address)
        host = url.hostname or ""
        usable = not (url.username or url.query or url.fragment) and (url.port or 1) > 0
    except ValueError:
        return False
    return bool(host) and usable and (url.scheme == "https" or (url.scheme == "http" and is_loopback(host)))


def find_recipients(people: Directory, roles: Iterable[str], around: Stakeholders) -> tuple[list[Recipient], list[str]]:
    """The recipients of roles, without duplicates; and for each role without any, what to set."""
    by_key: dict[str, Recipient] = {}
    missing = []
    for role in roles:
        recipients = _of(people, role, around)
        if isinstance(recipients, str):
            missing.append(recipients)
        else:
            for recipient in recipients:
                by_key.setdefault(recipient.key, recipient)
    return list(by_key.values()), missing


def roles_without_recipient(people: Directory, roles: Iterable[str]) -> list[str]:
    """Roles without a recipient, unless the ticket or customer provides one."""
    reachable = {name for name, person in people.people.items() if person.addresses or person.webhook}
    return sorted({role for role in roles if role not in reachable and role != "customer"})


def _of(people: Directory, role: str, around: Stakeholders) -> list[Recipient] | str:
    if role == "customer":
        return _customers(people, around)
    customer = around.customer
    names = {"owner": around.owner, "account_manager": customer.account_manager if customer else ""}
    name = names.get(role, role)
    person = people.people.get(name) or people.people.get(role)
    if name not in people.people and is_address(name) and people.mail:
        person = Person(addresses=(name,))
    if person is None or not (person.addresses or person.webhook):
        also = f", or [people.{name}]" if name not in {role, ""} else ""
        return f"no recipient for {role}: add [people.{role}]{also} to the people file"
    ways = [Recipient(role=role, way="mail", to=to, language=person.language) for to in person.addresses]
    if person.webhook:
        owner = name if people.people.get(name) is person else role
        ways.append(Recipient(role=role, way="webhook", to=owner, language=person.language))
    return ways


def _customers(people: Directory, around: Stakeholders) -> list[Recipient] | str:
    """The customer's contacts, or the ticket's contact if the customer has none."""
    customer = around.customer
    addresses = [contact.email for contact in (customer.contacts if customer else ()) if is_address(contact.email)]
    addresses = addresses or [email for email in [around.contact.email] if is_address(email)]
    if customer is None or not addresses:
        return "no recipient for customer: add a contact with an e-mail address to the ticket's customer"
    if people.mail is None:
        return "no recipient for customer: add [mail] to the people file"
    language: Language = "fr" if customer.language == "fr" else "en"
    return [
        Recipient(role="customer", way="mail", to=to, language=language, customer=customer.number) for to in addresses
    ]
