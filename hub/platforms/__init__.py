"""Vendors' platforms: each package knows one kind of interface, but no vendor."""
