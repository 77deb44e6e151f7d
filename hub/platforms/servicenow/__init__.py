"""ServiceNow Customer Service Management over REST: cases, comments, files, knowledge and downloads of an instance."""

from hub.platforms.servicenow.desk import Desk
from hub.platforms.servicenow.library import Library
from hub.platforms.servicenow.settings import Settings
from hub.platforms.servicenow.words import WORDS

__all__ = ["WORDS", "Desk", "Library", "Settings"]
