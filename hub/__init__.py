"""The plugin author's front door: the marker, the values and the errors, by name."""

from hub import errors, model
from hub.hookspecs import SPEC_VERSION, hookimpl

__all__ = ["SPEC_VERSION", "errors", "hookimpl", "model"]
