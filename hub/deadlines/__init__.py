"""Deadlines as they pass: the watch that reports them, who has taken them, and how they were kept."""
