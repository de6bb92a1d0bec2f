"""Who reacts alike, and what each opinion group says.

Reading order: `projection` (where people stand), `grouping` (who stands together), `support` (what
they say, counted), `statistics` (what is shared and what sets groups apart), `analysis` (all of it
in one call). The statistics are those of Polis; `rules` tells where we depart from it, and holds
Polis's own choices as a preset.
"""

from aggregation.opinion.analysis import Analysis, analyse
from aggregation.opinion.grouping import Groups, groups
from aggregation.opinion.projection import Projection, extremity, project
from aggregation.opinion.rules import DEFAULT, POLIS, Rules
from aggregation.opinion.statistics import (
    Consensus,
    Representative,
    consensus,
    difference,
    group_consensus,
    polis_priority,
    representative,
)
from aggregation.opinion.support import Z95, Support, group_support, leading, wilson

__all__ = [
    "DEFAULT",
    "POLIS",
    "Z95",
    "Analysis",
    "Consensus",
    "Groups",
    "Projection",
    "Representative",
    "Rules",
    "Support",
    "analyse",
    "consensus",
    "difference",
    "extremity",
    "group_consensus",
    "group_support",
    "groups",
    "leading",
    "polis_priority",
    "project",
    "representative",
    "wilson",
]
