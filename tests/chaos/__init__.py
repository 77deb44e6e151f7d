"""Chaos: real worker processes, a vendor and a database of their own, everything killed in turn, checked from outside."""
