"""The stream of a vendor's mails, by UID; and a case as the mails in the folder tell it.

UIDs count only within one UIDVALIDITY (RFC 9051, section 2.3.1.1). When that changes, the folder is read again from the
day before the newest mail that was read, and what is remembered is not told twice. So is a folder of which no mail was
read yet: from the day that history begins on.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any, NamedTuple

from hub.errors import BadInput, CaseMissing
from hub.mail import OpenFolder, RawMail
from hub.model import AnyAccount, Case, CaseNews, CaseReference, CaseStatus, Cursor, Page, Quarantined
from hub.platforms.email import letter as letters
from hub.platforms.email import thread
from hub.platforms.email.letter import ReceivedMail
from hub.platforms.email.settings import Settings
from hub.platforms.email.sort import case_of, domain_of, learn, sort, unknown_status
from hub.platforms.email.wire import mail_of

MEMORY = 500  # mails that are remembered
MOST_BYTES = 32 * 1024 * 1024  # of the mails of one page
MOST_READ = 500  # mails of one case


class FolderPosition(NamedTuple):
    """How far the folder was read."""

    validity: int = 0
    uid: int = 0
    day: str = ""  # of the newest mail, ISO
    told: tuple[str, ...] = ()  # fingerprints of the newest mails
    numbers: dict[str, str] = {}  # the vendor's, with our keys

    def plain(self) -> Cursor:
        """The place as JSON."""
        return {**self._asdict(), "told": list(self.told)}


def place(cursor: Cursor) -> FolderPosition:
    """The place that was kept. Raises BadInput for a foreign cursor."""
    try:
        return FolderPosition(**{**cursor, "told": tuple(cursor.get("told", ()))})
    except TypeError:
        raise BadInput("the cursor is not one of this plugin's", next_step="reset the stream to read it anew") from None


async def changed_cases(account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
    """One page of mails that came in since the cursor."""
    settings: Settings = account.settings
    at = place(cursor)

    def work(box: OpenFolder) -> tuple[int, list[RawMail], bool]:
        uids = _waiting(box, at, settings)
        found, size = list[RawMail](), 0
        for raw in box.fetch(uids[: settings.page_size]):
            found.append(raw)
            size += len(raw.content)
            if size > MOST_BYTES:
                break
        last = found[-1].uid if found else 0
        return box.validity, found, any(uid > last for uid in uids) if found else False

    validity, found, more = await mail_of(account).read_folder(work)
    items, bad, numbers, told, day = (list[CaseNews](), list[Quarantined](), dict(at.numbers), list(at.told), at.day)
    for raw in found:
        day = max(day, raw.received.date().isoformat())
        mark, *found_in = _read(raw, settings, numbers)
        if mark in told:
            continue
        told = [*told, mark][-MEMORY:]
        items += [one for one in found_in if isinstance(one, CaseNews)]
        bad += [one for one in found_in if isinstance(one, Quarantined)]
    uid = found[-1].uid if found else (at.uid if at.validity == validity else 0)
    after = FolderPosition(validity, uid, day, tuple(told), numbers)
    return Page(items=tuple(items), cursor=after.plain(), more=more, quarantined=tuple(bad))


def _waiting(box: OpenFolder, at: FolderPosition, settings: Settings) -> list[int]:
    if at.uid and at.validity == box.validity:
        return box.after(at.uid)
    since = settings.history_from.date() if settings.history_from else None
    if at.day:
        again = date.fromisoformat(at.day) - timedelta(days=1)
        since = max(again, since) if since else again
    return box.since(since) if since else box.after(0)


def _read(raw: RawMail, settings: Settings, numbers: dict[str, str]) -> tuple[Any, ...]:
    """What a mail is remembered by, and what it tells or is set aside for."""
    letter = _parsed(raw)
    if isinstance(letter, Quarantined):
        return f"{raw.uid}/{raw.size}", letter
    told, unknown = sort(letter, settings, numbers), None
    if isinstance(told, CaseNews):
        learn(letter, settings, numbers)
        unknown = unknown_status(letter, settings)
    return hashlib.blake2b(letter.message_id.encode(), digest_size=8).hexdigest(), told, unknown


def _parsed(raw: RawMail) -> ReceivedMail | Quarantined:
    if not raw.content:
        return Quarantined(reference=f"mail {raw.uid}", reason=f"its {raw.size} bytes are more than is read")
    try:
        return letters.parse(raw)
    except Exception as error:  # noqa: BLE001 - a stranger's mail may break the reader, and only itself
        return Quarantined(reference=f"mail {raw.uid}", reason=f"it can't be read as a mail ({type(error).__name__})")


async def read_case(account: AnyAccount, number: str) -> Case:
    """The case as its mails in the folder tell it; raises CaseMissing when there are none."""
    settings: Settings = account.settings
    found = await mail_of(account).read_folder(lambda box: list(box.fetch(_mails_of(box, number)[-MOST_READ:])))
    parsed = [one for one in map(_parsed, found) if isinstance(one, ReceivedMail)]
    numbers = dict[str, str]()
    mine = [one for one in parsed if _belongs(one, number, settings, numbers)]
    if not mine:
        raise CaseMissing("the mailbox has no mail of this case", next_step="look whether its mails were moved away")
    news = [told for told in (sort(one, settings, numbers) for one in mine) if isinstance(told, CaseNews)]
    status, changed_at = CaseStatus.OPEN, mine[0].received
    for told in news:
        if told.case is not None:
            status, changed_at = told.case.status, told.case.changed_at
    return Case(
        reference=CaseReference(number=number),
        status=status,
        changed_at=changed_at,
        created_at=mine[0].received,
        title=thread_title(mine[0]),
        key=number if thread.is_key(number) else "",
        comments=tuple(comment for told in news for comment in told.comments),
        attachments=tuple(file for told in news for file in told.attachments),
    )


def thread_title(letter: ReceivedMail) -> str:
    """The title in a first mail's subject."""
    return letter.subject.rpartition("] ")[2] if letter.subject.startswith("[") else letter.subject


