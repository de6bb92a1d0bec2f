"""What a document states beside what its votes give, part by part.

Reading order: `outline` (the document with its clauses looked up), `people` (population, method and
groups), `clauses`, `certificates`.
"""
