"""What is a theme called? Its own most telling words, and one quote for each side.

    score(word, theme) = tf(word, theme) log(1 + A / tf(word)) sqrt(coverage)

c-TF-IDF (A: mean number of words per theme; tf over the theme's texts together) times the root of
the share of the theme's texts that hold the word, so that one eager writer does not name a theme.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aggregation.text.words import content_words

TITLE_WORDS = 3


@dataclass(frozen=True)
class Label:
    """keywords: best first, no two of one stem. title: the first of them, for a heading.

    medoids: polarity -> index (into the texts given) of the quote nearest to the theme's middle on
    that side; only sides that occur.
    """

    title: str
    keywords: tuple[str, ...]
    medoids: dict[int, int]


def label_themes(
    texts: Sequence[str],
    languages: Sequence[str],
    vectors: NDArray[np.float32],
    themes: Sequence[int] | NDArray[np.int64],
    *,
    polarity: Sequence[int] | NDArray[np.int64] | None = None,
    keywords: int = 6,
) -> tuple[Label, ...]:
    """One label per theme 0..k-1; texts, languages, themes, polarity (n,), vectors (n, d).

    Without `polarity` every text counts as one side, +1.
    A theme without any content word is titled by the start of its medoid's text.
    """
    membership = np.asarray(themes)
    sides = np.ones(len(membership), dtype=np.int64) if polarity is None else np.asarray(polarity)
    count = int(membership.max()) + 1 if len(membership) else 0
    ranked = _keywords(texts, languages, membership, count, keywords)
    labels = []
    for theme in range(count):
        rows = np.flatnonzero(membership == theme)
        medoids = {
            int(side): medoid(vectors, rows[sides[rows] == side]) for side in np.unique(sides[rows])
        }
        words = ranked[theme]
        labels.append(Label(_title(words, texts, rows, medoids), words, medoids))
    return tuple(labels)


def medoid(vectors: NDArray[np.float32], rows: NDArray[np.int64]) -> int:
    """The row whose vector is nearest to the mean of the rows; ties go to the smaller row."""
    own = vectors[rows].astype(np.float64)
    return int(rows[int(np.argmax(np.round(own @ own.mean(axis=0), 9)))])


def _title(
    words: tuple[str, ...],
    texts: Sequence[str],
    rows: NDArray[np.int64],
    medoids: dict[int, int],
) -> str:
    if words:
        title = ", ".join(words[:TITLE_WORDS])
        return title[0].upper() + title[1:]
    if not len(rows):
        return ""
    text = texts[medoids[max(medoids)]]
    return text if len(text) <= 40 else text[:39].rstrip() + "…"


def _keywords(
    texts: Sequence[str],
    languages: Sequence[str],
    membership: NDArray[np.int64],
    count: int,
    most: int,
) -> list[tuple[str, ...]]:
    """The best words of every theme, as most often written."""
    frequency: list[Counter[str]] = [Counter() for _ in range(count)]
    spread: list[Counter[str]] = [Counter() for _ in range(count)]
    spelling: dict[str, Counter[str]] = defaultdict(Counter)
    sizes = np.bincount(membership, minlength=count)
    for text, language, theme in zip(texts, languages, membership.tolist(), strict=True):
        words = list(content_words(text, language))
        frequency[theme].update(stem for stem, _ in words)
        spread[theme].update({stem for stem, _ in words})
        for stem, word in words:
            spelling[stem][word] += 1
    overall: Counter[str] = sum(frequency, Counter())
    mean = sum(overall.values()) / max(count, 1)
    chosen = []
    for theme in range(count):
        score = {
            stem: tf
            * math.log1p(mean / overall[stem])
            * math.sqrt(spread[theme][stem] / sizes[theme])
            for stem, tf in frequency[theme].items()
            if spread[theme][stem] > 1 or sizes[theme] < 4
        }
        best = sorted(score, key=lambda stem: (-round(score[stem], 9), stem))
        chosen.append(tuple(_spelled(spelling[stem]) for stem in _distinct(best)[:most]))
    return chosen


def _distinct(stems: list[str]) -> list[str]:
    """Drop stems that begin with a better one or begin it, and pairs that overlap a better pair."""
    kept: list[str] = []
    for stem in stems:
        if not any(_overlap(stem, other) for other in kept):
            kept.append(stem)
    return kept


def _overlap(one: str, other: str) -> bool:
    """Whether both come from one word: a longer stem, or the neighbouring pair in Chinese."""
    if len(one) == len(other) == 2:
        return one[0] == other[1] or one[1] == other[0]
    return one.startswith(other) or other.startswith(one)


def _spelled(forms: Counter[str]) -> str:
    """The commonest written form; the shorter, then the alphabetically first, on a tie."""
    return min(forms, key=lambda word: (-forms[word], len(word), word))
