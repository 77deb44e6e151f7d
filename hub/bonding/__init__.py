"""The bond between ticket and case: what to send, what came back, who wins and what may leave."""
