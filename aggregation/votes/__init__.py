"""Who answered what: a table of participants x claims.

Rows and columns stand in natural order of their ids, so nothing downstream can depend on the
order in which the votes were read. `columns` checks what comes in, `ids` finds out which rows
belong together, `table` holds the votes, `digests` seals them.
"""

from aggregation.votes.ids import natural_key
from aggregation.votes.table import SparseBool, SparseFloat, SparseInt, SparseInt8, VoteTable

__all__ = ["SparseBool", "SparseFloat", "SparseInt", "SparseInt8", "VoteTable", "natural_key"]
