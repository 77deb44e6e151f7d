"""What is promised to customers, and by when: plans, calendars, clocks; values in, values out."""
