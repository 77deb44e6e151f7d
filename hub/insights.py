"""Every read that a door needs."""
