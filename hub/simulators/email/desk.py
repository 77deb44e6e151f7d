"""The vendor's support desk: incoming mail opens or updates a case, and the desk's mail is sent to us."""

from __future__ import annotations

from email.message import EmailMessage
from hashlib import sha256
from typing import Any

from hub.simulators.email import drift, letters, requests
from hub.simulators.email.cases import Case, Cases
from hub.simulators.email.letters import MailDraft
from hub.simulators.email.mailbox import Mailbox
from hub.simulators.email.options import Options, Seeds
from hub.simulators.email.phrases import PHRASES
from hub.simulators.email.reading import Letter, read
from hub.simulators.kit import Clock, Faults, Ledger

MACHINE, US = "machine", "us"


class SupportDesk:
    """Cases, with mail in both directions."""

    def __init__(self, options: Options, seeds: Seeds, clock: Clock, ledger: Ledger, faults: Faults) -> None:
        self.options, self.seeds, self.clock, self.ledger, self.faults = options, seeds, clock, ledger, faults
        self.phrases = PHRASES[options.language]
        self.mailbox = Mailbox(clock)
        self.cases = Cases(options, seeds)
        self.letters: dict[str, Letter] = {}
        """All mail that arrived, by Message-ID."""
        self._later: list[tuple[float, bytes]] = []
        self._held: list[bytes] = []
        self._sent = 0

    # --- mail that arrives ---

    def kind_of(self, raw: bytes) -> str:
        """The effect of a mail: create, update, attach, note, or other for a mail that arrived before."""
        letter = read(raw)
        if self._is_repeated(letter):
            return "other"
        case = self.cases.belonging(letter)
        if case is None:
            return "create"
        if self.options.obeys and requests.new(requests.asked(letter.text, case), case):
            return "update"
        return "attach" if letter.files else "note"

    def receive(self, raw: bytes, *, after: float = 0.0) -> None:
        """A mail reaches the vendor's address, `after` seconds from now."""
        if after > 0:
            self._later.append((self.clock.now() + after, raw))
            return
        letter, at = read(raw), self.clock.now()
        repeated = self._is_repeated(letter)
        case = None if repeated else self.cases.belonging(letter)
        self.ledger.store(
            "mail",
            letter.message_id,
            at=at,
            by=letter.sender,
            sha256=sha256(raw).hexdigest(),
            size=len(raw),
            parent=case.number if case else None,
            key=self.cases.key_in(letter.subject) or None,
            values={"subject": letter.subject, "again": repeated, "automatic": letter.automatic},
        )
        if repeated:
            return
        self.letters[letter.message_id] = letter
        if case is None:
            self._open(letter)
        else:
            self._add(case, letter)

    def settle(self) -> None:
        """Deliver the mail that is due, here and to our mailbox."""
        now = self.clock.now()
        due = [delivery for delivery in self._later if delivery[0] <= now]
        self._later = [delivery for delivery in self._later if delivery[0] > now]
        for _, raw in sorted(due, key=lambda entry: entry[0]):
            self.receive(raw)
        self.mailbox.settle()

    def _is_repeated(self, letter: Letter) -> bool:
        return self.options.deduplicates and letter.message_id in self.letters

    def _open(self, letter: Letter) -> None:
        case = self.cases.open(letter)
        case.severity = requests.asked(letter.text, case).get("severity", 0)
        self.ledger.store(
            "case",
            case.number,
            at=self.clock.now(),
            by=letter.sender,
            key=case.key or None,
            sha256=sha256(letter.raw).hexdigest(),
            text=letter.text,
            values={"subject": letter.subject, "message_id": letter.message_id},
        )
        self._files(case, letter)
        if self.options.acknowledges and not letter.automatic:
            self.acknowledge(case, self.phrases.acknowledgement)

    def _add(self, case: Case, letter: Letter) -> None:
        self.cases.add_mail(case, letter.message_id)
        case.last = letter
        if case.status == "closed" and not self.options.reopens:
            if not letter.automatic:
                self.acknowledge(case, self.phrases.closed, status=False)
            return
        if letter.text.strip():
            self.ledger.store(
                "note",
                letter.message_id,
                at=self.clock.now(),
                by=letter.sender,
                parent=case.number,
                key=self.cases.operation_in(letter.subject, letter.text) or None,
                public=True,
                text=letter.text,
                sha256=sha256(letter.raw).hexdigest(),
                size=len(letter.raw),
            )
        self._files(case, letter)
        wanted = requests.asked(letter.text, case) if self.options.obeys else {}
        if case.status in {"resolved", "closed"} and "status" not in wanted and not letter.automatic:
            wanted["status"] = "open"
        wanted = requests.new(wanted, case)
        if wanted:
            self.change(case, by=letter.sender, **wanted)
            self.write(case, "", changed=tuple(wanted), automatic="auto-replied", by=MACHINE)

    def _files(self, case: Case, letter: Letter) -> None:
        for at, (name, data) in enumerate(letter.files, 1):
            about = {"name": name, "size": len(data), "sha256": sha256(data).hexdigest()}
            self.ledger.store(
                "attachment",
                f"{letter.message_id}/{at}",
                at=self.clock.now(),
                by=letter.sender,
                parent=case.number,
                key=self.cases.operation_in(letter.subject, letter.text) or None,
                size=len(data),
                public=True,
                values=about,
                sha256=sha256(letter.raw).hexdigest(),
            )

    # --- what the desk does ---

    def change(self, case: Case, *, by: str, **values: Any) -> None:
        """Change status, severity or subject of a case."""
        for name, value in values.items():
            setattr(case, name, value)
        self.ledger.store("change", case.number, at=self.clock.now(), by=by, parent=case.number, values=values)

    def acknowledge(self, case: Case, phrase: str, *, status: bool = True) -> str:
        """A machine's mail; its Message-ID."""
        text = phrase.format(number=f" {case.number}" if case.mark else "")
        changed = ("status",) if status else ()
        return self.write(case, text, changed=changed, automatic="auto-replied", by=MACHINE)

    def subject(self, case: Case) -> str:
        """The subject of the desk's mail about a case: a reply, with the number if there is one."""
        reply = case.subject if case.subject.lower().startswith("re:") else f"Re: {case.subject}"
        return f"{case.mark} {reply}" if case.mark and case.mark not in reply else reply

    def lines(self, case: Case, changed: tuple[str, ...]) -> tuple[str, ...]:
        """The template's lines for these changes."""
        lines = {
            "status": f"{self.phrases.status}: {self.phrases.statuses.get(case.status, case.status)}",
            "severity": f"{self.phrases.severity}: {case.severity}",
            "subject": f"{self.phrases.title}: {requests.title_of(case)}",
        }
        return tuple(lines[name] for name in lines if name in changed)

    def write(
        self, case: Case, text: str, *, changed: tuple[str, ...] = (), by: str = "", subject: str = "", **how: Any
    ) -> str:
        """Send a mail about a case; returns its Message-ID. `how` sets further fields of its draft."""
        sheet = MailDraft(
            self.new_id(),
            subject or self.subject(case),
            self.clock.now(),
            text,
            self.lines(case, changed),
            case.last,
            **how,
        )
        self.cases.add_mail(case, sheet.message_id)
        if text.strip():
            self.ledger.store(
                "note",
                sheet.message_id,
                at=sheet.at,
                by=by or self.seeds.engineer_address,
                parent=case.number,
                text=text,
                public=True,
            )
        self.post(letters.write(sheet, self.options, self.seeds))
        return sheet.message_id

    def new_id(self) -> str:
        """A Message-ID of the vendor's."""
        self._sent += 1
        return f"<{self._sent}.{int(self.clock.now())}@{self.seeds.vendor_address.partition('@')[2]}>"

    # --- mail to us ---

    def post(self, mail: EmailMessage, *, checks: tuple[str, ...] | None = None, sender: str | None = None) -> None:
        """Send a mail to us, with our host's checks of the sender and the faults of delivery applied."""
        struck = {
            rule.kind: rule for rule in self.faults.pick("deliver", "DELIVER", ["mail", "DELIVER"], drift.ON_DELIVERY)
        }
        if "astray" in struck:
            mail.replace_header("Subject", "Your request")
        if "unthreaded" in struck:
            del mail["In-Reply-To"], mail["References"]
        raw = mail.as_bytes()
        if "wrong_charset" in struck:
            raw = raw.replace(b'charset="utf-8"', b'charset="x-unknown"')
        results = () if "unsigned" in struck else self.checks() if checks is None else checks
        sender = self.seeds.vendor_address if sender is None else sender
        raw = letters.received(raw, self.clock.now(), results, self.seeds, sender)
        if "swallowed" in struck:
            return
        if "overtaken" in struck:
            self._held.append(raw)
            return
        wait = self.options.delivery_seconds + ((struck["late"].seconds or 60) if "late" in struck else 0)
        folder = "Junk" if "in_junk" in struck else "INBOX"
        for copy in (raw, *([raw] if "twice" in struck else []), *self._held):
            self.mailbox.send(copy, after=wait, folder=folder)
        self._held.clear()

    def checks(self) -> tuple[str, ...]:
        """The results of our host's checks of the desk's mail."""
        result, domain = self.options.authentication, self.seeds.vendor_address.partition("@")[2]
        if result == "absent":
            return ()
        return (
            f"spf={result} smtp.mailfrom={domain}",
            f"dkim={result} header.d={domain}",
            f"dmarc={result} header.from={domain}",
        )
