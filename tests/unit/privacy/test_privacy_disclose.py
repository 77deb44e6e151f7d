"""What may leave of a ticket and its comments, and the packet that opens a case."""

from __future__ import annotations

from typing import Any

import pytest
from bonding_values import BOND, ticket
from hypothesis import given
from hypothesis import strategies as st

from hub.bonding.judgement.intake import compile_packet
from hub.errors import BadInput, FieldRefused, IntakeIncomplete, NotDisclosed
from hub.model import CaseDraft, Contact, Intake, Question, Severity, Visibility
from hub.privacy.disclose import (
    DisclosurePolicy,
    disclose_changes,
    disclose_comment,
    disclose_ticket,
    may_leave,
    safe_name,
)

BASIC = DisclosurePolicy(fields=frozenset({"title", "description", "severity"}))


def test_nothing_leaves_that_is_not_named() -> None:
    """Deny by default: an empty policy discloses nothing, a name discloses that field."""
    assert disclose_ticket(ticket(), DisclosurePolicy()) == {}
    assert disclose_ticket(ticket(), DisclosurePolicy(fields=frozenset({"product"}))) == {"product": "Mailer"}


def test_the_hubs_own_bookkeeping_can_not_be_named() -> None:
    """Ids, the desk's number and the hint of a vendor stay, even when named."""
    names = frozenset({"id", "source", "source_id", "vendor", "fields", "updated_at", "nothing"})
    assert disclose_ticket(ticket(), DisclosurePolicy(fields=names)) == {}


def test_what_leaves_is_masked_and_plain() -> None:
    """Texts are masked, the desk's fields too; severity is a number and status a word."""
    named = DisclosurePolicy(fields=frozenset({"description", "severity", "status", "serial", "note"}))
    assert disclose_ticket(ticket(), named) == {
        "description": "since this morning; password: [removed: password]",
        "severity": 2,
        "status": "open",
        "serial": "SN-77",
        "note": "mdp: [removed: password]",
    }


def test_changed_fields_leave_by_the_same_policy() -> None:
    """Of several changes only the named ones leave, their texts masked."""
    changes = {"title": "pwd=x1", "severity": 2, "customer": "Northern Trust"}
    assert disclose_changes(changes, BASIC) == {"title": "pwd=[removed: password]", "severity": 2}


def test_the_contact_leaves_only_when_named() -> None:
    """The person goes as a whole or not at all."""
    told = disclose_ticket(ticket(title="ana@example.com"), DisclosurePolicy(fields=frozenset({"title", "contact"})))
    assert told["contact"] == {"name": "Ana", "email": "ana@example.com", "phone": "514-555-1234"}
    assert told["title"] == "[removed: e-mail address]"


@pytest.mark.parametrize(
    ("visibility", "closed", "open_"),
    [
        (Visibility.PRIVATE, False, False),
        (Visibility.PUBLIC, False, True),
        (Visibility.VENDOR, True, True),
        ("vendor", True, True),
        ("internal", False, False),
        ("", False, False),
    ],
)
def test_which_comments_may_leave(visibility: Visibility | str, closed: bool, open_: bool) -> None:
    """Only those for the vendor, and public ones where the policy says so; the unknown is private."""
    assert may_leave(visibility, DisclosurePolicy()) is closed
    assert may_leave(visibility, DisclosurePolicy(public_comments=True)) is open_


