"""The stream of a vendor's mails, by UID, and cases from the mails in the folder.

UIDs are valid only within one UIDVALIDITY (RFC 9051, section 2.3.1.1). When that changes, the folder is read again from
the day before the newest mail, and remembered mails are not reported twice. A new folder is read from `history_from`.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any, NamedTuple

from hub.errors import BadInput, CaseMissing
from hub.mail import OpenFolder, RawMail
from hub.model import AnyAccount, Case, CaseNews, CaseReference, CaseStatus, Cursor, Page, Quarantined
from hub.platforms import texts
from hub.platforms.email import received, thread
from hub.platforms.email.classify import case_of, classify, domain_of, learn, unknown_status
from hub.platforms.email.connection import mail_client
from hub.platforms.email.received import ReceivedMail
from hub.platforms.email.settings import Settings
from hub.platforms.items import quarantined

MEMORY = 500  # mails that are remembered
MAX_BYTES = 32 * 1024 * 1024  # of the mails of one page
MAX_MAILS = 500  # of one case


class FolderPosition(NamedTuple):
    """How far the folder has been read."""

    validity: int = 0
    uid: int = 0
    day: str = ""  # day of the newest mail, ISO
    told: tuple[str, ...] = ()  # fingerprints of the newest mails
    numbers: dict[str, str] = {}  # our keys by the vendor's numbers

    def plain(self) -> Cursor:
        """The position as a cursor."""
        return {**self._asdict(), "told": list(self.told)}


def position(cursor: Cursor) -> FolderPosition:
    """The position in a cursor; raises BadInput for a foreign cursor."""
    try:
        return FolderPosition(**{**cursor, "told": tuple(cursor.get("told", ()))})
    except TypeError:
        raise BadInput(
            "the cursor is not one of this plugin's", next_step="reset the stream to read it again"
        ) from None


async def changed_cases(account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
    """One page of mails received since the cursor."""
    settings: Settings = account.settings
    before = position(cursor)

    def read(box: OpenFolder) -> tuple[int, list[RawMail], bool]:
        uids = _new_uids(box, before, settings)
        mails, size = list[RawMail](), 0
        for raw in box.fetch(uids[: settings.page_size]):
            mails.append(raw)
            size += len(raw.content)
            if size > MAX_BYTES:
                break
        last = mails[-1].uid if mails else 0
        return box.validity, mails, any(uid > last for uid in uids) if mails else False

    validity, mails, more = await mail_client(account).read_folder(read)
    items, bad, numbers = list[CaseNews](), list[Quarantined](), dict(before.numbers)
    seen, day = list(before.told), before.day
    for raw in mails:
        day = max(day, raw.received.date().isoformat())
        fingerprint, *results = _read(raw, settings, numbers)
        if fingerprint in seen:
            continue
        seen = [*seen, fingerprint][-MEMORY:]
        items += [result for result in results if isinstance(result, CaseNews)]
        bad += [result for result in results if isinstance(result, Quarantined)]
    uid = mails[-1].uid if mails else (before.uid if before.validity == validity else 0)
    after = FolderPosition(validity, uid, day, tuple(seen), numbers)
    return Page(items=tuple(items), cursor=after.plain(), more=more, quarantined=tuple(bad))


def _new_uids(box: OpenFolder, at: FolderPosition, settings: Settings) -> list[int]:
    if at.uid and at.validity == box.validity:
        return box.after(at.uid)
    since = settings.history_from.date() if settings.history_from else None
    if at.day:
        again = date.fromisoformat(at.day) - timedelta(days=1)
        since = max(again, since) if since else again
    return box.since(since) if since else box.after(0)


def _read(raw: RawMail, settings: Settings, numbers: dict[str, str]) -> tuple[Any, ...]:
    """A mail's fingerprint, its news, and what is quarantined."""
    mail = _parse(raw)
    if isinstance(mail, Quarantined):
        return f"{raw.uid}/{raw.size}", mail
    try:
        news, unknown = classify(mail, settings, numbers), None
        if isinstance(news, CaseNews):
            learn(mail, settings, numbers)
            unknown = unknown_status(mail, settings)
    except Exception as error:  # noqa: BLE001 - a mail that can't be judged must not stop the others
        return f"{raw.uid}/{raw.size}", quarantined(f"mail {raw.uid}", error)
    return hashlib.blake2b(mail.message_id.encode(), digest_size=8).hexdigest(), news, unknown


