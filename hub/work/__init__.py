"""The workers: leases, sending, reading streams, and the watch over deadlines."""
