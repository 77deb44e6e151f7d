"""Customers and their contracts, what their plans include, and their appointments."""
