"""Carries messages to people: by mail, or to a webhook that can prove where they come from."""

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
"""For one message."""

LEAST_KEY = 24
"""Bytes of a secret, by Standard Webhooks."""

_LATER = frozenset({408, 425, 429})


class NoticeTransport:
    """The ways to the people of one file. Raises SettingsError when a secret is missing or none."""

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
        self._hooks = {name: _hook_client(name, one.webhook) for name, one in people.people.items() if one.webhook}
        if self._hooks and not self._keys:
            raise SettingsError(
                "people have webhooks, but there is no secret to sign with", next_step="give HUB_WEBHOOK_SECRET"
            )

    async def send(self, message: Message) -> None:
        """Hand a message over, once; raises HubErrors, with `in_doubt` when it may have arrived."""
        if message.recipient.way == "webhook":
            await self._call(message)
        elif self._mail is None:
            raise NotFound("no mail server is set")
        else:
            await self._mail.send(mail(message, self._mail.connection.sender), message.recipient.to)

    async def close(self) -> None:
        """Close what is open."""
        for client in self._hooks.values():
            await client.close()

    async def _call(self, message: Message) -> None:
        name = message.recipient.to
        client = self._hooks.get(name)
        if client is None:
            raise NotFound(f"{name} has no webhook any more")
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
            told = error.message if error.message.startswith("the webhook") else "the webhook did not answer"
            raise VendorUnavailable(told, in_doubt=error.in_doubt) from None


def mail(message: Message, sender: str) -> EmailMessage:
    """The message as a mail; its Message-ID is the message's own, however often it is sent."""
    made = compose(
        sender=sender,
        to=message.recipient.to,
        subject=message.subject,
        body=message.text,
        message_id=f"<{message.key}.notice@{sender.rpartition('@')[2]}>",
        headers={"Auto-Submitted": "auto-generated"},
    )
    made["Content-Language"] = message.recipient.language
    return made


def payload(message: Message, now: datetime) -> bytes:
    """The message as JSON: type, timestamp and data, as Standard Webhooks has it."""
    told = message.recipient
    data = {
        "role": told.role,
        "language": told.language,
        "subject": message.subject,
        "text": message.text,
        "notices": [
            {
                "about": one.about,
                "ticket": one.ticket,
                "step": one.step,
                "clock": one.clock,
                "severity": one.severity,
                "since": one.since,
                "deadline": one.deadline,
            }
            for one in message.facts
        ],
    }
    return msgspec.json.encode({"type": "notices.told", "timestamp": now, "data": data})


def signature(keys: Sequence[bytes], ident: str, seconds: str, body: bytes) -> str:
    """The header webhook-signature: for each key `v1,` and the base64 of the HMAC-SHA256 of id, time and body."""
    signed = b".".join((ident.encode(), seconds.encode(), body))
    made = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)
    return " ".join(f"v1,{one}" for one in made)


def _keys(secret: SecretStr | None) -> list[bytes]:
    found = []
    for one in secret.get_secret_value().split() if secret else ():
        try:
            found.append(base64.b64decode(one.removeprefix("whsec_"), validate=True))
        except binascii.Error:
            found.append(b"")
    if any(len(key) < LEAST_KEY for key in found):
        raise SettingsError(
            f"webhook_secret is not whsec_ and the base64 of at least {LEAST_KEY} bytes",
            next_step='make one: echo "whsec_$(openssl rand -base64 32)"',
        )
    return found


def _mail_client(people: Directory, password: SecretStr | None) -> MailClient | None:
    if (known := people.mail) is None:
        return None
    if known.username and password is None:
        raise SettingsError("the mail server's password is missing", next_step="give it as HUB_MAIL_PASSWORD")
    connection = MailConnection(
        smtp_host=known.host,
        smtp_port=known.port,
        smtp_tls=known.tls,
        username=known.username,
        password=password or SecretStr(""),
        sender=known.sender,
        ca_file=known.ca_file,
        deadline=SECONDS,
        imap_host=known.host,
        imap_port=0,
    )
    return MailClient(connection, account="people", vendor="people")


def _hook_client(name: str, address: str) -> Client:
    context = urlsplit(address)
    connection = Connection(base_url=f"{context.scheme}://{context.netloc}", explain=_explain, deadline=SECONDS)
    return Client(connection, account=f"people.{name}", vendor="people")


def _explain(reply: Reply) -> HubError:
    """What an answer outside 2xx means: only a refusal ends the tries."""
    said = f"the webhook answered {reply.status}"
    if 400 <= reply.status < 500 and reply.status not in _LATER:
        return CaseRefused(said, next_step="see what it takes, and whether its secret is ours")
    return VendorUnavailable(said) if reply.status >= 500 else TryLater(said)
