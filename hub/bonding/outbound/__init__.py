"""What is sent to vendors: an escalation or a comment becomes an operation, and the operation is delivered."""
