"""What leaves: the mail that opens a case, and the mails that follow it. Each carries the Message-ID of its key."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub.errors import CaseRefused, FieldRefused
from hub.mail import compose
from hub.model import AnyAccount, Attachment, Case, CaseChanges, CaseDraft, CaseReference, CaseStatus, Comment
from hub.model.base import utc_now
from hub.platforms import texts
from hub.platforms.email import thread
from hub.platforms.email.settings import Settings
from hub.platforms.email.sort import domain_of
from hub.platforms.email.wire import mail_of
from hub.platforms.form import IntakeForm
from hub.platforms.texts import storable

_OVER = frozenset({CaseStatus.RESOLVED, CaseStatus.CLOSED, CaseStatus.CANCELLED})
_WORKED_ON = frozenset({CaseStatus.OPEN, CaseStatus.IN_PROGRESS})


async def open_case(account: AnyAccount, draft: CaseDraft, form: IntakeForm) -> Case:
    """Send the packet; the case is known by its key, as the vendor's number is not known yet."""
    settings: Settings = account.settings
    answers = form.answers(draft.answers, settings)
    named = {line.field: line.question.title for line in form.lines}
    subject = thread.subject_of(draft.key, storable(draft.title, "title"))
    body = packet(draft, {named[field]: value for field, value in answers.items()})
    await _send(account, draft.key, subject, body)
    return Case(
        reference=CaseReference(number=draft.key, id=subject),
        status=CaseStatus.OPEN,
        changed_at=utc_now(),
        severity=draft.severity,
        title=draft.title,
        key=draft.key,
    )


def packet(draft: CaseDraft, answers: dict[str, str]) -> str:
    """The words of the mail that opens a case."""
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
    """Send a file; raises FieldRefused when it is too large for a mail."""
    settings: Settings = account.settings
    most = settings.most_megabytes * 1024 * 1024 * 3 // 4  # base 64 makes four bytes of three
    data = bytearray()
    too_large = FieldRefused(
        f"the file is too large for a mail of {settings.most_megabytes} MB",
        field="attachment",
        next_step="send it another way, or raise most_megabytes",
    )
    if (attachment.size or 0) > most:
        raise too_large
    async for chunk in content:
        data += chunk
        if len(data) > most:
            raise too_large
    name = texts.file_name(attachment.name)
    body = f"A file for this case: {name}"
    sent = await _answer(account, reference, attachment.key, body, (name, attachment.media_type, bytes(data)))
    return attachment.evolve(reference=f"{sent}#0")


async def change_case(account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> None:
    """Ask for a change of status in a sentence; raises CaseRefused for what no mail can do."""
    settings: Settings = account.settings
    if changes.severity is not None or changes.title is not None:
        raise CaseRefused(
            "severity and title of a case that is kept by mail can't be changed by the hub",
            next_step="ask the vendor in a comment, then set this aside",
        )
    if changes.status is not None and not settings.status_by_mail:
        raise CaseRefused(
            "closing and reopening by mail is switched off",
            next_step="tell the vendor another way, or set status_by_mail",
        )
    asked = ""
    if changes.status in _OVER:
        asked = settings.close_text
    elif changes.status in _WORKED_ON:
        asked = settings.reopen_text
    elif changes.status is not None:
        raise CaseRefused(f"no mail can set a case to {changes.status}", next_step="ask the vendor in a comment")
    body = "\n\n".join(part for part in (changes.resolution or "", asked) if part)
    if body:
        await _answer(account, reference, changes.key, storable(body, "resolution"))


async def _answer(
    account: AnyAccount, reference: CaseReference, key: str, body: str, file: tuple[str, str, bytes] | None = None
) -> str:
    """Send a later mail of a case; the Message-ID."""
    bond = reference.number if thread.is_key(reference.number) else ""
    subject = thread.answer_subject(reference.id, thread.bond_of(bond) or thread.bond_of(key))
    if not bond and reference.number not in subject:  # the vendor's own number, of a case that we did not open
        subject = f"{subject} {reference.number}"
    root = thread.message_id(bond, domain_of(account.settings)) if bond else ""
    return await _send(account, key or bond, subject, body, root, file)


async def _send(
    account: AnyAccount, key: str, subject: str, body: str, root: str = "", file: tuple[str, str, bytes] | None = None
) -> str:
    settings: Settings = account.settings
    if not thread.is_key(key):
        raise CaseRefused("a mail needs the key of its operation", next_step="tell the developers")
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
    await mail_of(account).send(mail, settings.vendor_address, copy=settings.sent_copy)
    return message_id
