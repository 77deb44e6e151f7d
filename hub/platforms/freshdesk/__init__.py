"""Freshdesk over API v2: tickets, conversations, files and solutions of an account."""

from hub.platforms.freshdesk.desk import Desk
from hub.platforms.freshdesk.library import Library
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.freshdesk.words import WORDS

__all__ = ["WORDS", "Desk", "Library", "Settings"]
