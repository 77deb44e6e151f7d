"""Simulations of the vendors' systems, with real HTTP, state in memory and faults on demand."""
