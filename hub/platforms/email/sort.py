"""Sorts a vendor's mails to cases, and says what each tells. Pure: mails and settings in, news out.

A mail belongs to a case by our Message-IDs in its References, else by our key in its subject, else by the vendor's
number. The vendor's numbers are learnt from mails that have both. What can't be placed is told as set aside, and
stays in the mailbox as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hub.model import Case, CaseNews, CaseReference, CaseStatus, Comment, Quarantined
from hub.platforms import texts
from hub.platforms.email import thread, trust
from hub.platforms.email.automatic import is_automatic
from hub.platforms.email.letter import ReceivedMail, telling
from hub.platforms.email.settings import Settings

MOST_NUMBERS = 5000  # of the vendor's that are remembered


def sort(letter: ReceivedMail, settings: Settings, numbers: Mapping[str, str]) -> CaseNews | Quarantined | None:
    """What a mail tells of a case; None when it is nobody's business, such as a stranger's mail about nothing of ours.

    `numbers` gives the keys of vendor's numbers that were learnt.
    """
    domain = domain_of(settings)
    if letter.notice:
        about = thread.our_keys(f"{letter.references} {letter.about}", domain)
        return _noticed(letter, about[-1]) if about else None
    if letter.sender == settings.address.lower():
        return _copied(letter, domain)
    number = case_of(letter, settings, numbers)
    if not trust.is_vendors(letter.sender, settings.senders, settings.vendor_address):
        named = _ours(letter, domain)
        return _aside(letter, "names a case of ours, but its sender is not the vendor's") if named else None
    if settings.authserv_id and not trust.is_proved(letter.results, settings.authserv_id, letter.sender):
        return _aside(letter, f"{settings.authserv_id} did not find its sender's address to be true")
    if not number:
        return _aside(letter, "belongs to no case: it names no mail, no key and no number of one")
    return _told(letter, number, settings)


def case_of(letter: ReceivedMail, settings: Settings, numbers: Mapping[str, str]) -> str:
    """The number by which the hub knows the mail's case: our key, else the vendor's own, else nothing."""
    if known := _ours(letter, domain_of(settings)):
        return known
    number = thread.vendor_number(letter.subject, settings.case_number_pattern)
    return numbers.get(number, number)


def learn(letter: ReceivedMail, settings: Settings, numbers: dict[str, str]) -> None:
    """Remember which of our keys a vendor's number stands for, when a trusted mail has both."""
    key = _ours(letter, domain_of(settings))
    number = thread.vendor_number(letter.subject, settings.case_number_pattern)
    if key and number and number != key and not letter.notice:
        numbers.pop(number, None)
        numbers[number] = key
        for oldest in list(numbers)[:-MOST_NUMBERS]:
            del numbers[oldest]


def domain_of(settings: Settings) -> str:
    """The domain of our Message-IDs: our address's."""
    return settings.address.rpartition("@")[2].lower()


def status_of(letter: ReceivedMail, settings: Settings) -> CaseStatus | None:
    """The status that a line of the mail tells; None where no line does, or in a word without a meaning."""
    return _meanings(settings).get(status_word(letter, settings).casefold())


def status_word(letter: ReceivedMail, settings: Settings) -> str:
    """The vendor's word for the status in the mail, or nothing."""
    found = re.search(settings.status_pattern, letter.text, re.MULTILINE) if settings.status_pattern else None
    return (found[1] or "").strip() if found else ""


def unknown_status(letter: ReceivedMail, settings: Settings) -> Quarantined | None:
    """What is set aside beside a mail whose status has no meaning in the account's table: nothing is guessed."""
    word = status_word(letter, settings)
    if not word or word.casefold() in _meanings(settings):
        return None
    return _aside(letter, f"unknown status {texts.clip(word)}; add it to the account's statuses")


def _meanings(settings: Settings) -> dict[str, CaseStatus]:
    return {word.casefold(): status for word, status in settings.statuses.items()}


def _only_status(text: str, settings: Settings) -> bool:
    """Whether a mail says nothing but its status."""
    lines = [line for line in text.split("\n") if line.strip()]
    return bool(lines) and all(re.search(settings.status_pattern, line) for line in lines)


def _ours(letter: ReceivedMail, domain: str) -> str:
    answered = thread.our_keys(letter.references, domain)
    if answered:
        return thread.bond_of(answered[-1])
    return thread.subject_key(letter.subject)


def _told(letter: ReceivedMail, number: str, settings: Settings) -> CaseNews:
    reference, status = CaseReference(number=number), status_of(letter, settings)
    comment = Comment(
        body=letter.text or letter.subject,
        public=True,
        author=letter.author,
        created_at=letter.received,
        reference=letter.message_id,
        headers=telling(letter),
        automatic=is_automatic(letter.headers, letter.media_type, marks=settings.machine_marks),
    )
    case, comments = None, tuple[Comment, ...]((comment,))
    if status is not None:
        comments = () if _only_status(letter.text, settings) else comments
        key = number if thread.is_key(number) else ""
        case = Case(reference=reference, status=status, changed_at=letter.received, key=key)
    return CaseNews(reference=reference, case=case, comments=comments, attachments=letter.attachments)


def _copied(letter: ReceivedMail, domain: str) -> CaseNews | None:
    """A mail of our own that came back: known by its key, if the hub wrote it; the opening mail is no comment."""
    keys = thread.our_keys(letter.message_id, domain)
    if not keys or keys[0] == thread.bond_of(keys[0]):
        return None
    key = keys[0]
    files = tuple(one.evolve(key=key) for one in letter.attachments)
    comment = Comment(
        body=letter.text,
        public=True,
        author=letter.author,
        created_at=letter.received,
        key=key,
        reference=letter.message_id,
    )
    return CaseNews(
        reference=CaseReference(number=thread.bond_of(key)), comments=() if files else (comment,), attachments=files
    )


def _noticed(letter: ReceivedMail, key: str) -> CaseNews:
    code = f", {letter.detail}" if letter.detail else ""
    what = "has not arrived yet" if letter.notice == "delayed" else "did not arrive"
    if letter.notice in {"delivered", "relayed", "expanded"}:
        what = "was passed on"
    said = f"The mail that carried {key} {what} ({letter.notice}{code}), says the mail system."
    comment = Comment(
        body=f"{said}\n\n{letter.text}".strip(),
        public=True,
        author=letter.author or "mail system",
        created_at=letter.received,
        reference=letter.message_id,
        automatic=True,
        headers=telling(letter),
    )
    return CaseNews(reference=CaseReference(number=thread.bond_of(key)), comments=(comment,))


def _aside(letter: ReceivedMail, why: str) -> Quarantined:
    return Quarantined(reference=f"mail {letter.uid}", reason=why)
