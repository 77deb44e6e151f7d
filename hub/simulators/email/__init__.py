"""A simulated vendor that offers support by e-mail only: SMTP, IMAP and cases; and a host that only accepts mail."""

from __future__ import annotations

from hub.simulators.email.app import Email
from hub.simulators.email.engineer import Engineer
from hub.simulators.email.options import Options, Seeds
from hub.simulators.email.postbox import AcceptedMail, Postbox
from hub.simulators.email.reading import Letter, read

__all__ = ["AcceptedMail", "Email", "Engineer", "Letter", "Options", "Postbox", "Seeds", "read"]
