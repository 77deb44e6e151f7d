"""Notifications: recipients, messages and channels."""
