"""Vendors of the hub, one folder each."""
