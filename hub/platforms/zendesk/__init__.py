"""Zendesk over API v2: tickets as an agent or requests as an end user, files, and the articles of a Help Center."""

from hub.platforms.zendesk.desk import Desk
from hub.platforms.zendesk.library import Library
from hub.platforms.zendesk.settings import Settings
from hub.platforms.zendesk.words import WORDS

__all__ = ["WORDS", "Desk", "Library", "Settings"]
