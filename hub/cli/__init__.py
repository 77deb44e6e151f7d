"""The command line: one of the hub's doors."""
