"""Vendors with only a mailbox: cases are threads of mails, identified by Message-IDs and our key."""

from __future__ import annotations

from hub.platforms.email.desk import Desk
from hub.platforms.email.settings import Settings

__all__ = ["Desk", "Settings"]
