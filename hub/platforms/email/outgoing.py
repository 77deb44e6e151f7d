"""Outgoing mails: the mail that opens a case, and later ones. Each has a Message-ID made of its key."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub.errors import CaseRefused, FieldRefused
from hub.mail import compose
from hub.model import AnyAccount, Attachment, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus, Comment
from hub.model.base import utc_now
from hub.platforms import texts
from hub.platforms.email import thread
from hub.platforms.email.classify import domain_of
from hub.platforms.email.connection import mail_client
from hub.platforms.email.settings import Settings
from hub.platforms.form import IntakeForm
from hub.platforms.texts import storable

_FINISHED = frozenset({CaseStatus.RESOLVED, CaseStatus.CLOSED, CaseStatus.CANCELLED})
_ACTIVE = frozenset({CaseStatus.OPEN, CaseStatus.IN_PROGRESS})


async def open_case(account: AnyAccount, draft: CaseDraft, form: IntakeForm) -> Case:
    """Send the opening mail; the case's number is our key, as the vendor's number is not known yet."""
    settings: Settings = account.settings
    answers = form.answers(draft.answers, settings)
    titles = {line.field: line.question.title for line in form.lines}
    subject = thread.subject_of(draft.key, storable(draft.title, "title"))
    body = opening_text(draft, {titles[field]: value for field, value in answers.items()})
    await _send(account, draft.key, subject, body)
    return Case(
        reference=CaseReference(number=draft.key, id=subject),
        status=CaseStatus.OPEN,
        changed_at=utc_now(),
        severity=draft.severity,
        title=draft.title,
        key=draft.key,
    )


def opening_text(draft: CaseDraft, answers: dict[str, str]) -> str:
    """The text of the mail that opens a case."""
    lines = [f"Severity: {int(draft.severity)} (1 is the most severe, 4 the least)"]
    lines += [f"{title}: {value}" for title, value in answers.items()]
    text = storable(texts.details(draft, draft.title), "description")
    return f"{text}\n\n" + "\n".join(lines) + f"\n\nPlease keep [{draft.key}] in the subject of your answers."


async def add_comment(account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
    """Send a comment; its reference is its Message-ID."""
    sent = await _answer(account, reference, comment.key, storable(comment.body, "body"))
    return comment.evolve(reference=sent)


async def add_file(
    account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
) -> Attachment:
    """Send a file; raises FieldRefused if it is too large for a mail."""
    settings: Settings = account.settings
    limit = settings.most_megabytes * 1024 * 1024 * 3 // 4  # base 64 turns three bytes into four
    data = bytearray()
    too_large = FieldRefused(
        f"the file is too large for a mail of {settings.most_megabytes} MB",
        field="attachment",
        next_step="send it another way, or raise most_megabytes",
    )
    if (attachment.size or 0) > limit:
        raise too_large
    async for chunk in content:
        data += chunk
        if len(data) > limit:
            raise too_large
    name = texts.file_name(attachment.name)
    body = f"A file for this case: {name}"
    sent = await _answer(account, reference, attachment.key, body, (name, attachment.media_type, bytes(data)))
    return attachment.evolve(reference=f"{sent}#0")


async def change_case(account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> None:
    """Ask for a change of status in a sentence; raises CaseRefused for changes that a mail can't make."""
    settings: Settings = account.settings
    if changes.severity is not None or changes.title is not None:
        raise CaseRefused(
            "the hub can't change severity and title of a case by mail",
            next_step="ask the vendor in a comment, then set this operation aside",
        )
    if changes.status is not None and not settings.status_by_mail:
        raise CaseRefused(
            "closing and reopening by mail is switched off",
            next_step="inform the vendor in another way, or set status_by_mail",
        )
    request = ""
    if changes.status in _FINISHED:
        request = settings.close_text
    elif changes.status in _ACTIVE:
        request = settings.reopen_text
    elif changes.status is not None:
        raise CaseRefused(f"a mail can't set a case to {changes.status}", next_step="ask the vendor in a comment")
    body = "\n\n".join(part for part in (changes.resolution or "", request) if part)
    if body:
        await _answer(account, reference, changes.key, storable(body, "resolution"))


async def _answer(
    account: AnyAccount, reference: CaseReference, key: str, body: str, file: tuple[str, str, bytes] | None = None
) -> str:
    """Send a later mail of a case, and return its Message-ID."""
    bond = reference.number if thread.is_key(reference.number) else ""
    subject = thread.answer_subject(reference.id, thread.bond_of(bond) or thread.bond_of(key))
    if not bond and reference.number not in subject:  # a case that we did not open has the vendor's number
        subject = f"{subject} {reference.number}"
    root = thread.message_id(bond, domain_of(account.settings)) if bond else ""
    return await _send(account, key or bond, subject, body, root, file)


async def _send(
    account: AnyAccount, key: str, subject: str, body: str, root: str = "", file: tuple[str, str, bytes] | None = None
) -> str:
    settings: Settings = account.settings
    if not thread.is_key(key):
        raise CaseRefused("a mail needs the key of its operation", next_step="report this to the hub's developers")
    message_id = thread.message_id(key, domain_of(settings))
    mail = compose(
        sender=settings.address,
        name=settings.display_name,
        to=settings.vendor_address,
        subject=subject,
        body=body,
        message_id=message_id,
        references=root,
        file=file,
    )
    await mail_client(account).send(mail, settings.vendor_address, copy=settings.sent_copy)
    return message_id
