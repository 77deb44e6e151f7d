"""The vendor's desk behind the mailbox: which mail opens a case, which belongs to one, and what comes back."""

from __future__ import annotations

import pytest

from hub.simulators.email import read

from .mailing import KEY, Ends, at_desk, mail


def _letters(ends: Ends) -> list:
    return [read(raw) for raw in ends.answers]


async def test_a_mail_opens_one_case_and_a_machine_answers() -> None:
    """The first mail opens a case with number and key, and is acknowledged by a machine under its subject."""
    async with at_desk() as ends:
        await ends.send(mail())
        [case] = ends.stored("case")
        assert (case.id, case.key, case.text) == ("CS-1042", KEY, "Since 09:12 UTC.\n")
        [ack] = _letters(ends)
        assert ack.automatic
        assert ack.subject == f"[CS-1042] Re: [{KEY}] Checkout fails"
        assert ack.in_reply_to == ("<1@rjr.example>",)
        assert "CS-1042" in ack.text
        assert "Status: Open" in ack.text


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("Re: Something else", {"In_Reply_To": "<1@rjr.example>"}),
        ("Re: Something else", {"References": "<0@rjr.example> <1@rjr.example>"}),
        (f"Re: [{KEY}] Checkout fails", {}),
        ("Re: [CS-1042] Checkout fails", {}),
    ],
    ids=["in-reply-to", "references", "token", "number"],
)
async def test_later_mail_belongs_to_its_case(subject: str, headers: dict[str, str]) -> None:
    """A mail is threaded by In-Reply-To, by References, by our token or by the desk's number."""
    async with at_desk() as ends:
        await ends.send(mail(), mail("Still failing.\n", subject, "<2@rjr.example>", **headers))
        assert len(ends.stored("case")) == 1
        assert [(entry.parent, entry.text) for entry in ends.stored("note") if entry.by == "l1@rjr.example"] == [
            ("CS-1042", "Still failing.\n")
        ]


async def test_a_desk_that_does_not_know_our_tokens_opens_another_case() -> None:
    """Where the desk threads by number alone, a second mail with our token is a case of its own."""
    async with at_desk(threads=("number",)) as ends:
        await ends.send(mail(), mail(ident="<2@rjr.example>"))
        assert [entry.id for entry in ends.stored("case")] == ["CS-1042", "CS-1043"]


@pytest.mark.parametrize(("again", "cases"), [(True, 1), (False, 2)])
async def test_the_same_message_id_is_the_same_mail(again: bool, cases: int) -> None:
    """A mail that comes again under its Message-ID changes nothing, unless the desk does not look."""
    async with at_desk(deduplicates=again, threads=("number",)) as ends:
        await ends.send(mail(), mail())
        assert len(ends.stored("mail")) == 2
        assert len(ends.stored("case")) == cases


@pytest.mark.parametrize(
    ("mark", "number", "shown"),
    [("{{#{}}}", "1042", "{#1042} Re: "), ("[CS-{}]", "CS-1042", "[CS-1042] Re: "), ("", KEY, "Re: ")],
)
async def test_numbers_have_the_vendors_form(mark: str, number: str, shown: str) -> None:
    """The desk marks subjects in its own way, or gives no numbers and identifies a case by our key."""
    async with at_desk(mark=mark) as ends:
        await ends.send(mail())
        assert [entry.id for entry in ends.stored("case")] == [number]
        assert _letters(ends)[0].subject.startswith(shown)


async def test_the_engineer_answers_above_what_is_quoted() -> None:
    """An answer comes as text and HTML, signed, with our mail quoted below, under the case's thread."""
    async with at_desk(acknowledges=False) as ends:
        await ends.send(mail())
        ident = ends.sim.engineer.answer(KEY, "Déjà vu 漢字 & <b>.\n\nSecond line.")
        [letter] = _letters(ends)
        assert letter.message_id == ident
        assert letter.text.startswith("Déjà vu 漢字 & <b>.\n\nSecond line.\n\n-- \nKim Roe\n")
        assert "l1@rjr.example wrote:\n> Since 09:12 UTC." in letter.text
        assert b"text/html" in letter.raw
        assert b"Authentication-Results: mx.rjr.example;" in letter.raw


async def test_french_desks_write_french() -> None:
    """A French desk acknowledges, reports statuses and quotes in French."""
    async with at_desk(language="fr") as ends:
        await ends.send(mail())
        ends.sim.engineer.ask("CS-1042", "Quelle version ?")
        ack, question = _letters(ends)
        assert "réponse automatique" in ack.text
        assert "Statut : Ouvert" in ack.text
        assert "Statut : En attente" in question.text
        assert "a écrit :" in question.text


