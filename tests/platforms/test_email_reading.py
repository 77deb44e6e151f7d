"""Mails are classified: by machines or people, by the vendor or strangers, with new text or quotes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub.mail import RawMail, compose
from hub.model import CaseNews, CaseStatus, Quarantined
from hub.platforms.email import Settings, automatic, body, classify, news, received, thread, trust

KEY = "RJR-000123-7F3KQ"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def settings(**changes):
    given = {
        "vendor": "v",
        "smtp_host": "smtp.rjr.example",
        "imap_host": "imap.rjr.example",
        "username": "u",
        "password": "p",
        "address": "l1@rjr.example",
        "vendor_address": "support@vendor.example",
    }
    return Settings(**(given | changes))


def mail(text="Please restart it.", *, sender="Ann <ann@vendor.example>", subject=f"Re: [{KEY}] x", extra="", uid=7):
    raw = f"From: {sender}\r\nTo: l1@rjr.example\r\nSubject: {subject}\r\nMessage-ID: <m1@vendor.example>\r\n{extra}"
    raw += f"\r\n{text}\r\n"
    return received.parse(RawMail(uid, len(raw), AT, raw.encode()))


def classified(received_mail, numbers=None, **changes):
    return classify.classify(received_mail, settings(**changes), numbers or {})


# --- machines ---


@pytest.mark.parametrize(
    "headers",
    [
        {"auto-submitted": "auto-replied"},
        {"auto-submitted": "auto-generated; owner-email=x"},
        {"precedence": "bulk"},
        {"precedence": "auto_reply"},
        {"list-id": "<x.example>"},
        {"x-auto-response-suppress": "OOF, AutoReply"},
        {"x-autoreply": "yes"},
        {"from": "Support <no-reply@v.example>"},
        {"from": "ne-pas-repondre@v.example"},
        {"from": "MAILER-DAEMON@mx.example"},
        {"x-failed-recipients": "a@b"},
        {"subject": "Automatic reply: [K] x"},
        {"subject": "Réponse automatique : absence"},
        {"subject": "Out of the office until Monday"},
        {"subject": "Absence du bureau"},
        {"subject": "Je suis en congés jusqu'à lundi"},
    ],
)
def test_a_machine_is_recognised_by_its_headers(headers):
    """Each mark is enough, in English and French."""
    assert automatic.is_automatic(headers, "text/plain")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"auto-submitted": "no"},
        {"precedence": "first-class"},
        {"x-auto-response-suppress": "RN, NRN"},
        {"from": "Noreen Oreply <noreen@v.example>"},
        {"subject": "Re: out of memory in the office suite"},
        {"subject": "Automatic updates fail"},
        {"subject": "Le bureau est absent de la liste"},
    ],
)
def test_a_person_is_not_taken_for_a_machine(headers):
    """Words that resemble a mark do not count."""
    assert not automatic.is_automatic(headers, "text/plain")


def test_a_desk_may_mark_its_peoples_answers():
    """With `replies`, generated and bulk mail may be from people; automatic replies and notices are not."""
    for headers in ({"auto-submitted": "auto-generated"}, {"precedence": "bulk"}, {"from": "noreply@v.example"}):
        assert not automatic.is_automatic(headers, "text/plain", marks="replies")
    assert automatic.is_automatic({"auto-submitted": "auto-replied"}, "text/plain", marks="replies")
    assert automatic.is_automatic({}, "multipart/report", marks="replies")


# --- senders ---


def test_senders_are_addresses_or_domains():
    """Without a list the vendor's domain counts, but no domain that only ends the same."""
    assert trust.is_vendors("Ann@Vendor.example", (), "support@vendor.example")
    assert not trust.is_vendors("ann@evilvendor.example", (), "support@vendor.example")
    assert not trust.is_vendors("@vendor.example", (), "support@vendor.example")
    assert not trust.is_vendors("", (), "support@vendor.example")
    assert trust.is_vendors("a@desk.example", ("@desk.example",), "support@vendor.example")
    assert not trust.is_vendors("b@vendor.example", ("a@vendor.example",), "support@vendor.example")


PASS = "mx.rjr.example; dmarc=pass header.from=vendor.example"


