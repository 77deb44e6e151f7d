"""Pure decisions about a bond: its states, doubt, who wins, what an error means. Values in, values out."""
