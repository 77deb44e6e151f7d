"""Families of vendors' interfaces: each module or package knows an interface, and no vendor."""
