"""Customers as the database holds them, what each is entitled to, and their appointments."""
