"""The hub's settings and accounts: read once from all their sources, each value with its origin."""

from hub.settings.accounts import account_settings
from hub.settings.display import ShownSetting, example, show
from hub.settings.export import export_account
from hub.settings.layers import Loaded, load
from hub.settings.model import HubSettings

__all__ = ["HubSettings", "Loaded", "ShownSetting", "account_settings", "example", "export_account", "load", "show"]
