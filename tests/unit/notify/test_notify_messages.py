"""Whom a role means, what still holds, in whose words, at which pace; and how a webhook is signed."""

from __future__ import annotations

import base64
import re
import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import pytest
from pydantic import SecretStr

from hub.errors import SettingsError
from hub.model import Contact, Customer, Severity, Ticket, TicketStatus
from hub.notify import messages
from hub.notify.messages import ABOUT, Fact
from hub.notify.recipients import (
    Directory,
    MailServer,
    Person,
    Recipient,
    Stakeholders,
    find_recipients,
    read_people,
    roles_without_recipient,
)
from hub.notify.transport import NoticeTransport, signature
from hub.sla.offer import read_offer
from hub.sla.policy import read_policy

NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)
MAIL = MailServer(host="mail.rjr.example", sender="hub@rjr.example")
LEAD = Person(addresses=("lead@rjr.example",))


def fact(about: str = "breach", **more: Any) -> Fact:
    """Something to be told."""
    known = {"about": about, "ticket": "RJR-000001", "step": "s", "since": NOW, "clock": "response", "title": "T"}
    data = {
        "level": "L2",
        "minutes": 30,
        "appointment": 7,
        "contract": "K-1",
        "customer": "100",
        "starts_at": "2026-03-04T17:00:00+00:00",
        "due_on": "2026-03-04",
    }
    return Fact(**({**known, "data": data} | more))