def test_a_comment_leaves_masked_or_not_at_all() -> None:
    """A private comment is refused without being quoted."""
    assert disclose_comment("pwd=x1", Visibility.VENDOR, DisclosurePolicy()) == "pwd=[removed: password]"
    with pytest.raises(NotDisclosed, match="may not be sent") as refused:
        disclose_comment("between us", Visibility.PRIVATE, DisclosurePolicy())
    assert "between us" not in str(refused.value.describe())


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("log.txt", "log.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a b.log", "a b.log"),
        ("a\x00\r\nb\u202egnp.exe", "a bgnp.exe"),
        ("..", "attachment"),
        ("", "attachment"),
        ("/", "attachment"),
        ("con.txt", "_con.txt"),
        ("COM1", "_COM1"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        (".profile", "profile"),
        ("x" * 300 + ".log", "x" * 116 + ".log"),
        ("é" * 300 + ".log", "é" * 98 + ".log"),
        ("a." + "b" * 300, "a." + "b" * 118),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_file_names_leave_safe(name: str, safe: str) -> None:
    """No folders, no control or direction characters, nothing reserved, bounded, the extension kept."""
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_a_safe_name_is_safe_and_stays(name: str) -> None:
    """Any name becomes one that fits anywhere, and a safe name is left alone."""
    safe = safe_name(name)
    assert 0 < len(safe) <= 120
    assert len(safe.encode()) <= 200
    assert not set(safe) & set('/\\<>:"|?*\x00\n')
    assert safe.strip(". ") == safe
    assert safe_name(safe) == safe


def packet(
    *questions: Question, answers: dict[str, str] | None = None, policy: DisclosurePolicy = BASIC, **fields: Any
) -> CaseDraft:
    return compile_packet(ticket(**fields), BOND, Intake(questions=questions), answers or {}, policy)


def test_a_packet_holds_what_is_disclosed_and_nothing_else() -> None:
    """Fields that may not leave are empty in the packet."""
    assert packet() == CaseDraft(
        key=BOND,
        title="mail is slow",
        description="since this morning; password: [removed: password]",
        severity=Severity.S2,
        ticket_number="RJR-000123",
    )
    more = packet(policy=DisclosurePolicy(fields=BASIC.fields | {"product", "customer", "contact", "language"}))
    assert (more.product, more.customer, more.language) == ("Mailer", "Northern Trust", "fr")
    assert more.contact == Contact(name="Ana", email="ana@example.com", phone="514-555-1234")


@pytest.mark.parametrize("name", ["title", "severity"])
def test_a_case_needs_a_title_and_a_severity(name: str) -> None:
    """Without them nothing is made up; the policy is named as the reason."""
    with pytest.raises(NotDisclosed, match=name):
        packet(policy=DisclosurePolicy(fields=BASIC.fields - {name}))


@pytest.mark.parametrize(
    ("given_", "allowed", "default", "answer"),
    [
        ("given", True, "default", "given"),
        (" ", True, "default", "SN-77"),
        ("", False, "default", "default"),
        ("", False, "", None),
    ],
)
def test_where_an_answer_comes_from(given_: str, allowed: bool, default: str, answer: str | None) -> None:
    """What was given, then the ticket's own field if it may leave, then the default."""
    policy = DisclosurePolicy(fields=BASIC.fields | ({"serial"} if allowed else set()))
    question = Question(name="sn", title="Serial", ticket_field="serial", default=default)
    assert packet(question, answers={"sn": given_}, policy=policy).answers.get("sn") == answer


def test_a_part_of_the_contact_answers_a_question() -> None:
    """A form may ask for the contact's address, and gets it only when the contact may leave."""
    question = Question(name="mail", title="Mail", ticket_field="contact.name")
    assert packet(question, policy=DisclosurePolicy(fields=BASIC.fields | {"contact"})).answers == {"mail": "Ana"}
    assert packet(question).answers == {}


def test_answers_are_masked() -> None:
    """An agent who pastes a password into the form does not send it."""
    question = Question(name="steps", title="Steps")
    told = packet(question, answers={"steps": "log in with password: x1"}).answers
    assert told == {"steps": "log in with password: [removed: password]"}


def test_every_open_question_is_named_at_once() -> None:
    """What is missing is asked in one go; what is not required is not asked."""
    asked = (
        Question(name="a", title="A", required=True),
        Question(name="b", title="B"),
        Question(name="c", title="C", required=True),
    )
    with pytest.raises(IntakeIncomplete, match="A \\(a\\), C \\(c\\)") as incomplete:
        packet(*asked)
    assert incomplete.value.questions == (asked[0], asked[2])


def test_a_choice_is_the_vendors_word() -> None:
    """An answer in other capitals becomes the vendor's own word; any other is refused with the choices."""
    question = Question(name="env", title="Environment", choices=("Production", "Test"))
    assert packet(question, answers={"env": " production"}).answers == {"env": "Production"}
    with pytest.raises(FieldRefused, match="env") as refused:
        packet(question, answers={"env": "prod"})
    assert refused.value.field == "env"
    assert "Production, Test" in refused.value.next_step


@pytest.mark.parametrize(("name", "hint"), [("enviroment", "environment"), ("zzz", "it asks: environment")])
def test_an_answer_to_no_question_names_the_nearest(name: str, hint: str) -> None:
    """A misspelt name is an error, not a lost answer."""
    with pytest.raises(BadInput, match=name) as bad:
        packet(Question(name="environment", title="E"), answers={name: "x"})
    assert hint in bad.value.next_step


def test_a_form_without_questions_takes_no_answers() -> None:
    """The error says that nothing is asked."""
    with pytest.raises(BadInput) as bad:
        packet(answers={"a": "x"})
    assert bad.value.next_step == "it asks: nothing"
