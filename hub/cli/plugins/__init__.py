"""Commands for plugins and their developers."""
