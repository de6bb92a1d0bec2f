"""What a document states beside what its votes give, part by part.

Reading order: `outline` (the document with its clauses looked up), `people` (population, method and
groups), `clauses`, `rules` and `budgets` (what was chosen), `certificates` (estimates and weights).
"""
