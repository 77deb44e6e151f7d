"""The hooks of a desk that is a mailbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub.errors import CaseMissing
from hub.hooks import capabilities
from hub.hookspecs import Hooks, hookimpl
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
    Intake,
    Page,
)
from hub.platforms.email import check, news, wire, writes
from hub.platforms.email.settings import Own, Settings
from hub.platforms.form import IntakeForm

_CHUNK = 65536


class Desk(Hooks[Own]):
    """Cases as threads of mails between our address and the vendor's.

    A case's number is our key, from its first mail on. Nobody can look into the vendor's mailbox: cases are found and
    read only from copies in our own (`sent_copy`), and otherwise a doubt goes to a person.
    """

    def __init__(self, *, form: IntakeForm, settings: type[Own]) -> None:
        self._form, self._model = form, settings

    @hookimpl
    def hub_settings(self, platform: str) -> type[Own]:
        """The settings of an account."""
        return self._model

    @hookimpl
    def hub_connect(self, settings: Settings) -> AnyConnection:
        """How the account's servers are spoken to."""
        return wire.connection(settings)

    @hookimpl
    def hub_capabilities(self, settings: Settings) -> frozenset[str]:
        """All that the desk answers; finding and reading a case take copies of our own mails."""
        without = set() if settings.sent_copy else {"find_case", "read_case"}
        return capabilities(self) - without

    @hookimpl
    async def hub_check_account(self, account: AnyAccount) -> tuple[Finding, ...]:
        """Whether both servers let us in."""
        return await check.check_account(account)

    @hookimpl
    async def hub_intake(self, account: AnyAccount) -> Intake:
        """The questions that the vendor wants answered in the first mail."""
        return self._form.intake(account.settings)

    @hookimpl
    async def hub_open_case(self, account: AnyAccount, draft: CaseDraft) -> Case:
        """Send the mail that opens a case."""
        return await writes.open_case(account, draft, self._form)

    @hookimpl
    async def hub_find_case(self, account: AnyAccount, key: str) -> Case | None:
        """The case, if a mail of it is in our mailbox: a copy of our own, or an answer."""
        try:
            return await news.read_case(account, key)
        except CaseMissing:
            return None

    @hookimpl
    async def hub_read_case(self, account: AnyAccount, reference: CaseReference) -> Case:
        """The case as its mails in our mailbox tell it; raises CaseMissing."""
        return await news.read_case(account, reference.number)

    @hookimpl
    async def hub_change_case(self, account: AnyAccount, reference: CaseReference, changes: CaseChanges) -> None:
        """Ask for another status in words; raises CaseRefused for severity and title."""
        await writes.change_case(account, reference, changes)

    @hookimpl
    async def hub_add_comment(self, account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
        """Send a comment as an answer in the case's thread."""
        return await writes.add_comment(account, reference, comment)

    @hookimpl
    async def hub_add_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
    ) -> Attachment:
        """Send a file as an answer in the case's thread."""
        return await writes.add_file(account, reference, attachment, content)

    @hookimpl
    async def hub_fetch_attachment(
        self, account: AnyAccount, reference: CaseReference, attachment: Attachment
    ) -> AsyncIterator[bytes]:
        """The bytes of a file that a mail carried."""
        del reference  # a file is found by its mail
        content = await news.fetch(account, attachment.reference)
        for at in range(0, len(content), _CHUNK):
            yield content[at : at + _CHUNK]

    @hookimpl
    async def hub_changed_cases(self, account: AnyAccount, cursor: Cursor) -> Page[CaseNews]:
        """One page of mails that tell of cases."""
        return await news.changed_cases(account, cursor)
