"""Salesforce Service Cloud over REST: cases, comments, files, knowledge and patches of an org."""

from hub.platforms.salesforce.desk import Desk
from hub.platforms.salesforce.library import Library
from hub.platforms.salesforce.settings import PATCH_FIELDS, Settings

__all__ = ["PATCH_FIELDS", "Desk", "Library", "Settings"]
