"""The vendor's support engineer, who writes mail; and unusual mail that also reaches the mailbox."""

from __future__ import annotations

from typing import Any

from hub.simulators.email import letters
from hub.simulators.email.cases import Case
from hub.simulators.email.desk import MACHINE, SupportDesk
from hub.simulators.email.letters import MailDraft
from hub.simulators.email.reading import Letter
from hub.simulators.email.tnef import winmail


class Engineer:
    """Acts on cases by number or by our key; each action sends a mail, and returns its Message-ID."""

    def __init__(self, desk: SupportDesk) -> None:
        self._desk = desk

    def take(self, number: str) -> str:
        """Start work on it, and report that in a line of the template."""
        return self._set(number, status="working")

    def answer(self, number: str, text: str) -> str:
        """Answer, with our mail quoted below."""
        return self._desk.write(self._case(number), text)

    def ask(self, number: str, question: str) -> str:
        """Ask, and wait for us."""
        return self._set(number, question, status="waiting")

    def internal_note(self, number: str, text: str) -> str:
        """ValueError: the desk's own notes are never mailed."""
        raise ValueError(f"a note for colleagues on case {number} is never mailed ({len(text)} characters)")

    def auto_reply(self, number: str, text: str = "") -> str:
        """Send the automatic acknowledgement."""
        case = self._case(number)
        if not text:
            return self._desk.acknowledge(case, self._desk.phrases.acknowledgement, status=False)
        return self._desk.write(case, text, automatic="auto-replied", by=MACHINE)

    def attach(self, number: str, name: str, data: bytes, text: str = "") -> str:
        """Send a file, with words if any."""
        return self._with_files(number, ((name, data),), text)

    def attach_winmail(self, number: str, name: str, data: bytes, text: str = "See the file.") -> str:
        """Send a file inside a winmail.dat, as Outlook does."""
        return self._with_files(number, (("winmail.dat", winmail([(name, data)])),), text)

    def resolve(self, number: str, text: str) -> str:
        """Describe the solution, and report it as resolved."""
        return self._set(number, text, status="resolved")

    def reopen(self, number: str) -> str:
        """Resume work on it."""
        return self._set(number, status="open")

    def close(self, number: str) -> str:
        """Report it as closed."""
        return self._set(number, status="closed")

    def set_status(self, number: str, word: str) -> str:
        """Report a status in the vendor's own word, such as one unknown to us."""
        return self._set(number, status=word)

    def set_severity(self, number: str, severity: int) -> str:
        """Report another severity, 1 to 4."""
        return self._set(number, severity=severity)

    def set_text(self, number: str, description: str) -> str:
        """Report another title, behind the same token."""
        case = self._case(number)
        head = f"[{case.key}] " if case.key else ""
        return self._set(number, subject=head + description)

    def delete(self, number: str) -> None:
        """ValueError: the deletion of a case is never mailed."""
        raise ValueError(f"the deletion of case {self._case(number).number} is never mailed")

    # --- misdirected mail, and mail from others ---

    def answer_astray(self, number: str, text: str, subject: str = "Your request", threaded: bool = False) -> str:
        """Answer under a subject without token and number, and unless `threaded` without In-Reply-To."""
        return self._desk.write(self._case(number), text, subject=subject, threaded=threaded)

    def answer_in(self, number: str, text: str, charset: str, named: str = "") -> str:
        """Answer in one charset and, if `named`, claim another."""
        desk, case = self._desk, self._case(number)
        mail = letters.write(
            MailDraft(desk.new_id(), desk.subject(case), desk.clock.now(), "", answers=case.last),
            desk.options,
            desk.seeds,
        )
        mail.clear_content()
        mail.set_content(text, charset=charset, cte="base64")
        if named:
            mail.set_param("charset", named)
        return self._by_hand(case, mail, text)

    def out_of_office(self, number: str) -> str:
        """Send an out-of-office reply from the engineer's own mailbox."""
        desk, case = self._desk, self._case(number)
        subject = desk.phrases.automatic.format(subject=case.subject)
        return desk.write(
            case,
            desk.phrases.away,
            subject=subject,
            automatic="auto-replied",
            person=True,
            by=MACHINE,
            headers={"Precedence": "bulk"},
        )

    def bounce(self, number: str, delayed: bool = False) -> str:
        """Report that our last mail on the case could not be delivered, or not yet."""
        return report(self._desk, self._last(number), delayed=delayed)

    def forge(self, number: str, text: str, how: str = "fail") -> str:
        """Let a stranger write as the desk: our host finds it false, or with `absent` finds nothing.

        With `claimed` the stranger adds findings of its own, under another host's name.
        """
        desk, case = self._desk, self._case(number)
        domain = desk.seeds.vendor_address.partition("@")[2]
        claims = {"Authentication-Results": f"mail.stranger.example; dmarc=pass header.from={domain}"}
        sheet = MailDraft(
            f"<forged.{desk.new_id()[1:-1]}>",
            desk.subject(case),
            desk.clock.now(),
            text,
            answers=case.last,
            headers=claims if how == "claimed" else {},
        )
        failed = (f"spf=fail smtp.mailfrom={domain}", "dkim=none", f"dmarc=fail header.from={domain}")
        desk.post(letters.write(sheet, desk.options, desk.seeds), checks=failed if how == "fail" else ())
        return sheet.message_id

    def strange(self, raw: bytes) -> None:
        """Put a mail into our mailbox exactly as given."""
        self._desk.mailbox.send(raw)

    # --- the mailbox ---

    def expunge(self, uid: int) -> None:
        """Remove a mail from our inbox without our doing."""
        self._desk.mailbox.inbox.remove({uid})
        self._desk.mailbox.notify_listeners()

    def renumber(self) -> None:
        """Give our inbox another UIDVALIDITY and all mail in it new ids."""
        self._desk.mailbox.inbox.renumber()
        self._desk.mailbox.notify_listeners()

    def _case(self, number: str) -> Case:
        return self._desk.cases.get(number)

    def _last(self, number: str) -> Letter:
        last = self._case(number).last
        if last is None:
            raise ValueError(f"no mail of ours on case {number} is known")
        return last

    def _set(self, number: str, text: str = "", **values: Any) -> str:
        case = self._case(number)
        self._desk.change(case, by=self._desk.seeds.engineer_address, **values)
        return self._desk.write(case, text, changed=tuple(values))

    def _with_files(self, number: str, files: tuple[tuple[str, bytes], ...], text: str) -> str:
        desk, case = self._desk, self._case(number)
        made = desk.write(case, text, files=files)
        for at, (name, data) in enumerate(files, 1):
            desk.ledger.store(
                "attachment",
                f"{made}/{at}",
                at=desk.clock.now(),
                by=desk.seeds.engineer_address,
                parent=case.number,
                size=len(data),
                public=True,
                values={"name": name, "size": len(data)},
            )
        return made

    def _by_hand(self, case: Case, mail: Any, text: str) -> str:
        desk, ident = self._desk, str(mail["Message-ID"])
        desk.cases.add_mail(case, ident)
        desk.ledger.store(
            "note",
            ident,
            at=desk.clock.now(),
            by=desk.seeds.engineer_address,
            parent=case.number,
            text=text,
            public=True,
        )
        desk.post(mail)
        return ident


def report(desk: SupportDesk, lost: Letter, *, delayed: bool) -> str:
    """Send us a report that a mail could not be delivered, or not yet; returns the report's Message-ID."""
    action, status = ("delayed", "4.4.7") if delayed else ("failed", "5.1.1")
    said = "will be tried again" if delayed else "could not be delivered"
    sheet = MailDraft(
        f"<report.{desk.new_id()[1:-1]}>",
        f"{'Delayed' if delayed else 'Undelivered'} Mail Returned to Sender",
        desk.clock.now(),
        f"Your message to {desk.seeds.vendor_address} {said}.",
    )
    reason = "451 4.4.7 Delivery time exceeded" if delayed else "550 5.1.1 User unknown"
    desk.post(
        letters.report(sheet, lost, desk.seeds, action=action, status=status, reason=reason), checks=(), sender=""
    )
    return sheet.message_id
