"""Assigns received mails to cases, and turns them into news. Pure.

A mail's case is found by our Message-IDs in its References, by our key in its subject, or by the vendor's number, which
the hub learns from mails that have both. A mail without a case is quarantined, and stays in the mailbox unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hub.model import Case, CaseNews, CaseReference, CaseStatus, Comment, Quarantined
from hub.platforms import texts
from hub.platforms.email import thread, trust
from hub.platforms.email.automatic import is_automatic
from hub.platforms.email.received import ReceivedMail, sender_headers
from hub.platforms.email.settings import Settings

MAX_NUMBERS = 5000  # vendor's numbers that are remembered


def classify(mail: ReceivedMail, settings: Settings, numbers: Mapping[str, str]) -> CaseNews | Quarantined | None:
    """A mail's news of a case; None if it has nothing to do with our cases, such as a stranger's mail.

    `numbers` has our keys by the vendor's numbers, as far as they are known.
    """
    domain = domain_of(settings)
    if mail.notice:
        about = thread.our_keys(f"{mail.references} {mail.about}", domain)
        return _delivery_notice(mail, about[-1]) if about else None
    if mail.sender == settings.address.lower():
        return _own_copy(mail, domain)
    number = case_of(mail, settings, numbers)
    if not trust.is_vendors(mail.sender, settings.senders, settings.vendor_address):
        has_key = _our_key(mail, domain)
        return _quarantine(mail, "refers to a case of ours, but its sender is not the vendor") if has_key else None
    if settings.authserv_id and not trust.is_verified(mail.results, settings.authserv_id, mail.sender):
        return _quarantine(mail, f"{settings.authserv_id} did not verify its sender's address")
    if not number:
        return _quarantine(mail, "belongs to no known case: it has no Message-ID, key or number of a case")
    return _news(mail, number, settings)


def case_of(mail: ReceivedMail, settings: Settings, numbers: Mapping[str, str]) -> str:
    """The number of the mail's case: our key, or else the vendor's number, or empty."""
    if key := _our_key(mail, domain_of(settings)):
        return key
    number = thread.vendor_number(mail.subject, settings.case_number_pattern)
    return numbers.get(number, number)


def learn(mail: ReceivedMail, settings: Settings, numbers: dict[str, str]) -> None:
    """Remember our key for a vendor's number, if a trusted mail has both."""
    key = _our_key(mail, domain_of(settings))
    number = thread.vendor_number(mail.subject, settings.case_number_pattern)
    if key and number and number != key and not mail.notice:
        numbers.pop(number, None)
        numbers[number] = key
        for oldest in list(numbers)[:-MAX_NUMBERS]:
            del numbers[oldest]


def domain_of(settings: Settings) -> str:
    """The domain of our Message-IDs, which is that of our address."""
    return settings.address.rpartition("@")[2].lower()


def status_of(mail: ReceivedMail, settings: Settings) -> CaseStatus | None:
    """The status in a line of the mail; None if there is none, or if its meaning is unknown."""
    return _meanings(settings).get(status_word(mail, settings).casefold())


def status_word(mail: ReceivedMail, settings: Settings) -> str:
    """The vendor's word for the status in the mail, or empty."""
    match = re.search(settings.status_pattern, mail.text, re.MULTILINE) if settings.status_pattern else None
    return (match[1] or "").strip() if match else ""


def unknown_status(mail: ReceivedMail, settings: Settings) -> Quarantined | None:
    """What to quarantine in addition to a mail with an unknown status, whose meaning is not guessed."""
    word = status_word(mail, settings)
    if not word or word.casefold() in _meanings(settings):
        return None
    return _quarantine(mail, f"unknown status {texts.clip(word)}; add it to the account's statuses")


def _meanings(settings: Settings) -> dict[str, CaseStatus]:
    return {word.casefold(): status for word, status in settings.statuses.items()}


def _only_status(text: str, settings: Settings) -> bool:
    """Whether a mail contains only its status."""
    lines = [line for line in text.split("\n") if line.strip()]
    return bool(lines) and all(re.search(settings.status_pattern, line) for line in lines)


def _our_key(mail: ReceivedMail, domain: str) -> str:
    answered = thread.our_keys(mail.references, domain)
    if answered:
        return thread.bond_of(answered[-1])
    return thread.subject_key(mail.subject)


def _news(mail: ReceivedMail, number: str, settings: Settings) -> CaseNews:
    reference, status = CaseReference(number=number), status_of(mail, settings)
    comment = Comment(
        body=mail.text or mail.subject,
        public=True,
        author=mail.author,
        created_at=mail.received,
        reference=mail.message_id,
        headers=sender_headers(mail),
        automatic=is_automatic(mail.headers, mail.media_type, marks=settings.machine_marks),
    )
    case, comments = None, tuple[Comment, ...]((comment,))
    if status is not None:
        comments = () if _only_status(mail.text, settings) else comments
        key = number if thread.is_key(number) else ""
        case = Case(reference=reference, status=status, changed_at=mail.received, key=key)
    return CaseNews(reference=reference, case=case, comments=comments, attachments=mail.attachments)


def _own_copy(mail: ReceivedMail, domain: str) -> CaseNews | None:
    """A copy of our own mail, identified by its key if the hub wrote it; the opening mail is not a comment."""
    keys = thread.our_keys(mail.message_id, domain)
    if not keys or keys[0] == thread.bond_of(keys[0]):
        return None
    key = keys[0]
    files = tuple(file.evolve(key=key) for file in mail.attachments)
    comment = Comment(
        body=mail.text, public=True, author=mail.author, created_at=mail.received, key=key, reference=mail.message_id
    )
    return CaseNews(
        reference=CaseReference(number=thread.bond_of(key)), comments=() if files else (comment,), attachments=files
    )


def _delivery_notice(mail: ReceivedMail, key: str) -> CaseNews:
    code = f", {mail.detail}" if mail.detail else ""
    what = "has not arrived yet" if mail.notice == "delayed" else "did not arrive"
    if mail.notice in {"delivered", "relayed", "expanded"}:
        what = "was passed on"
    said = f"The mail that carried {key} {what} ({mail.notice}{code}), says the mail system."
    comment = Comment(
        body=f"{said}\n\n{mail.text}".strip(),
        public=True,
        author=mail.author or "mail system",
        created_at=mail.received,
        reference=mail.message_id,
        automatic=True,
        headers=sender_headers(mail),
    )
    return CaseNews(reference=CaseReference(number=thread.bond_of(key)), comments=(comment,))


def _quarantine(mail: ReceivedMail, why: str) -> Quarantined:
    return Quarantined(reference=f"mail {mail.uid}", reason=why)
