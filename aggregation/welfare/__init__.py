"""Which clauses together serve everybody best: a concave programme and its proof.

Reading order: `value` (what is maximised), `problem` (what is allowed), `model` (the same programme
as a cvxpy statement), `solve` (exact, over all citizens), `rounding` (whole clauses),
`weights` (how the chosen clauses share priority), `select` (the three steps in one call).
"""
