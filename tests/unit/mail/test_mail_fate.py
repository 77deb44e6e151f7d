"""What became of a mail is judged from how far it got and what was answered, and errors quote nothing."""

from __future__ import annotations

import ssl

import pytest

from hub.errors import (
    CaseRefused,
    FieldRefused,
    LoginRefused,
    NotPermitted,
    RateLimited,
    SettingsError,
    TryLater,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.mail import MailConnection, compose
from hub.mail.connection import is_address, is_loopback
from hub.mail.fate import MailDelivery, MailProgress, answer_error, failure, look_error, not_offered, wait_told

BEFORE = [step for step in MailProgress if step is not MailProgress.END]


@pytest.mark.parametrize("step", BEFORE)
def test_before_the_dot_nothing_was_taken(step):
    """Whatever breaks before the final dot leaves no doubt."""
    course = MailDelivery(step=step)
    assert not course.may_be_taken
    assert not failure(TimeoutError(), course).in_doubt
    assert not answer_error(451, "later", step).in_doubt


def test_after_the_dot_only_a_refusal_clears_the_doubt():
    """A lost answer to the dot is in doubt, an answer that is none too; 4xx and 5xx mean nothing was taken."""
    course = MailDelivery(step=MailProgress.END)
    error = failure(ConnectionResetError(), course)
    assert course.may_be_taken
    assert error.in_doubt
    assert isinstance(error, VendorUnavailable)
    nonsense = answer_error(-1, "what?", MailProgress.END)
    assert nonsense.in_doubt
    assert isinstance(nonsense, VendorMisbehaved)
    assert not answer_error(-1, "what?", MailProgress.LOGIN).in_doubt
    course.refused = True
    assert not course.may_be_taken
    assert MailDelivery(step=MailProgress.END, taken=True).may_be_taken


@pytest.mark.parametrize(
    ("code", "words", "step", "kind"),
    [
        (421, "closing", MailProgress.CONNECT, TryLater),
        (451, "4.3.0 greylisted", MailProgress.RECIPIENT, TryLater),
        (452, "4.2.2 mailbox full", MailProgress.END, TryLater),
        (450, "4.7.28 unusual", MailProgress.END, RateLimited),
        (421, "too many connections", MailProgress.CONNECT, RateLimited),
        (535, "5.7.8 no", MailProgress.LOGIN, LoginRefused),
        (530, "5.7.0 authenticate first", MailProgress.SENDER, LoginRefused),
        (454, "4.7.0 temporary", MailProgress.LOGIN, TryLater),
        (550, "5.7.60 may not send as", MailProgress.SENDER, NotPermitted),
        (554, "5.7.1 relay denied", MailProgress.RECIPIENT, NotPermitted),
        (554, "no service", MailProgress.CONNECT, NotPermitted),
        (550, "5.1.1 unknown", MailProgress.RECIPIENT, CaseRefused),
        (554, "5.7.1 spam", MailProgress.END, CaseRefused),
        (552, "5.3.4 too big", MailProgress.SENDER, FieldRefused),
        (554, "5.2.3 too long", MailProgress.END, FieldRefused),
        (299, "", MailProgress.SENDER, VendorMisbehaved),
        (550, "5.7.60 no permission to send as this sender", MailProgress.END, NotPermitted),
    ],
)
def test_an_answer_says_who_acts(code, words, step, kind):
    """4xx is tried later, 5xx is refused by whom it concerns; no words of the server are kept."""
    error = answer_error(code, f"{words} hunter2", step)
    assert type(error) is kind
    assert "hunter2" not in f"{error} {error.next_step}"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ssl.SSLCertVerificationError(), "certificate"),
        (ssl.SSLError(), "handshake"),
        (TimeoutError(), "in time"),
        (ConnectionRefusedError(), "no connection"),
    ],
)
def test_what_broke_is_told(error, words):
    """The cause is found through what wraps it."""
    outer = RuntimeError("secret")
    outer.__cause__ = error
    told = failure(outer)
    assert words in told.message
    assert isinstance(told, VendorUnavailable)
    assert not told.in_doubt
    assert isinstance(failure(RuntimeError("secret")), VendorMisbehaved)
    assert "secret" not in failure(RuntimeError("secret")).message


