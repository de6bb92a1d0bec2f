"""Which clauses together serve everybody best: a concave programme and its proof.

Reading order: `value` (what is maximised), `problem` (what is allowed; `linear` solves its linear
programmes), `model` (the same programme as a cvxpy statement), `solve` (exact, over all citizens),
`rounding` (whole clauses), `select` (both in one call), `weights` (how the chosen clauses share
priority). Other ways of choosing, for comparison: `rules` (convex) and `committee` (by approvals).
"""
