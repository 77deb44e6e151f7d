"""A simulated BMC Remedy AR System server with the Incident and Knowledge applications."""

from __future__ import annotations

from hub.simulators.arsystem.app import ArSystem
from hub.simulators.arsystem.engineer import Engineer
from hub.simulators.arsystem.options import Article, Group, Options, Person, Seeds

__all__ = ["ArSystem", "Article", "Engineer", "Group", "Options", "Person", "Seeds"]
