"""The embedded PostgreSQL server: its folder, its user, its start and stop."""
