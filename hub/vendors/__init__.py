"""Finds plugins, and gives each vendor a typed and guarded face; nobody else touches pluggy."""

from hub.vendors.find import ENTRY_POINTS, load
from hub.vendors.guard import Deadlines
from hub.vendors.plugins import Failed, Plugins
from hub.vendors.quality import TIERS, Quality, Tier
from hub.vendors.vendor import Vendor

__all__ = ["ENTRY_POINTS", "TIERS", "Deadlines", "Failed", "Plugins", "Quality", "Tier", "Vendor", "load"]
