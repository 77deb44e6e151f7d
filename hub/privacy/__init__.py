"""Disclosure: what may be sent to vendors, and what is masked in it."""
