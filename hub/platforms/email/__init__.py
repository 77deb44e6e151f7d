"""Vendors whose only desk is a mailbox: cases are threads of mails, told apart by Message-IDs and our key."""

from __future__ import annotations

from hub.platforms.email.desk import Desk
from hub.platforms.email.settings import Settings

__all__ = ["Desk", "Settings"]