@pytest.mark.parametrize(
    ("results", "proved"),
    [
        ([PASS], True),
        (["mx.rjr.example 1; dkim=pass (2048) header.d=vendor.example"], True),
        (["mx.rjr.example; spf=pass smtp.mailfrom=x@mail.vendor.example"], True),
        (["mx.rjr.example; dmarc=pass"], True),
        (["mx.rjr.example; dmarc=fail header.from=vendor.example; dkim=pass header.d=evil.example"], False),
        (["mx.rjr.example; spf=pass smtp.mailfrom=evil.example"], False),
        (["mx.rjr.example; spf=pass"], False),
        (["mx.rjr.example; dkim=pass header.d=example"], False),
        (["mx.rjr.example; none", PASS], False),
        (["mx.evil.example; dmarc=pass header.from=vendor.example"], False),
        (["mx.evil.example; none", PASS], True),
        (["mx.rjr.example; dkim=none (dmarc=pass header.from=vendor.example)"], False),
        (["", ";"], False),
        ([], False),
    ],
)
def test_only_the_trusted_hosts_topmost_result_counts(results, proved):
    """Only our own host's topmost header counts, for the sender's own domain; comments and later headers do not."""
    assert trust.is_verified(results, "mx.rjr.example", "ann@vendor.example") is proved


# --- words ---


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (
            "Restart it.\n\nOn Mon, Mar 2, 2026 at 9:00 AM L1 <l1@rjr.example> wrote:\n> It fails.\n> Help.\n",
            "Restart it.",
        ),
        ("Redémarrez.\n\nLe lun. 2 mars 2026 à 09:00, L1 <l1@rjr.example> a écrit :\n> Ça échoue.\n", "Redémarrez."),
        ("Done.\n-----Original Message-----\nFrom: L1\nold", "Done."),
        ("Fait.\n\n________________________________\nDe : L1\nEnvoyé : lundi\nÀ : S\nObjet : x\n\nold", "Fait."),
        ("Done.\n\nFrom: L1\nSent: Monday\nTo: S\nSubject: x\n\nold", "Done."),
        ("Done.\n\n> It fails.\n> Help.\n", "Done."),
        ("Done.\n-- \nAnn\nVendor", "Done."),
        ("Done.\n\nOn Monday, a person with a long name\n<l1@rjr.example> wrote:\n> x\n-- \nAnn", "Done."),
    ],
)
def test_history_and_signature_are_left_out(text, own):
    """Quotes below an answer and a signature are not part of it."""
    assert body.own_text(text) == own


@pytest.mark.parametrize(
    "text",
    [
        "On Monday at 9:00 the host wrote:\nERROR 17 to its log.",
        "> Did it restart?\nYes.\n> And the log?\nEmpty.",
        "Hello,\n\nOn Monday, L1 wrote:\n> Did it restart?\n\nYes, it did.",
        "> Only a quote",
        "From: the console, run the tool.\nIt prints Subject: nothing.",
        "a\n-- \n" + "\n".join(f"line {n}" for n in range(30)),
        "-- \nAnn",
        "plain",
    ],
)
def test_in_doubt_all_text_is_kept(text):
    """Answers between the lines, and texts that only resemble a quote, stay complete."""
    assert body.own_text(text) == text


def test_characters_that_can_not_be_stored_are_removed():
    """NUL, half characters and endless texts are handled."""
    assert body.readable("a\0b\r\nc\rd\ud800") == "ab\nc\nd?"
    assert len(body.readable("x" * 300_000)) == body.MAX_TEXT


# --- threads ---


def test_a_key_makes_one_message_id_and_is_found_in_it():
    """The same key always gives the same id, which is found in References in upper or lower case."""
    operation = f"{KEY}/3-X2QF"
    assert thread.message_id(operation, "rjr.example") == f"<{KEY}.3-X2QF@rjr.example>"
    keys = thread.our_keys(f"<x@y> <{KEY.lower()}@RJR.example>\r\n <{KEY}.3-x2qf@rjr.example>", "rjr.example")
    assert keys == (KEY, operation)
    assert thread.our_keys(f"<{KEY}@evil.example>", "rjr.example") == ()


def test_a_subject_carries_one_key():
    """A key in brackets counts, two different keys do not; an answer has the first mail's subject."""
    assert thread.subject_key(f"RE: TR: [ {KEY.lower()} ] x") == KEY
    assert thread.subject_key(f"[{KEY}] and [RJR-000124-7F3KQ]") == ""
    assert thread.subject_key(f"{KEY} x") == ""
    assert thread.subject_of(KEY, "x") == f"[{KEY}] x"
    assert thread.answer_subject(f"[{KEY}] x", KEY) == f"Re: [{KEY}] x"
    assert thread.answer_subject("", KEY) == f"Re: [{KEY}]"
    assert thread.vendor_number("Case 00042: x", r"Case (\d+)") == "00042"
    assert thread.vendor_number("Case 00042: x", r"\d{5}") == "00042"
    assert thread.vendor_number("x", "") == thread.vendor_number("x", r"\d+") == ""


