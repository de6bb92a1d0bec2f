"""Choosing whole clauses from approvals: the rules of approval-based committee voting, exactly.

Every rule takes approvals (n, m) and gives the chosen columns in ascending order. Scores are
compared as whole numbers or fractions, so a tie is a real tie; it goes to the lowest column, or to
the one that comes first in `order`, a permutation of the columns that the caller records. A column
that nobody approves is never chosen: with fewer approved columns than seats the result is shorter.

With `problem` (a ClauseProblem) columns fixed in come first, whoever approves them, and a column is
passed over from the moment it no longer fits: fixed out, over the budget, in conflict with a chosen
one, or in a theme that is full. Covers and floors ask for additions and are not looked at here.

Sources: Lackner and Skowron, Multi-Winner Voting with Approval Preferences (2023); for equal shares
with costs Peters, Pierczynski and Skowron, Proportional Participatory Budgeting (2021).
"""

from aggregation.welfare.committee.exact import pav_exact
from aggregation.welfare.committee.sequential import approval_voting, seq_pav, seq_phragmen
from aggregation.welfare.committee.shares import equal_shares, equal_shares_pb

__all__ = [
    "approval_voting",
    "equal_shares",
    "equal_shares_pb",
    "pav_exact",
    "seq_pav",
    "seq_phragmen",
]
