"""Service levels: the offer, calendars, clocks, policies and the watch over deadlines."""
