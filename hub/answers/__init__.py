"""Distinguishes a person's answers from automatic messages, by phrases and word weights."""