@pytest.mark.parametrize(
    ("what", "status", "words", "kind"),
    [
        ("login", "NO", "[AUTHENTICATIONFAILED] x", LoginRefused),
        ("login", "NO", "[UNAVAILABLE] x", VendorUnavailable),
        ("mails", "BYE", "", VendorUnavailable),
        ("mails", "NO", "[THROTTLED]", RateLimited),
        ("folder", "NO", "", NotPermitted),
        ("search", "BAD", "", VendorMisbehaved),
        ("search", "NO", "[NOPERM] x", NotPermitted),
    ],
)
def test_a_mailbox_refuses(what, status, words, kind):
    """The codes of a mailbox say who acts; those of RFC 5530 that pass are tried later."""
    assert type(look_error(what, status, words)) is kind


def test_what_a_server_does_not_offer_is_the_operators():
    """No login and no STARTTLS are for the operator to mend."""
    assert isinstance(not_offered(MailProgress.LOGIN), LoginRefused)
    assert isinstance(not_offered(MailProgress.CONNECT), NotPermitted)


def _connection(**changes):
    given = {
        "smtp_host": "smtp.example.com",
        "smtp_port": 465,
        "imap_host": "imap.example.com",
        "imap_port": 993,
        "username": "u",
        "password": "hunter2",
        "sender": "l1@rjr.example",
    }
    from pydantic import SecretStr

    given |= changes
    return MailConnection(**{**given, "password": SecretStr(given["password"])})


def test_a_password_never_leaves_in_the_clear():
    """Without TLS only this machine is spoken to, unless that is allowed in so many words; no repr shows it."""
    for name in ("smtp_tls", "imap_tls"):
        with pytest.raises(SettingsError, match="unencrypted"):
            _connection(**{name: "none"})
    assert _connection(smtp_tls="none", plaintext=True)
    local = _connection(smtp_tls="none", imap_tls="none", smtp_host="127.0.0.1", imap_host="localhost")
    assert "hunter2" not in repr(local)
    assert local.is_ours("smtp://127.0.0.1:465")
    assert not local.is_ours("smtp://127.0.0.1:25")
    assert local.domain == "rjr.example"
    assert local.origin == "smtp://127.0.0.1:465"
    assert not is_loopback("127.0.0.1.example.com")


@pytest.mark.parametrize("changes", [{"smtp_host": "a b"}, {"imap_host": ""}, {"sender": "x"}])
def test_settings_that_cannot_be_are_refused(changes):
    """Hosts and our own address have a form."""
    with pytest.raises(SettingsError):
        _connection(**changes)


@pytest.mark.parametrize("text", ["a@b.example\r\nRCPT TO:<x@y>", "A <a@b.example>", "a@b, c@d", "a", "é@b.example"])
def test_an_address_hides_nothing(text):
    """An address is one plain address."""
    assert not is_address(text)
    assert is_address("support+x@winmagic.example")


VALUES = {
    "sender": "l1@rjr.example",
    "to": "v@v.example",
    "subject": "[K] hé",
    "message_id": "<a.b@rjr.example>",
    "body": "hé\n.\nsecond",
}


@pytest.mark.parametrize("name", ["to", "subject", "message_id", "references"])
@pytest.mark.parametrize("bad", ["x\r\nBcc: other@evil.example", "x\nBcc: other@evil.example"])
def test_no_value_breaks_out_of_its_header(name, bad):
    """A line break in a header is refused."""
    with pytest.raises(FieldRefused):
        compose(**(VALUES | {name: bad}))


def test_the_same_values_give_the_same_bytes():
    """A mail is ASCII with CR LF, the same each time, with a file too."""
    plain, again = compose(**VALUES).as_bytes(), compose(**VALUES).as_bytes()
    assert plain == again
    assert plain.isascii()
    assert b"\n" not in plain.replace(b"\r\n", b"")
    file = ("a.txt", "text/plain", b"x" * 100)
    assert compose(**VALUES, file=file).as_bytes() == compose(**VALUES, file=file).as_bytes()
    odd = compose(**VALUES, file=("a", "nonsense", b"x"), references="<r@x> <s@x>")
    assert "application/octet-stream" in odd.as_string()
    assert odd["In-Reply-To"] == "<s@x>"
    assert compose(**VALUES, headers={"Auto-Submitted": "no"})["Auto-Submitted"] == "no"


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("try again in 300 seconds", 300),
        ("Retry after 5 min", 300),
        ("in 2 hours", 7200),
        ("Suggested Backoff Time: 3000 milliseconds", 3),
        ("later", None),
    ],
)
def test_a_wait_is_read_from_words(words, seconds):
    """Mail servers tell a wait in words only."""
    assert wait_told(words) == seconds
    assert answer_error(451, f"4.7.28 {words}", MailProgress.END).wait == seconds
