"""What was promised, reckoned purely: the offer, calendars, contracts, clocks and policies. Values in, values out."""
