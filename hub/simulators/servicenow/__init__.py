"""A simulated ServiceNow instance with cases, files, knowledge and downloads, over REST."""

from __future__ import annotations

from hub.simulators.servicenow.app import ServiceNow
from hub.simulators.servicenow.engineer import Engineer
from hub.simulators.servicenow.options import Article, Options, Seeds

__all__ = ["Article", "Engineer", "Options", "Seeds", "ServiceNow"]
