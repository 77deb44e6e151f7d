"""Commands for running the hub."""