def _belongs(letter: ReceivedMail, number: str, settings: Settings, numbers: dict[str, str]) -> bool:
    own = thread.our_keys(letter.message_id, domain_of(settings))
    if own and letter.sender == settings.address.lower():
        return thread.bond_of(own[0]) == number
    if letter.notice:
        about = thread.our_keys(f"{letter.references} {letter.about}", domain_of(settings))
        return bool(about) and thread.bond_of(about[-1]) == number
    return case_of(letter, settings, numbers) == number


def _mails_of(box: OpenFolder, number: str) -> list[int]:
    if not number.isascii() or any(sign in number for sign in '"\\\r\n\0'):
        return []
    named = [f'SUBJECT "{number}"']
    if thread.is_key(number):
        named += [f'HEADER {name} "{number}"' for name in ("MESSAGE-ID", "REFERENCES", "IN-REPLY-TO")]
    return sorted({uid for one in named for uid in box.uids(one)})


async def fetch(account: AnyAccount, reference: str) -> bytes:
    """The bytes of a file; raises CaseMissing when its mail, or the file in it, is gone."""
    message_id, _, part = reference.rpartition("#")
    if not message_id.startswith("<") or any(sign in message_id for sign in '"\\\r\n\0') or not part.isdigit():
        raise CaseMissing(
            "the file's mail has no Message-ID that it could be found by", next_step="look into the mailbox"
        )

    def work(box: OpenFolder) -> bytes | None:
        for raw in box.fetch(box.uids(f'HEADER MESSAGE-ID "{message_id}"')):
            if (content := letters.content_of(raw.content, int(part))) is not None:
                return content
        return None

    content = await mail_of(account).read_folder(work)
    if content is None:
        raise CaseMissing("the mail with this file is no longer in the folder", next_step="look where it was moved")
    return content
