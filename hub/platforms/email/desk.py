"""The hooks for cases by mail."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub.errors import CaseMissing
from hub.hookspecs import hookimpl
from hub.mail import AnyConnection
from hub.model import (
    AnyAccount,
    Attachment,
    Case,
    CaseChanges,
    CaseDraft,
    CaseNews,
    CaseReference,
    Comment,
    Cursor,
    Finding,
    Page,
)
from hub.platforms.desk import PlatformDesk
from hub.platforms.email import check, connection, news, outgoing
from hub.platforms.email.settings import Own, Settings

_CHUNK = 65536


class Desk(PlatformDesk[Own]):
    """Cases as threads of mails between our address and the vendor's.

    The number of a case is our key. The vendor's mailbox can't be read, so cases can be found and read only with copies
    of our mails in our own mailbox (`sent_copy`); without them a person has to resolve doubts.
    """

    @hookimpl
    def hub_connect(self, settings: Settings) -> AnyConnection:
        """How to reach the account's servers."""
        return connection.connect(settings)

    @hookimpl
    def hub_capabilities(self, settings: Settings) -> frozenset[str]:
        """All hooks of the desk; finding and reading a case require copies of our own mails."""
        without = set() if settings.sent_copy else {"find_case", "read_case"}
        return self.offered() - without

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether both logins work, and our address may send."""
        return await check.check_account(account)

    @hookimpl
    async def hub_open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Send the mail that opens a case."""
        return await outgoing.open_case(account, draft, self._form)

    @hookimpl
    async def hub_find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case, if one of its mails is in our mailbox: a copy of our own mail, or an answer."""
        try:
            return await news.read_case(account, key)
        except CaseMissing:
            return None

    @hookimpl
    async def hub_read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """The case from its mails in our mailbox; raises CaseMissing."""
        return await news.read_case(account, reference.number)

    @hookimpl
    async def hub_change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> None:
        """Ask for another status in a mail; raises CaseRefused for severity and title."""
        await outgoing.change_case(account, reference, changes)

    @hookimpl
    async def hub_add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Send a comment as an answer in the case's thread."""
        return await outgoing.add_comment(account, reference, comment)

    @hookimpl
    async def hub_add_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        """Send a file as an answer in the case's thread."""
        return await outgoing.add_file(account, reference, attachment, content)

    @hookimpl
    async def hub_fetch_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """The bytes of a file that a mail carried."""
        del reference  # the attachment's reference names its mail
        content = await news.fetch(account, attachment.reference)
        for at in range(0, len(content), _CHUNK):
            yield content[at : at + _CHUNK]

    @hookimpl
    async def hub_changed_cases(self, account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
        """One page of mails about cases."""
        return await news.changed_cases(account, cursor)
