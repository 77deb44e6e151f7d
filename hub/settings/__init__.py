"""The hub's settings and accounts: read once from all their sources, each value with its origin."""

from hub.settings.accounts import account_settings
from hub.settings.layers import Loaded, load
from hub.settings.model import HubSettings
from hub.settings.tell import ShownSetting, example, show
from hub.settings.written import written

__all__ = ["HubSettings", "Loaded", "ShownSetting", "account_settings", "example", "load", "show", "written"]
