"""Stand-ins for the vendors' systems: real HTTP, state in memory, faults on demand."""