# --- cases ---


def test_an_answer_is_a_comment_without_a_status():
    """A person's mail is a comment; the case is unchanged."""
    news = classified(mail())
    assert isinstance(news, CaseNews)
    assert news.case is None
    assert news.reference.number == KEY
    one = news.comments[0]
    assert (one.body, one.author, one.automatic, one.reference) == (
        "Please restart it.",
        "Ann",
        False,
        "<m1@vendor.example>",
    )
    assert one.headers["from"] == "Ann <ann@vendor.example>"


def test_a_mails_case_is_found_by_references_then_subject_then_number():
    """References come before the subject, and both before a learned number; an unknown number is used as it is."""
    other = "RJR-000999-AAAA9"
    assert classified(mail(extra=f"In-Reply-To: <{other}.2-AB12@rjr.example>\r\n")).reference.number == other
    assert classified(mail()).reference.number == KEY
    pattern = {"case_number_pattern": r"#(\d+)"}
    numbers = {}
    classify.learn(mail(subject=f"[{KEY}] #42"), settings(**pattern), numbers)
    classify.learn(mail(subject="#43"), settings(**pattern), numbers)
    assert numbers == {"42": KEY}
    assert classified(mail(subject="#42 done"), numbers, **pattern).reference.number == KEY
    assert classified(mail(subject="#43 done"), numbers, **pattern).reference.number == "43"


def test_learned_numbers_are_limited():
    """The oldest are forgotten."""
    numbers = {str(n): KEY for n in range(classify.MAX_NUMBERS)}
    classify.learn(mail(subject=f"[{KEY}] #x42"), settings(case_number_pattern=r"#(\w+)"), numbers)
    assert len(numbers) == classify.MAX_NUMBERS
    assert "0" not in numbers
    assert numbers["x42"] == KEY


def test_mails_without_a_case_are_quarantined_and_strangers_ignored():
    """The vendor's mail without a case and a stranger's with a case are quarantined; others are ignored."""
    assert "belongs to no known case" in classified(mail(subject="hello")).reason
    assert "sender is not" in classified(mail(sender="x@evil.example")).reason
    assert "sender is not" in classified(mail(sender="ann@vendor.example, x@evil.example")).reason
    assert classified(mail(sender="x@evil.example", subject="hello")) is None
    unproved = classified(mail(), authserv_id="mx.rjr.example")
    assert isinstance(unproved, Quarantined)
    proved = mail(extra=f"Authentication-Results: {PASS}\r\n")
    assert isinstance(classified(proved, authserv_id="mx.rjr.example"), CaseNews)


def test_a_status_line_gives_a_status():
    """The first matching line decides, by the account's own words."""
    table = {"Solved": CaseStatus.RESOLVED, "In Work": CaseStatus.IN_PROGRESS}
    known = {"statuses": table, "status_pattern": r"^Status:\s*(.+)$"}
    news = classified(mail("Hello\r\nStatus: solved"), **known)
    assert news.case.status is CaseStatus.RESOLVED
    assert news.case.changed_at == AT
    assert news.case.key == KEY
    assert len(news.comments) == 1
    assert classified(mail("It is Solved"), **known).case is None
    assert classified(mail("Status: Solved"), statuses=table).case is None
    numbered = classified(mail("Status: In Work", subject="#7"), **known, case_number_pattern=r"#(\d+)")
    assert numbered.case.key == ""
    assert numbered.comments == ()


def test_an_unknown_status_is_quarantined_and_its_mail_is_a_comment():
    """The word is reported; the mail is still a comment, and no status is guessed."""
    known = settings(statuses={"Open": CaseStatus.OPEN}, status_pattern=r"^Status: (.+)$")
    one = mail("Status: Odd")
    assert "'Odd'" in classify.unknown_status(one, known).reason
    news = classify.classify(one, known, {})
    assert news.case is None
    assert news.comments[0].body == "Status: Odd"
    assert classify.unknown_status(mail("Status: open"), known) is None
    assert classify.unknown_status(mail(), settings()) is None


REPORT = (
    "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; mx\r\n\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    "Message-ID: <RJR-000123-7F3KQ.3-X2QF@rjr.example>\r\n\r\n--b--"
)


def notice(action="failed", sender="MAILER-DAEMON@mx.rjr.example"):
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'
    return mail(REPORT.format(action=action), sender=sender, subject="Undelivered", extra=head)


