"""The simulated submission server, as smtplib and aiosmtplib meet it."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable

import aiosmtplib
import pytest

from .mailing import at_desk, at_postbox, mail

TLS = ["none", "starttls", "implicit"]


@pytest.mark.parametrize("tls", TLS)
async def test_a_mail_is_taken_in_byte_by_byte(tls: str) -> None:
    """With and without encryption a mail arrives as it was sent, dots at the head of lines included."""
    async with at_postbox(tls=tls) as ends:
        sent = mail(".\n..\nover\n", files=(("a.bin", bytes(range(256))),))
        await ends.send(sent)
        [taken] = ends.sim.accepted
        assert (taken.sender, taken.recipients) == ("l1@rjr.example", ("support@vendor.example",))
        assert taken.letter.text == ".\n..\nover\n"
        assert taken.letter.files == [("a.bin", bytes(range(256)))]
        assert [entry.id for entry in ends.stored("mail")] == ["<1@rjr.example>"]


@pytest.mark.parametrize("tls", TLS)
async def test_another_client_sends_too(tls: str) -> None:
    """The same server serves aiosmtplib, which writes its commands in other ways."""
    async with at_postbox(tls=tls) as ends:
        where = {"hostname": ends.account["smtp_host"], "port": ends.account["smtp_port"]}
        how = {"use_tls": tls == "implicit", "start_tls": tls == "starttls", "tls_context": ends.trust}
        login = {"username": ends.account["username"], "password": ends.account["password"]}
        await aiosmtplib.send(mail(), **where, **how, **login)
        assert len(ends.sim.accepted) == 1


@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
async def test_both_ways_to_log_in_are_known(mechanism: str) -> None:
    """AUTH PLAIN and AUTH LOGIN let the right password in, and no other."""

    def log_in(password: str) -> Callable[[smtplib.SMTP], int]:
        def work(client: smtplib.SMTP) -> int:
            client.ehlo()
            client.user, client.password = "l1@rjr.example", password
            return client.auth(mechanism.removeprefix("auth_").upper(), getattr(client, mechanism))[0]

        return work

    async with at_postbox() as ends:
        assert await ends.smtp(log_in(ends.account["password"]), login=False) == 235
        with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
            await ends.smtp(log_in("wrong"), login=False)
        assert caught.value.smtp_code == 535


async def test_nobody_sends_without_a_login() -> None:
    """A sender without a login has to log in; a sender with another address is refused."""
    async with at_postbox() as ends:
        with pytest.raises(smtplib.SMTPSenderRefused) as caught:
            await ends.smtp(lambda client: client.send_message(mail()), login=False)
        assert caught.value.smtp_code == 530
        with pytest.raises(smtplib.SMTPSenderRefused) as caught:
            await ends.smtp(lambda client: client.send_message(mail(), from_addr="other@rjr.example"))
        assert caught.value.smtp_code == 553
        assert ends.sim.accepted == []


async def test_without_encryption_no_login_is_offered_where_it_is_asked_for() -> None:
    """A host that wants STARTTLS offers no login before it."""

    def features(client: smtplib.SMTP) -> dict[str, str]:
        client.ehlo()
        return client.esmtp_features

    async with at_postbox(tls="starttls") as ends:
        ends.account["tls"] = "none"
        offered = await ends.smtp(features, login=False)
        assert "starttls" in offered
        assert "auth" not in offered


async def test_a_mail_over_the_limit_is_refused() -> None:
    """A declared size is refused immediately, an undeclared one after the text."""
    async with at_postbox(max_size=5000) as ends:
        big = mail("a line of text\n" * 500)
        with pytest.raises(smtplib.SMTPSenderRefused) as early:
            await ends.send(big)
        with pytest.raises(smtplib.SMTPDataError) as late:
            await ends.smtp(lambda client: _untold(client, big.as_string()))
        assert (early.value.smtp_code, late.value.smtp_code) == (552, 552)
        assert ends.sim.accepted == []


def _untold(client: smtplib.SMTP, text: str) -> None:
    client.ehlo()
    client.mail("l1@rjr.example")
    client.rcpt("support@vendor.example")
    code, said = client.data(text)
    raise smtplib.SMTPDataError(code, said)


async def test_greylisting_lets_a_second_try_in() -> None:
    """A new pair of sender and recipient has to wait, and is accepted after that time."""
    async with at_postbox(greylist_seconds=60) as ends:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
            await ends.send(mail())
        assert caught.value.recipients["support@vendor.example"] == (
            451,
            b"4.7.1 Greylisted, please try again in 60 seconds",
        )
        ends.sim.clock.shift(61)
        await ends.send(mail())
        assert len(ends.sim.accepted) == 1


async def test_no_line_of_a_mail_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the text of a mail nor the password is logged, down to the lowest level; other logs go on."""
    caplog.set_level(1)
    async with at_desk() as ends:
        await ends.send(mail("Zanzibar\n"))
    logging.getLogger("mail.log").warning("still heard")
    assert "Zanzibar" not in caplog.text
    assert "password" not in caplog.text
    assert "still heard" in caplog.text


async def test_addresses_other_than_the_desk_are_only_collected() -> None:
    """Mail to other recipients opens no case at the desk, and is stored."""
    async with at_desk() as ends:
        await ends.smtp(lambda client: client.send_message(mail(), to_addrs=["sam@customer.example"]))
        assert ends.stored("case") == []
        assert [mail.recipients for mail in ends.sim.accepted] == [("sam@customer.example",)]
        assert [entry.values["to"] for entry in ends.stored("mail")] == [["sam@customer.example"]]
