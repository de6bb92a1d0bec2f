"""A consultation: its question, its phases, its members."""
