"""Sends messages by mail, or to a webhook with a signature."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import urlsplit

import msgspec
from pydantic import SecretStr

from hub.errors import CaseRefused, HubError, NotFound, SettingsError, TryLater, VendorUnavailable
from hub.http import Client, Connection, Reply
from hub.mail import MailClient, MailConnection, compose
from hub.model.base import utc_now
from hub.notify.messages import Message
from hub.notify.recipients import Directory

SECONDS = 30.0
"""The time limit for one message."""

MIN_KEY_BYTES = 24
"""The least bytes of a secret, by Standard Webhooks."""

_LATER = frozenset({408, 425, 429})


class NoticeTransport:
    """Mail and webhooks of one people file. Raises SettingsError when a secret is missing or invalid."""

    def __init__(
        self,
        people: Directory,
        *,
        password: SecretStr | None = None,
        secret: SecretStr | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._people, self._clock, self._keys = people, clock, _keys(secret)
        self._mail = _mail_client(people, password)
        self._hooks = {
            name: _hook_client(name, person.webhook) for name, person in people.people.items() if person.webhook
        }
        if self._hooks and not self._keys:
            raise SettingsError(
                "people have webhooks, but there is no secret to sign with", next_step="set HUB_WEBHOOK_SECRET"
            )

    async def send(self, message: Message) -> None:
        """Send a message once; raises HubError, with `in_doubt` when it may have arrived."""
        if message.recipient.way == "webhook":
            await self._call(message)
        elif self._mail is None:
            raise NotFound("no mail server is configured")
        else:
            await self._mail.send(mail(message, self._mail.connection.sender), message.recipient.to)

    async def close(self) -> None:
        """Close all clients."""
        for client in self._hooks.values():
            await client.close()

    async def _call(self, message: Message) -> None:
        name = message.recipient.to
        client = self._hooks.get(name)
        if client is None:
            raise NotFound(f"{name} no longer has a webhook")
        body = payload(message, self._clock())
        seconds = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.key,
            "webhook-timestamp": seconds,
            "webhook-signature": signature(self._keys, message.key, seconds, body),
        }
        try:
            await client.send("POST", urlsplit(self._people.people[name].webhook).path, content=body, headers=headers)
        except VendorUnavailable as error:
            reason = error.message if error.message.startswith("the webhook") else "the webhook did not answer"
            raise VendorUnavailable(reason, in_doubt=error.in_doubt) from None


def mail(message: Message, sender: str) -> EmailMessage:
    """The message as a mail; its Message-ID stays the same when it is sent again."""
    mail = compose(
        sender=sender,
        to=message.recipient.to,
        subject=message.subject,
        body=message.text,
        message_id=f"<{message.key}.notice@{sender.rpartition('@')[2]}>",
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail["Content-Language"] = message.recipient.language
    return mail


def payload(message: Message, now: datetime) -> bytes:
    """The message as JSON with type, timestamp and data, as in Standard Webhooks."""
    data = {
        "role": message.recipient.role,
        "language": message.recipient.language,
        "subject": message.subject,
        "text": message.text,
        "notices": [
            {
                "about": fact.about,
                "ticket": fact.ticket,
                "step": fact.step,
                "clock": fact.clock,
                "severity": fact.severity,
                "since": fact.since,
                "deadline": fact.deadline,
            }
            for fact in message.facts
        ],
    }
    return msgspec.json.encode({"type": "notices.told", "timestamp": now, "data": data})


def signature(keys: Sequence[bytes], ident: str, seconds: str, body: bytes) -> str:
    """The header webhook-signature: per key, `v1,` and the base64 HMAC-SHA256 of id, time and body."""
    signed = b".".join((ident.encode(), seconds.encode(), body))
    digests = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)
    return " ".join(f"v1,{digest}" for digest in digests)


def _keys(secret: SecretStr | None) -> list[bytes]:
    keys = []
    for key in secret.get_secret_value().split() if secret else ():
        try:
            keys.append(base64.b64decode(key.removeprefix("whsec_"), validate=True))
        except binascii.Error:
            keys.append(b"")
    if any(len(key) < MIN_KEY_BYTES for key in keys):
        raise SettingsError(
            f"webhook_secret is not whsec_ followed by the base64 of at least {MIN_KEY_BYTES} bytes",
            next_step='create one: echo "whsec_$(openssl rand -base64 32)"',
        )
    return keys


def _mail_client(people: Directory, password: SecretStr | None) -> MailClient | None:
    if (server := people.mail) is None:
        return None
    if server.username and password is None:
        raise SettingsError("the mail server's password is missing", next_step="set HUB_MAIL_PASSWORD")
    connection = MailConnection(
        smtp_host=server.host,
        smtp_port=server.port,
        smtp_tls=server.tls,
        username=server.username,
        password=password or SecretStr(""),
        sender=server.sender,
        ca_file=server.ca_file,
        deadline=SECONDS,
        imap_host=server.host,
        imap_port=0,
    )
    return MailClient(connection, account="people", vendor="people")


def _hook_client(name: str, address: str) -> Client:
    url = urlsplit(address)
    connection = Connection(base_url=f"{url.scheme}://{url.netloc}", explain=_explain, deadline=SECONDS)
    return Client(connection, account=f"people.{name}", vendor="people")


def _explain(reply: Reply) -> HubError:
    """The error for a reply outside 2xx: only a rejection ends the retries."""
    message = f"the webhook answered {reply.status}"
    if 400 <= reply.status < 500 and reply.status not in _LATER:
        return CaseRefused(
            message, next_step="check what the webhook accepts, and that both sides have the same secret"
        )
    return VendorUnavailable(message) if reply.status >= 500 else TryLater(message)
