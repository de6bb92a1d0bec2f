"""Which statements say nearly the same, and which belong to one theme?

near: all pairs above a cosine, nearest neighbours. merge: families of near-duplicates. repeats:
pairs that would say a thing twice in one document. hierarchy: themes and their topics, by graph
and community. decided: what people decided. thresholds: the figures.
"""

from aggregation.cluster.graph import shared_neighbours
from aggregation.cluster.hierarchy import Themes, themes
from aggregation.cluster.lasting import Lasting, decided_themes, theme_ids
from aggregation.cluster.merge import Families, agree, families, mergeable_pairs, suggestions
from aggregation.cluster.near import Float32Array, Pairs, similar_pairs
from aggregation.cluster.neighbours import nearest_neighbours
from aggregation.cluster.repeats import overlaps
from aggregation.cluster.thresholds import (
    ACROSS,
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
    "Lasting",
    "Pairs",
    "Themes",
    "agree",
    "decided_themes",
    "families",
    "mergeable_pairs",
    "nearest_neighbours",
    "overlaps",
    "parameters",
    "shared_neighbours",
    "similar_pairs",
    "suggestions",
    "theme_ids",
    "themes",
]
