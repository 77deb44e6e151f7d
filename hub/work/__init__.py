"""Who does what, when, on which machine."""