def ticket(**more: Any) -> Ticket:
    """A ticket."""
    known = {
        "id": 1,
        "number": "RJR-000001",
        "title": "T",
        "description": "",
        "severity": Severity.S1,
        "status": TicketStatus.OPEN,
        "source": "hub",
        "source_id": "",
        "product": "",
        "vendor": "",
        "customer": "",
        "contact": Contact(),
        "language": "en",
        "fields": {},
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Ticket(**(known | more))


@pytest.mark.parametrize("audience", ["ours", "customer"])
def test_every_kind_of_notice_has_words_in_both_languages(audience: str) -> None:
    """Both languages have the same kinds and the same placeholders."""
    texts = {
        name: tomllib.loads(files("hub.notify").joinpath(f"messages_{name}.toml").read_text("utf-8"))
        for name in ("en", "fr")
    }
    assert texts["en"].keys() == texts["fr"].keys()
    for about in ABOUT:
        english, french = (texts[name][audience][about] for name in ("en", "fr"))
        assert english.keys() == french.keys() == {"what", "asks"}
        for part in ("what", "asks"):
            fills = [sorted(Template(one[part]).get_identifiers()) for one in (english, french)]
            assert fills[0] == fills[1]
            assert english[part] != french[part]
    assert sorted(texts["en"][audience]) == sorted(texts["fr"][audience]) == sorted(ABOUT)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("customer", ["", "100"])
@pytest.mark.parametrize("about", ABOUT)
def test_every_kind_makes_a_message(about: str, customer: str, language: str) -> None:
    """For our people and customers, with every placeholder filled; a customer sees no vendor and no command."""
    to = Recipient(role="r", way="mail", to="a@b.example", language=language, customer=customer)  # type: ignore[arg-type]
    deadline = NOW + timedelta(hours=1)
    reported = fact(about, vendor="secret-vendor", clock="b-1", deadline=deadline, zone="America/Toronto")
    message = messages.compose("k", to, [reported], Directory())
    assert "$" not in message.subject + message.text
    assert message.subject.startswith("RJR-000001: ")
    assert ("secret-vendor" in message.text) is not bool(customer)
    if customer:
        assert "hub " not in message.text
        assert "12:00" not in message.text.replace("2026-03-04 12:00", ""), "a vendor's promise"


def test_only_the_latest_fact_of_a_clock_is_kept() -> None:
    """The latest per clock, of simultaneous ones the most serious; the most serious comes first."""
    soon = fact("warning", since=NOW - timedelta(hours=1))
    other = fact("warning", ticket="RJR-000002")
    raised = fact("raised", since=NOW - timedelta(hours=2))
    assert messages.latest([soon, other, fact(), raised]) == [fact(), raised, other]
    assert messages.latest([fact(), fact("warning")]) == [fact()]
    dates = [fact("appointment", data={"appointment": number}) for number in (1, 2)]
    assert messages.latest(dates) == dates


def test_titles_and_links_are_included_if_the_settings_allow_it() -> None:
    """A title is one line of limited length."""
    to = Recipient(role="lead", way="mail", to="a@b.example")
    settings = Directory(titles=True, page="https://desk.example/{ticket}")
    assert "Title: T\n" in messages.compose("k", to, [fact()], settings).text
    assert "Details: https://desk.example/RJR-000001\n" in messages.compose("k", to, [fact()], settings).text
    assert "Title" not in messages.compose("k", to, [fact()], Directory()).text
    assert messages.compose("k", to, [fact("test", ticket="")], settings).subject == "this is a test"
    several = messages.compose("k", to, [fact(), fact(ticket="RJR-000002")], settings)
    assert several.subject == "2 notices: RJR-000001: the answer to the customer is late"
    assert messages.title_of(ticket(title="a\r\nBcc: x\x00\u2028b")) == "a Bcc: x b"
    assert len(messages.title_of(ticket(title="x" * 5000))) == messages.MAX_TITLE


def test_what_a_notice_is_about() -> None:
    """By its clock and share, by the policy's `when`, or as it says itself."""
    known = [
        ("response", {"share": 0.5}, "warning"),
        ("response", {"share": 1.0}, "breach"),
        ("b-1", {"share": 0.75, "when": ""}, "vendor_warning"),
        ("b-1", {"share": 1.5}, "vendor_breach"),
        ("b-1", {"share": None, "when": "waits_for_us"}, "waits_for_us"),
        ("response", {"about": "raised"}, "raised"),
    ]
    assert [messages.about_of(clock, data) for clock, data, _ in known] == [about for _, _, about in known]


class Clock:
    """What is asked of a clock that runs."""

    def __init__(
        self, *, late: bool = False, answered: bool = False, waits: bool = False, behind: bool = False
    ) -> None:
        self.running = self.state = self
        self.deadline = NOW - timedelta(1) if late else NOW + timedelta(1)
        self.answered_at = NOW if answered else None
        self.waits_for_us, self.too_late_for = waits, NOW if behind else None

    def is_breached(self, now: datetime) -> bool:
        """Whether it is late."""
        return now > self.deadline


def test_what_need_not_be_told_any_more() -> None:
    """A breach is told even of a closed ticket, a warning only while somebody can still act on it."""
    moot = lambda about, clock, **more: messages.is_moot(about, ticket(**more), clock, NOW)  # noqa: E731
    closed = {"status": TicketStatus.CLOSED}
    assert moot("warning", Clock(), **closed) == "the ticket is closed"
    assert moot("breach", Clock(late=True), **closed) == ""
    assert moot("raised", None) == ""
    assert moot("warning", None) == "the clock no longer exists"
    assert moot("breach", Clock()) == "the deadline is met"
    assert moot("warning", Clock(answered=True)) == "answered in the meantime"
    assert moot("warning", Clock()) == ""
    assert moot("waits_for_us", Clock()) == "the vendor is no longer waiting"
    assert moot("waits_for_us", Clock(waits=True)) == ""
    assert moot("vendor_too_late", Clock()) == "the vendor can answer in time"
    assert moot("vendor_too_late", Clock(behind=True)) == ""


def test_the_pace_of_telling() -> None:
    """So many an hour, the next when the oldest of them is an hour old; waits grow up to an hour."""
    told = [NOW - timedelta(minutes=minutes) for minutes in (50, 20)]
    assert messages.next_send_time(told, 3, NOW) == NOW
    assert messages.next_send_time(told, 2, NOW) == NOW + timedelta(minutes=10)
    assert messages.next_send_time(told, 1, NOW) == NOW + timedelta(minutes=40)
    minutes = [messages.retry_delay(tries).total_seconds() / 60 for tries in range(1, 9)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]
    assert messages.retry_delay(1, 600).total_seconds() == 600
    assert messages.retry_delay(1, 1e9) == messages.MAX_DELAY


def test_whom_a_role_means() -> None:
    """Owner and account manager by name, address or stand-in; customers by their contacts; nobody twice."""
    people = Directory(mail=MAIL, people={"lead": LEAD, "owner": LEAD, "carla": Person(webhook="https://c.example/x")})
    contacts = (Contact(email="ops@c.example"), Contact(email="no address"))
    ada = Customer(number="100", name="Ada", language="fr", account_manager="carla", contacts=contacts)
    found, missing = find_recipients(
        people, ["owner", "lead", "account_manager", "customer"], Stakeholders(owner="bob", customer=ada)
    )
    assert [(one.role, one.way, one.to) for one in found] == [
        ("owner", "mail", "lead@rjr.example"),
        ("account_manager", "webhook", "carla"),
        ("customer", "mail", "ops@c.example"),
    ]
    assert (found[-1].language, found[-1].customer, missing) == ("fr", "100", [])
    (owner,), _ = find_recipients(people, ["owner"], Stakeholders(owner="eve@rjr.example"))
    assert owner.to == "eve@rjr.example"
    own = Stakeholders(customer=Customer(number="9", name="N"), contact=Contact(email="me@n.example"))
    (contact,), _ = find_recipients(people, ["customer"], own)
    assert contact.to == "me@n.example"


@pytest.mark.parametrize(
    ("people", "role", "around", "why"),
    [
        (Directory(), "lead", Stakeholders(), r"add \[people.lead\] to the people file"),
        (Directory(), "owner", Stakeholders(owner="bob"), r"\[people.owner\], or \[people.bob\]"),
        (Directory(mail=MAIL), "customer", Stakeholders(), "add a contact"),
        (
            Directory(),
            "customer",
            Stakeholders(customer=Customer(number="1", name="N", contacts=(Contact(email="a@b.example"),))),
            r"add \[mail\]",
        ),
    ],
)
def test_a_role_without_recipient_gives_the_reason(
    people: Directory, role: str, around: Stakeholders, why: str
) -> None:
    """The reason names the role and what to set."""
    recipients, (reason,) = find_recipients(people, [role], around)
    assert recipients == []
    assert re.search(why, reason)


def test_the_roles_of_the_shipped_policy() -> None:
    """Roles without a recipient are listed, including the levels that steps raise to."""
    steps = read_policy(read_offer()).steps
    assert messages.notified_roles(steps) == ["L2", "account_manager", "lead", "manager", "owner"]
    assert roles_without_recipient(Directory(people={"lead": LEAD, "L2": Person()}), ["lead", "L2", "customer"]) == [
        "L2"
    ]


GOOD = '[mail]\nhost = "m.example"\nsender = "a@b.example"\n[people.lead]\naddresses = ["l@b.example"]\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = 1", "is not a valid people file"),
        ("per_hour = 0", "per_hour at least 1"),
        ("[people.customer]", "are its contacts"),
        ('[people.a]\naddresses = ["a b"]', "invalid mail address"),
        ('[people.a]\naddresses = ["a@b.example"]', r"table \[mail\] is missing"),
        *(
            (f'[people.a]\nwebhook = "{url}"', "must be an https URL")
            for url in (
                "http://a.example/x",
                "https://u:p@a.example/",
                "https://a.example/?k=1",
                "https:///x",
                "https://a.example:x/",
                "ftp://127.0.0.1/",
            )
        ),
    ],
)
def test_an_invalid_file_is_rejected(tmp_path: Path, text: str, problem: str) -> None:
    """The message names the setting."""
    path = tmp_path / "people.toml"
    path.write_text(GOOD + '[people.b]\nwebhook = "http://127.0.0.1:80/x"\n')
    assert read_people(path).people["lead"].addresses == ("l@b.example",)
    path.write_text(text)
    with pytest.raises(SettingsError, match=problem):
        read_people(path)


def test_a_message_key_depends_on_its_notices() -> None:
    """The same notices give the same key in any order; another recipient gives another key."""
    assert messages.message_key("a", ["x", "y"]) == messages.message_key("a", ["y", "x"])
    assert (
        len({messages.message_key("a", ["x"]), messages.message_key("b", ["x"]), messages.message_key("a", ["y"])}) == 3
    )


def test_webhooks_are_signed_as_the_specification_does() -> None:
    """The reference signature of Standard Webhooks comes out; an invalid secret is rejected and not shown."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert len(signature([key, b"x" * 24], "i", "1", b"").split(" ")) == 2
    people = Directory(people={"a": Person(webhook="https://a.example/x")})
    for secret in ("whsec_c2hvcnQ=", "not base64 !"):
        with pytest.raises(SettingsError, match="webhook_secret is not") as refused:
            NoticeTransport(people, secret=SecretStr(secret))
        assert secret not in str(refused.value)
    with pytest.raises(SettingsError, match="no secret to sign with"):
        NoticeTransport(people)
    with pytest.raises(SettingsError, match="password is missing"):
        NoticeTransport(Directory(mail=MailServer(host="m.example", sender="a@b.example", username="u")))
