"""The same reactions under other rules: which clauses any fair-minded rule would choose."""
