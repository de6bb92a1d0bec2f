"""How dates and times are written where a language has more than one custom."""
