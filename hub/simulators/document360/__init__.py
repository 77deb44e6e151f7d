"""A simulated Document360 project: workspaces, articles with versions, search."""

from hub.simulators.document360.app import Document360
from hub.simulators.document360.options import Article, Options, Seeds, Workspace

__all__ = ["Article", "Document360", "Options", "Seeds", "Workspace"]
