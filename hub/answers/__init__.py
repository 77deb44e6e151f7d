"""Tells a person's answer from a machine's: rules over phrases, and the corpus they were tuned on."""
