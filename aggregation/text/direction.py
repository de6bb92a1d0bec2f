"""Towards or away from its content? Polarity, with negation hidden inside words folded in.

"Discourage self-harm" and "encourage self-harm" have equal grammar and opposite direction, as have
"more parking" and "less parking". Needed to keep opposites apart and to find contradictions; the
words are listed in `rules.away`.
"""

from __future__ import annotations

from aggregation.text.modality import Reading, read, strip_read
from aggregation.text.rules.away import turns


def direction(text: str, language: str, reading: Reading | None = None) -> int:
    """+1 towards the content, -1 away from it: polarity, turned by each word that takes away."""
    known = read(text, language) if reading is None else reading
    odd = turns(strip_read(text, known), language) % 2
    return -known.polarity if odd else known.polarity


def side(text: str, language: str, reading: Reading | None = None) -> int:
    """A number that is equal for two texts only where polarity and direction are both equal.

    The gate for every merge and every "says nearly the same": `cluster.families` and
    `cluster.similar_pairs` take it in place of the bare polarity.
    """
    known = read(text, language) if reading is None else reading
    return 2 * known.polarity + direction(text, language, known)
