"""Service levels: the offer, calendars, contracts, clocks and policies; values in, values out."""
