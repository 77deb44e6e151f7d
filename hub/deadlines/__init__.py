"""Deadlines: the watch over them, ownership of tickets, and the vendors' scorecard."""
