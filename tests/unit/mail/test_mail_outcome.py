"""What became of a mail follows from its progress and the server's answers; errors quote nothing."""

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
from hub.mail.outcome import MailDelivery, MailProgress, failure, mailbox_error, not_offered, refusal, requested_wait

BEFORE = [step for step in MailProgress if step is not MailProgress.END]


@pytest.mark.parametrize("step", BEFORE)
def test_before_the_dot_nothing_was_accepted(step):
    """A failure before the final dot leaves no doubt."""
    delivery = MailDelivery(step=step)
    assert not delivery.may_be_accepted
    assert not failure(TimeoutError(), delivery).in_doubt
    assert not refusal(451, "later", step).in_doubt


def test_after_the_dot_only_a_refusal_clears_the_doubt():
    """A lost or invalid answer to the dot leaves doubt; after 4xx and 5xx nothing was accepted."""
    delivery = MailDelivery(step=MailProgress.END)
    error = failure(ConnectionResetError(), delivery)
    assert delivery.may_be_accepted
    assert error.in_doubt
    assert isinstance(error, VendorUnavailable)
    nonsense = refusal(-1, "what?", MailProgress.END)
    assert nonsense.in_doubt
    assert isinstance(nonsense, VendorMisbehaved)
    assert not refusal(-1, "what?", MailProgress.LOGIN).in_doubt
    delivery.refused = True
    assert not delivery.may_be_accepted
    assert MailDelivery(step=MailProgress.END, accepted=True).may_be_accepted


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
def test_a_refusal_says_who_acts(code, words, step, kind):
    """4xx is retried later, 5xx is an error for whoever can act; the server's text is not kept."""
    error = refusal(code, f"{words} hunter2", step)
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
def test_the_cause_is_reported(error, words):
    """The cause is found inside a wrapping error."""
    outer = RuntimeError("secret")
    outer.__cause__ = error
    reported = failure(outer)
    assert words in reported.message
    assert isinstance(reported, VendorUnavailable)
    assert not reported.in_doubt
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
    """The response codes of a mailbox say who acts; temporary ones (RFC 5530) are retried later."""
    assert type(mailbox_error(what, status, words)) is kind


def test_a_missing_feature_is_for_the_operator():
    """The operator has to act when a server offers no login or no STARTTLS."""
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
    """Without TLS only this machine is allowed, unless the settings allow more; no repr shows the password."""
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
def test_impossible_settings_are_refused(changes):
    """Hosts and our own address must be well-formed."""
    with pytest.raises(SettingsError):
        _connection(**changes)


@pytest.mark.parametrize("text", ["a@b.example\r\nRCPT TO:<x@y>", "A <a@b.example>", "a@b, c@d", "a", "é@b.example"])
def test_an_address_can_not_hide_a_command(text):
    """Only one plain address counts as an address."""
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
    """A mail is ASCII with CR LF and the same each time, also with a file."""
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
def test_a_wait_is_read_from_the_servers_text(words, seconds):
    """Mail servers give a wait in their text only."""
    assert requested_wait(words) == seconds
    assert refusal(451, f"4.7.28 {words}", MailProgress.END).wait == seconds
