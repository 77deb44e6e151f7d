"""The plugin author's front door: the hooks, their marker, the values and the errors."""

from hub import errors, model
from hub.hookspecs import SPEC_VERSION, Hooks, hookimpl

__all__ = ["SPEC_VERSION", "Hooks", "errors", "hookimpl", "model"]
