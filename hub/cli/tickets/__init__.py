"""Commands for tickets, their cases, and what vendors publish."""
