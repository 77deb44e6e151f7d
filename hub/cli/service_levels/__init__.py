"""Commands for customers, their plans, and the deadlines that follow from them."""
