"""How a simulated AR System server is set up, and the data it starts with."""

from __future__ import annotations

from typing import Literal

import msgspec

from hub.simulators.kit import CommonOptions


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A row of CTM:People; only known people can be an incident's contact."""

    first_name: str
    last_name: str
    login_id: str
    company: str
    email: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A row of CTM:Support Group."""

    name: str
    company: str
    organization: str


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """A knowledge article: its row in the manager form and the body in its template form."""

    title: str
    form: str
    """The template form, such as RKM:HowToTemplate."""
    body: dict[str, str]
    """Field name of the template form to HTML."""
    company: str = ""
    language: str = "English"
    status: str = "Published"
    internal: bool = False
    keywords: str = ""
    age_seconds: int = 0
    """How long before the server's start the article was last modified."""


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """The system's content before the first call."""

    users: dict[str, str] = msgspec.field(default_factory=lambda: {"rjr_hub": "s3cret"})
    people: tuple[Person, ...] = (
        Person(first_name="RjR", last_name="Service Desk", login_id="rjr_hub", company="RjR Support"),
    )
    groups: tuple[Group, ...] = (Group(name="L2 Platform", company="Vendor Inc", organization="IT Support"),)
    articles: tuple[Article, ...] = ()


class Options(CommonOptions, frozen=True, kw_only=True):
    """Server settings that differ between real installations."""

    page_cap: int = 2000
    """The most rows that a query returns, even if its limit is higher."""
    one_in_flight: bool = True
    """Whether a second concurrent call of the same user is refused (AR 9093)."""
    token_seconds: int = 3600
    """Idle life of a token."""
    absolute_seconds: int = 86_400
    """Whole life of a token."""
    allow_guests: bool = False
    """Answer a failed login with 200 and a guest's token."""
    accept_blank_password: bool = False
    create_reply: Literal["auto", "empty", "none"] = "auto"
    """auto: 201 with a body when fields were asked for; empty: always 201 without; none: 204."""
    left_out_of_create: tuple[str, ...] = ()
    """Fields that a create reply leaves out although they were asked for."""
    self_link_has_id: bool = True
    """Whether the self link of a create reply ends in the entry id."""
    carry_vendor_ticket: bool = True
    """Whether Vendor Ticket Number given at create reaches the incident."""
    num_matches: Literal["absent", "null", "count"] = "absent"
    next_links: bool = True
    internal_host: str = ""
    """Scheme and host that Location and href carry instead of the address that was called."""
    attachment_cap: int = 10 * 1024 * 1024
    relabel: dict[str, dict[str, str]] = {}
    """Enumeration to {default label: this customer's label}."""
    auto_acknowledge: bool = False
    """Post a canned acknowledgement on every new incident."""
