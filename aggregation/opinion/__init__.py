"""Who reacts alike, and what each opinion group says.

Reading order: `projection` (where people stand), `grouping` (who stands together), `support` (what
they say, counted). The statistics are those of Polis; a docstring says where we depart from it.
"""

from aggregation.opinion.grouping import Groups, groups
from aggregation.opinion.projection import Projection, project
from aggregation.opinion.support import (
    Z95,
    Representative,
    Support,
    difference,
    group_consensus,
    group_support,
    representative,
    wilson,
)

__all__ = [
    "Z95",
    "Groups",
    "Projection",
    "Representative",
    "Support",
    "difference",
    "group_consensus",
    "group_support",
    "groups",
    "project",
    "representative",
    "wilson",
]
