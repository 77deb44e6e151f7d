"""Pure decisions about a bond: its states, operations in doubt, conflicts, and what an error means."""
