"""A simulated Zendesk account: tickets, requests, uploads, exports and the Help Center, over API v2."""

from __future__ import annotations

from hub.simulators.zendesk.app import Zendesk
from hub.simulators.zendesk.engineer import Engineer
from hub.simulators.zendesk.options import Article, Options, Seeds

__all__ = ["Article", "Engineer", "Options", "Seeds", "Zendesk"]