@pytest.mark.parametrize(
    ("action", "words"),
    [("failed", "did not arrive (failed, 5.1.1)"), ("delayed", "has not arrived yet"), ("relayed", "passed on")],
)
def test_a_notice_says_which_mail_of_ours_is_lost(action, words):
    """It is an automatic comment on the case with the operation's key, whoever sent it."""
    news = classified(notice(action))
    assert news.reference.number == KEY
    assert f"{KEY}/3-X2QF" in news.comments[0].body
    assert words in news.comments[0].body
    assert news.comments[0].automatic
    assert news.attachments == ()


def test_notices_without_a_report_count_when_they_name_our_mail():
    """An old mail system's notice is recognised by its sender; notices about other mails are ignored."""
    old = mail(f"Could not deliver <{KEY}@rjr.example>", sender="postmaster@vendor.example", subject="failure")
    assert "did not arrive (failed)" in classified(old).comments[0].body
    assert classified(mail("?", sender="postmaster@vendor.example")) is None


def test_our_own_copy_is_recognised_by_its_key():
    """A copy of our mail is an echo with its key, a file is a file; the opening mail is not a comment."""
    given = {"sender": "l1@rjr.example", "to": "s@vendor.example", "subject": "x", "body": "Hi"}
    for key, file in ((f"{KEY}/3-X2QF", None), (f"{KEY}/4-X2QF", ("a.txt", "text/plain", b"abc")), (KEY, None)):
        made = compose(**given, message_id=thread.message_id(key, "rjr.example"), file=file).as_bytes()
        news = classified(received.parse(RawMail(1, len(made), AT, made)))
        if key == KEY:
            assert news is None
        elif file:
            assert [(one.key, one.size, one.name) for one in news.attachments] == [(key, 3, "a.txt")]
            assert news.comments == ()
        else:
            assert [(one.key, one.body) for one in news.comments] == [(key, "Hi")]
    assert classified(mail(sender="l1@rjr.example")) is None


def test_files_are_listed_and_fetched_by_their_place():
    """Every part besides the text is a file with a safe name, including a mail inside the mail."""
    made = compose(
        sender="ann@vendor.example",
        to="l1@rjr.example",
        subject=f"[{KEY}]",
        message_id="<f@vendor.example>",
        body="see",
        file=("../../etc/passwd", "application/zip", b"PK\x00\x01"),
    )
    made.add_attachment(compose(sender="a@b.example", to="c@d.example", subject="in", message_id="<i@x>", body="deep"))
    raw = made.as_bytes()
    one = received.parse(RawMail(3, len(raw), AT, raw))
    assert [(file.name, file.reference) for file in one.attachments] == [
        ("passwd", "<f@vendor.example>#0"),
        ("mail-1.eml", "<f@vendor.example>#1"),
    ]
    assert received.attachment_content(raw, 0) == b"PK\x00\x01"
    assert b"deep" in received.attachment_content(raw, 1)
    assert received.attachment_content(raw, 2) is None


@pytest.mark.parametrize(
    ("head", "text", "expected"),
    [
        ("Content-Type: text/html\r\n", "<p>Restart</p><script>x</script>", "Restart"),
        ("Content-Type: text/plain; charset=nonsense\r\n", "caf\u00e9", "caf\u00e9"),
        ("Content-Type: text/plain; charset=utf-8\r\n", "a\0b", "ab"),
        ("Content-Type: application/octet-stream\r\n", "zz", f"Re: [{KEY}] x"),
    ],
)
def test_malformed_mails_are_read(head, text, expected):
    """HTML becomes text, unknown encodings are read as UTF-8, and a mail without text shows its subject."""
    assert classified(mail(text, extra=f"MIME-Version: 1.0\r\n{head}")).comments[0].body == expected


def test_a_mail_without_an_id_is_identified_by_its_content():
    """Reading the same mail twice gives the same reference."""
    raw = b"From: a@vendor.example\r\n\r\nx"
    one, two = (received.parse(RawMail(1, len(raw), AT, raw)) for _ in range(2))
    assert one.message_id == two.message_id
    assert one.message_id


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        (f"[{KEY}] Login fails", "Login fails"),
        ("[SAN-01] [disk 3] failing", "[SAN-01] [disk 3] failing"),
        (f"Re: [{KEY}] Login fails", f"Re: [{KEY}] Login fails"),
    ],
)
def test_a_case_has_the_title_of_its_first_mail(subject, title):
    """Only our key is taken off its subject."""
    assert news.thread_title(mail(subject=subject)) == title
