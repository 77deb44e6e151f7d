"""Actions for when something is stuck: parked operations, links, conflicts, paused accounts, restored databases."""