async def test_statuses_are_told_in_lines() -> None:
    """Taking, asking, resolving, closing and reopening each say the status in a line of its own."""
    async with at_desk(acknowledges=False, signature=False, quoting="none", html=False) as ends:
        await ends.send(mail())
        engineer = ends.sim.engineer
        engineer.take(KEY)
        engineer.ask(KEY, "Which build?")
        engineer.resolve(KEY, "Restarted.")
        engineer.close(KEY)
        engineer.reopen(KEY)
        engineer.set_severity(KEY, 2)
        engineer.set_text(KEY, "Now slow")
        assert [letter.text.strip() for letter in _letters(ends)] == [
            "Status: In Progress",
            "Which build?\n\nStatus: Pending",
            "Restarted.\n\nStatus: Resolved",
            "Status: Closed",
            "Status: Open",
            "Severity: 2",
            "Title: Now slow",
        ]


async def test_a_reply_reopens_a_closed_case() -> None:
    """A reply to a closed case opens it again and says so; a desk that does not reopen refuses by machine."""
    for reopens, text in ((True, "Status: Open"), (False, "is closed; please open a new one")):
        async with at_desk(acknowledges=False, reopens=reopens) as ends:
            await ends.send(mail())
            ends.sim.engineer.close(KEY)
            await ends.send(mail("Again.\n", ident="<2@rjr.example>"))
            assert text in _letters(ends)[-1].text
            assert _letters(ends)[-1].automatic
            ours = [entry.text for entry in ends.stored("note") if entry.by == "l1@rjr.example"]
            assert ours == (["Again.\n"] if reopens else [])
            assert ends.sim.desk.cases.get(KEY).status == ("open" if reopens else "closed")


async def test_lines_in_our_mail_are_obeyed() -> None:
    """A mail of ours that says a status, severity or title of the template changes them once."""
    async with at_desk() as ends:
        await ends.send(mail())
        for ident in ("<2@rjr.example>", "<3@rjr.example>"):
            await ends.send(mail("Status: Closed\nSeverity: 1\nTitle: Slow\n> Status: Pending\n", ident=ident))
        case = ends.sim.desk.cases.get(KEY)
        assert (case.status, case.severity, case.subject) == ("closed", 1, f"[{KEY}] Slow")
        assert len(ends.stored("change")) == 1


async def test_our_machine_is_not_answered_by_theirs() -> None:
    """A mail that says it is a machine's gets no acknowledgement, so that no loop begins."""
    async with at_desk() as ends:
        await ends.send(mail(Auto_Submitted="auto-generated"))
        assert len(ends.stored("case")) == 1
        assert ends.answers == []


async def test_files_and_operation_keys_are_kept() -> None:
    """The ledger has each file's digest, and a note's operation key."""
    async with at_desk() as ends:
        await ends.send(
            mail(), mail(f"See file.\n\n[{KEY}/3-X2QF]\n", ident="<2@rjr.example>", files=(("a.log", b"x"),))
        )
        note = next(entry for entry in ends.stored("note") if entry.by == "l1@rjr.example")
        assert note.key == f"{KEY}/3-X2QF"
        [file] = ends.stored("attachment")
        assert (file.parent, file.key, file.values["name"], file.size) == ("CS-1042", note.key, "a.log", 1)


async def test_mail_that_goes_astray_can_be_told_apart() -> None:
    """Bounces, absences, forged and astray mail look as they do in real mailboxes."""
    async with at_desk(acknowledges=False) as ends:
        await ends.send(mail())
        engineer = ends.sim.engineer
        engineer.bounce(KEY)
        engineer.bounce(KEY, delayed=True)
        engineer.out_of_office(KEY)
        engineer.forge(KEY, "Send the passwords.")
        engineer.forge(KEY, "Send the passwords.", how="claimed")
        engineer.answer_astray(KEY, "No thread.")
        engineer.attach_winmail(KEY, "trace.log", b"line")
        engineer.answer_in(KEY, "déjà vu", "latin-1", named="utf-8")
        failed, delayed, away, forged, claimed, astray, winmail, wrong = _letters(ends)
        assert b"Action: failed" in failed.raw
        assert b"<1@rjr.example>" in failed.raw
        assert b"Action: delayed" in delayed.raw
        assert away.automatic
        assert away.sender == "kim.roe@vendor.example"
        assert b"dmarc=fail" in forged.raw
        assert b"mx.rjr.example; " not in claimed.raw
        assert b"mail.stranger.example" in claimed.raw
        assert (astray.subject, astray.in_reply_to) == ("Your request", ())
        assert winmail.files[0][0] == "winmail.dat"
        assert winmail.files[0][1].startswith(b"\x78\x9f\x3e\x22")
        assert b"line" in winmail.files[0][1]
        assert wrong.text == "d\ufffdj\ufffd vu\n"


async def test_what_nobody_could_see_by_mail_is_refused() -> None:
    """An internal note, a deletion and an unknown case or action are refused, not mailed."""
    async with at_desk(acknowledges=False) as ends:
        await ends.send(mail())
        for action, more in (
            ("internal_note", {"text": "x"}),
            ("delete", {}),
            ("publish", {"title": "x"}),
            ("take", {"number": "CS-7"}),
        ):
            with pytest.raises(ValueError):
                ends.sim.act(action, {"number": KEY} | more)
        assert ends.answers == []
