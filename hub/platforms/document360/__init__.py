"""Document360: articles of a knowledge base, mirrored by comparing lists, for there is no since filter."""

from hub.platforms.document360.library import Library
from hub.platforms.document360.settings import Settings

__all__ = ["Library", "Settings"]
