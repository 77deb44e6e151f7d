"""Text as systems write it: HTML read as plain text, and characters that can be stored. Pure."""
