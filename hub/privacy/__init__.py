"""What may leave the hub, and what is masked in it."""
