"""The bond between a ticket and a case: what to send, what came back, and which side wins a conflict."""
