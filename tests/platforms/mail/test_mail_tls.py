"""Mail over TLS against a real host: encrypted as the settings say, or not sent at all."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from hub.errors import NotPermitted, TryLater, VendorUnavailable
from hub.mail import MailClient, MailConnection, compose
from hub.simulators.email import Email, Options
from hub.simulators.kit import serve

KINDS = ("implicit", "starttls")


@asynccontextmanager
async def host(tmp_path, offers, asked="", *, trusted=True, name="127.0.0.1"):
    """A host with a certificate of its own, and a client that asks for this kind of TLS."""
    simulator = Email(options=Options(tls=offers))
    async with serve(simulator) as served:
        account = simulator.account(served.url)
        authority = tmp_path / "authority.pem"
        authority.write_text(simulator.certificate)
        connection = MailConnection(
            smtp_host=name,
            smtp_port=account["smtp_port"],
            imap_host=name,
            imap_port=account["imap_port"],
            username=account["username"],
            password=SecretStr(account["password"]),
            sender=account["address"],
            smtp_tls=asked or offers,
            imap_tls=asked or offers,
            deadline=5.0,
            ca_file=authority if trusted else None,
        )
        yield (simulator, MailClient(connection, account="a", vendor="v", sleep=_at_once), account["vendor_address"])


async def _at_once(_):
    """Waits between retries take no time."""


def ends(client, to):
    """Both ends of the account: send a mail, and read the mailbox."""
    mail = compose(sender="l1@rjr.example", to=to, subject="s", message_id="<a@rjr.example>", body="hello")
    return (client.send(mail, to), client.read_folder(lambda box: box.validity))


def passwords(simulator):
    """The number of login attempts."""
    return sum(count for what, count in simulator.ledger.requests.items() if what.endswith(" login"))


@pytest.mark.parametrize("kind", KINDS)
async def test_mail_goes_out_and_is_read_encrypted(tmp_path, kind):
    """With a certificate of the given authority, a mail arrives and the mailbox is read."""
    async with host(tmp_path, kind) as (simulator, client, to):
        out, look = ends(client, to)
        await out
        assert await look == simulator.mailbox.inbox.validity
        assert len(simulator.ledger.of("mail")) == 1
        await client.check_sending()
        assert passwords(simulator) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("trusted", "name"), [(False, "127.0.0.1"), (True, "127.1")], ids=["stranger", "other name"])
async def test_a_certificate_that_is_not_the_hosts_is_refused(tmp_path, kind, trusted, name):
    """Without a trusted signer, or for another name (127.1 is the same host), no password and no mail is sent."""
    async with host(tmp_path, kind, trusted=trusted, name=name) as (simulator, client, to):
        for end in ends(client, to):
            with pytest.raises(VendorUnavailable, match="certificate was not accepted") as caught:
                await end
            assert "ca_file" in caught.value.next_step
            assert not caught.value.in_doubt
        assert passwords(simulator) == 0
        assert simulator.ledger.entries == []


async def test_a_host_without_starttls_is_sent_no_password(tmp_path):
    """If the settings require STARTTLS, a host that does not offer it is an error for the operator."""
    async with host(tmp_path, "none", "starttls", trusted=False) as (simulator, client, to):
        for end in ends(client, to):
            with pytest.raises(NotPermitted, match="offers no STARTTLS") as caught:
                await end
            assert "port" in caught.value.next_step
        assert passwords(simulator) == 0
        assert simulator.ledger.entries == []


async def test_a_host_that_refuses_starttls_is_sent_no_password(tmp_path):
    """A host that offers STARTTLS and then refuses it is tried later, but never without encryption."""
    async with host(tmp_path, "starttls") as (simulator, client, to):
        simulator.faults.add("tls_unavailable", operation="starttls")
        for end in ends(client, to):
            with pytest.raises(TryLater):
                await end
        assert passwords(simulator) == 0
        assert simulator.ledger.entries == []


async def test_implicit_tls_does_not_talk_to_a_plain_port(tmp_path):
    """Implicit TLS on a plain port fails in the handshake."""
    async with host(tmp_path, "none", "implicit", trusted=False) as (simulator, client, to):
        for end in ends(client, to):
            with pytest.raises(VendorUnavailable, match="TLS handshake"):
                await end
        assert passwords(simulator) == 0
        assert simulator.ledger.entries == []
