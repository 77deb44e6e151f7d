"""Vendors' knowledge: mirrors, searches, rates and submits articles and patches."""
