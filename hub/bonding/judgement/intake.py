"""Compiles the packet that opens a case: the ticket's disclosed fields and answers to the vendor's form."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from hub.errors import BadInput, FieldRefused, IntakeIncomplete, NotDisclosed
from hub.model import CaseDraft, Contact, Intake, Json, Question, Severity, Ticket
from hub.privacy.disclose import disclose_ticket
from hub.privacy.redact import DisclosurePolicy, redact

NEEDED = ("severity", "title")
"""Fields that no case can be opened without."""


def compile_packet(
    ticket: Ticket, key: str, intake: Intake, answers: Mapping[str, str], policy: DisclosurePolicy
) -> CaseDraft:
    """The packet as it would be sent: only disclosed fields, with secrets masked.

    A question is answered by the given answer, else by the ticket's own field if that may leave, else by the form's
    default; a blank answer counts as none. `contact.name`, `contact.email` and `contact.phone` name parts of the
    contact.

    Raises BadInput for an answer to a question that is not asked, NotDisclosed when title or severity may not leave,
    FieldRefused for a value that is not among a question's choices, and IntakeIncomplete with every open question.
    """
    _known(intake, answers)
    disclosed = disclose_ticket(ticket, policy)
    for name in NEEDED:
        if name not in disclosed:
            raise NotDisclosed(
                f"a case can't be opened without the ticket's {name}, and it may not leave",
                next_step=f"name {name} in what the vendor's plugin discloses",
            )
    filled = {question.name: _answer(question, answers, disclosed, policy) for question in intake.questions}
    missing = tuple(question for question in intake.questions if question.required and not filled[question.name])
    if missing:
        raise IntakeIncomplete(
            f"{ticket.number} can't be escalated yet; open questions: "
            + ", ".join(f"{question.title} ({question.name})" for question in missing),
            questions=missing,
            next_step="answer them and escalate again",
        )
    return CaseDraft(
        key=key,
        title=disclosed["title"],
        description=disclosed.get("description", ""),
        severity=Severity(disclosed["severity"]),
        ticket_number=ticket.number,
        product=disclosed.get("product", ""),
        customer=disclosed.get("customer", ""),
        contact=Contact(**disclosed.get("contact", {})),
        language=disclosed.get("language", "en"),
        answers={name: value for name, value in filled.items() if value},
    )


def _known(intake: Intake, answers: Mapping[str, str]) -> None:
    names = [question.name for question in intake.questions]
    for name in answers:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it asks: {', '.join(names) or 'nothing'}"
            raise BadInput(f"the vendor's form asks no question {name!r}", next_step=hint)


def _answer(
    question: Question, answers: Mapping[str, str], disclosed: Mapping[str, Json], policy: DisclosurePolicy
) -> str:
    given = answers.get(question.name, "")
    value = next((text for text in (given, _own(question, disclosed), question.default) if text.strip()), "").strip()
    if not question.choices or not value:  # the ticket's fields are masked already, the default is the vendor's
        return redact(value, policy).text if given.strip() else value
    for choice in question.choices:
        if choice.casefold() == value.casefold():
            return choice
    raise FieldRefused(
        f"the answer to {question.title} ({question.name}) is not among the vendor's choices",
        field=question.name,
        next_step=f"choose one of: {', '.join(question.choices)}",
    )


def _own(question: Question, disclosed: Mapping[str, Json]) -> str:
    name, _, part = question.ticket_field.partition(".")
    value = disclosed.get(name, "")
    return str(value.get(part, "") if isinstance(value, dict) else value)
