"""Which statements say nearly the same, and which belong to one theme?

near: all pairs above a cosine, nearest neighbours. merge: families of near-duplicates. repeats:
pairs that would say a thing twice in one document. community: themes. thresholds: the figures.
"""

from aggregation.cluster.community import Themes, shared_neighbours, themes
from aggregation.cluster.merge import Families, agree, families, mergeable_pairs
from aggregation.cluster.near import Float32Array, Pairs, nearest_neighbours, similar_pairs
from aggregation.cluster.repeats import overlaps
from aggregation.cluster.thresholds import (
    ACROSS,
    COARSENINGS,
    COARSER,
    CONTAINED,
    FAMILY,
    FAMILY_ACROSS,
    FAMILY_ACROSS_IDEAS,
    FAMILY_ACROSS_OTHER,
    FAMILY_IDEAS,
    FAMILY_TOPIC,
    FAMILY_UNREAD,
    NEIGHBOURS,
    ONE_WORD,
    OVERLAP,
    SIMILAR,
    TWO_WORDS,
    parameters,
)

__all__ = [
    "ACROSS",
    "COARSENINGS",
    "COARSER",
    "CONTAINED",
    "FAMILY",
    "FAMILY_ACROSS",
    "FAMILY_ACROSS_IDEAS",
    "FAMILY_ACROSS_OTHER",
    "FAMILY_IDEAS",
    "FAMILY_TOPIC",
    "FAMILY_UNREAD",
    "NEIGHBOURS",
    "ONE_WORD",
    "OVERLAP",
    "SIMILAR",
    "TWO_WORDS",
    "Families",
    "Float32Array",
    "Pairs",
    "Themes",
    "agree",
    "families",
    "mergeable_pairs",
    "nearest_neighbours",
    "overlaps",
    "parameters",
    "shared_neighbours",
    "similar_pairs",
    "themes",
]
