"""The thresholds and sizes that clustering works with, each with what it decides."""

from __future__ import annotations

NEIGHBOURS = 15
RESOLUTIONS = (0.3, 0.5, 0.75, 1.0, 1.5, 2.0)  # from coarse to fine
DECIDING = 20  # from so many rows on that somebody answered, these alone decide the themes
MOST_NODES = 20_000  # of a graph; more are first put into MICRO small clusters
MICRO, MICRO_ROUNDS = 8_000, 3
REPEATS = 5  # of a partition, to see whether its parts are found again
TOPIC_RESOLUTIONS = (0.5, 1.0, 2.0)
TOPIC_NEIGHBOURS = 10
TOPIC_ROWS = 20  # a theme with fewer distinct rows has no topics
MOST_TOPICS = 8  # of one theme
FIRM = 0.5  # the least stability of a topic; rows of others have none
LARGEST = 1 / 3  # of the nodes: what a part may hold at most
LEFT_OUT = 0.1  # part of the nodes that each repeat goes without
NEARLY = 0.05  # of stability: so much less is as good
FAMILY = 0.85  # nearly the same words: merged
SHARED = 0.8  # of the contents of two norms that are merged for their nearness
FAMILY_TOPIC = 0.75  # the same, where two sentences are about equal things
FAMILY_IDEAS = 0.62  # the same, where these are known ideas and nothing else
FAMILY_UNREAD = 0.95  # the same, where no rule can read the language; the words must be equal
FAMILY_ACROSS = 0.60  # the same between two languages
FAMILY_ACROSS_OTHER = 0.68  # the same, where the ideas known in one are not in the other
FAMILY_ACROSS_IDEAS = 0.55  # the same, where both hold the same known ideas
OVERLAP = 0.50  # close in meaning, on the same side, with a content word or idea in common
TWO_WORDS = 0.40  # the same with two in common
ACROSS = 0.50  # close in meaning between two languages, which have no words in common
CONTAINED = 0.25  # close, where all content words of one stand in the other
ONE_WORD = 0.45  # the same, where that is a single word: it says little by itself
SUGGESTED = 50  # pairs that a person is asked about, at most
CONTENTS_WEIGH = 0.3  # of equal contents beside the cosine, in the order of those pairs
SIMILAR = 0.63  # nearly the same norm: never adopted side by side


def parameters() -> dict[str, float | int]:
    """The thresholds and sizes in force, for a spec's `method`."""
    return {
        "family_cosine": FAMILY,
        "family_contents_shared": SHARED,
        "family_topic_cosine": FAMILY_TOPIC,
        "family_ideas_cosine": FAMILY_IDEAS,
        "family_unread_cosine": FAMILY_UNREAD,
        "family_cosine_across_languages": FAMILY_ACROSS,
        "family_other_ideas_cosine_across_languages": FAMILY_ACROSS_OTHER,
        "family_ideas_cosine_across_languages": FAMILY_ACROSS_IDEAS,
        "similar_cosine": SIMILAR,
        "overlap_cosine": OVERLAP,
        "overlap_cosine_across_languages": ACROSS,
        "overlap_cosine_two_words": TWO_WORDS,
        "contained_cosine": CONTAINED,
        "contained_word_cosine": ONE_WORD,
        "neighbours": NEIGHBOURS,
        "theme_share_most": LARGEST,
        "topic_stability_least": FIRM,
    }
