"""A simulated Freshdesk account with tickets, conversations, files and solutions, over API v2."""

from __future__ import annotations

from hub.simulators.freshdesk.app import Freshdesk
from hub.simulators.freshdesk.engineer import Engineer
from hub.simulators.freshdesk.options import Article, Folder, Options, Seeds
from hub.simulators.freshdesk.storage import Storage

__all__ = ["Article", "Engineer", "Folder", "Freshdesk", "Options", "Seeds", "Storage"]
