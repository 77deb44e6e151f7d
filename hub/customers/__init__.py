"""Customers, their contracts and what each of them is entitled to."""
