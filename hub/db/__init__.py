"""All access to the database."""
