"""Commands for tickets and what happens to them."""
