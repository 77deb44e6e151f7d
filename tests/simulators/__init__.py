"""Facts about the simulated vendors."""
