"""The receiver: takes what vendors push, and says whether the hub is alive and ready."""

from hub.serve.app import make_app

__all__ = ["make_app"]