def _parse(raw: RawMail) -> ReceivedMail | Quarantined:
    if not raw.content:
        return Quarantined(reference=f"mail {raw.uid}", reason=f"its {raw.size} bytes are more than the limit")
    try:
        return received.parse(raw)
    except Exception as error:  # noqa: BLE001 - a malformed mail must not stop the others
        return quarantined(f"mail {raw.uid}", error)


async def read_case(account: AnyAccount, number: str) -> Case:
    """The case from its mails in the folder; raises CaseMissing if there are none."""
    settings: Settings = account.settings
    raw_mails = await mail_client(account).read_folder(
        lambda box: list(box.fetch(_uids_of_case(box, number)[-MAX_MAILS:]))
    )
    parsed = [mail for mail in map(_parse, raw_mails) if isinstance(mail, ReceivedMail)]
    numbers = dict[str, str]()
    mails = [mail for mail in parsed if _belongs(mail, number, settings, numbers)]
    if not mails:
        raise CaseMissing("the mailbox has no mail of this case", next_step="check whether its mails were moved")
    results = [classify(mail, settings, numbers) for mail in mails]
    news = [result for result in results if isinstance(result, CaseNews)]
    status, changed_at = CaseStatus.OPEN, mails[0].received
    for update in news:
        if update.case is not None:
            status, changed_at = update.case.status, update.case.changed_at
    return Case(
        reference=CaseReference(number=number),
        status=status,
        changed_at=changed_at,
        created_at=mails[0].received,
        title=thread_title(mails[0]),
        key=number if thread.is_key(number) else "",
        comments=tuple(comment for update in news for comment in update.comments),
        attachments=tuple(file for update in news for file in update.attachments),
    )


def thread_title(mail: ReceivedMail) -> str:
    """The title in a first mail's subject."""
    return texts.untitled(mail.subject)


def _belongs(mail: ReceivedMail, number: str, settings: Settings, numbers: dict[str, str]) -> bool:
    own = thread.our_keys(mail.message_id, domain_of(settings))
    if own and mail.sender == settings.address.lower():
        return thread.bond_of(own[0]) == number
    if mail.notice:
        about = thread.our_keys(f"{mail.references} {mail.about}", domain_of(settings))
        return bool(about) and thread.bond_of(about[-1]) == number
    return case_of(mail, settings, numbers) == number


def _uids_of_case(box: OpenFolder, number: str) -> list[int]:
    if not number.isascii() or any(sign in number for sign in '"\\\r\n\0'):
        return []
    searches = [f'SUBJECT "{number}"']
    if thread.is_key(number):
        searches += [f'HEADER {name} "{number}"' for name in ("MESSAGE-ID", "REFERENCES", "IN-REPLY-TO")]
    return sorted({uid for search in searches for uid in box.uids(search)})


async def fetch(account: AnyAccount, reference: str) -> bytes:
    """The bytes of a file; raises CaseMissing if its mail, or the file in it, is gone."""
    message_id, _, part = reference.rpartition("#")
    if not message_id.startswith("<") or any(sign in message_id for sign in '"\\\r\n\0') or not part.isdigit():
        raise CaseMissing("the file's mail has no Message-ID to search for", next_step="search the mailbox yourself")

    def read(box: OpenFolder) -> bytes | None:
        for raw in box.fetch(box.uids(f'HEADER MESSAGE-ID "{message_id}"')):
            if (content := received.attachment_content(raw.content, int(part))) is not None:
                return content
        return None

    content = await mail_client(account).read_folder(read)
    if content is None:
        raise CaseMissing("the mail with this file is no longer in the folder", next_step="check where it was moved")
    return content
