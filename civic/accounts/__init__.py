"""People: who someone is, and what she may do."""
