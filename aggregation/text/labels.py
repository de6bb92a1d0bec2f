"""What is a theme called? Its own most telling words, and one quote for each side.

    score(term, theme) = v / voices of the theme * v / voices over all themes that use the term

v: voices, the people who use the term in the theme's texts. A text counts once however often it was
sent, and a person counts once however much they wrote. So no eager writer names a theme, and what
stands in one theme changes the label of another only through terms that both use. Terms are words,
by their stems, and pairs of words that stand side by side.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from aggregation.text.words import Token, content_tokens, is_content_sign, spellings

TITLE_WORDS = 3
LANGUAGE_SHARE = 0.2  # of a theme's texts in the wished language, from which it is labelled in it
LANGUAGE_TEXTS = 10  # or so many
OPENING = 60  # characters of a quote that stands for a title
PHRASE = 0.5  # of a word's voices that use it in one phrase, from which the phrase stands for it
SPREAD = 0.04  # of a theme's voices: fewer name nothing
TITLE_SPREAD = 0.06  # of them: fewer make no title
SELDOM = 0.5  # of the first word's coverage: words below are no part of a title
WHOLE = 0.9  # of a pair of signs' voices that have one sign beside it: it is part of the word

Stem = tuple[str, ...]
_Uses = defaultdict[str, set[str]]  # a form -> the voices that use it


@dataclass(frozen=True)
class Label:
    """keywords: best first, no two of one stem. title: the first of them, for a heading.

    medoids: polarity -> index (into the texts given) of the quote nearest to the theme's middle on
    that side; only sides that occur. language: of the title, the keywords and, where they have any
    text in it, the quotes.
    """

    title: str
    keywords: tuple[str, ...]
    medoids: dict[int, int]
    language: str


def label_themes(
    texts: Sequence[str],
    languages: Sequence[str],
    vectors: NDArray[np.float32],
    themes: Sequence[int] | NDArray[np.int64],
    *,
    polarity: Sequence[int] | NDArray[np.int64] | None = None,
    authors: Sequence[str | None] | None = None,
    language: str = "",
    keywords: int = 6,
) -> tuple[Label, ...]:
    """One label per theme 0..k-1; texts, languages, themes, polarity, authors (n,), vectors (n, d).

    themes : -1 for texts that are counted among all but have no theme. polarity : by default every
    text is on one side, +1. authors : None for texts whose author is not known; each is a voice.
    language : the wished one; a theme with too few texts in it is labelled in its commonest.
    Where no content word is used by enough people, the start of the medoid's text is the title.
    """
    membership = np.asarray(themes)
    sides = np.ones(len(membership), dtype=np.int64) if polarity is None else np.asarray(polarity)
    count = int(membership.max()) + 1 if len(membership) else 0
    codes = np.array([_base(code) for code in languages])
    voices = _voices(texts, codes.tolist(), authors)
    labels = []
    counted: dict[str, _Count] = {}
    for theme in range(count):
        rows = np.flatnonzero(membership == theme)
        code = _language_of(codes[rows].tolist(), _base(language))
        own = rows[codes[rows] == code]
        if code not in counted:
            counted[code] = _Count(texts, code, np.flatnonzero(codes == code), voices)
        words, title = counted[code].best(own, keywords)
        medoids = {
            int(side): medoid(vectors, _preferred(rows[sides[rows] == side], own))
            for side in np.unique(sides[rows])
        }
        labels.append(Label(title or _opening(texts, medoids), words, medoids, code))
    return tuple(labels)


def medoid(vectors: NDArray[np.float32], rows: NDArray[np.int64]) -> int:
    """The row whose vector is nearest to the mean of the rows; ties go to the smaller row."""
    own = vectors[rows].astype(np.float64)
    return int(rows[int(np.argmax(np.round(own @ own.mean(axis=0), 9)))])


def _preferred(rows: NDArray[np.int64], own: NDArray[np.int64]) -> NDArray[np.int64]:
    both = np.intersect1d(rows, own)
    return both if len(both) else rows


def _base(code: str) -> str:
    return code.split("-")[0].lower()


def _language_of(codes: Sequence[str], wished: str) -> str:
    """The language to label in: the wished one if enough texts are in it, else the commonest."""
    held = Counter(codes)
    enough = min(LANGUAGE_TEXTS, LANGUAGE_SHARE * len(codes))
    if wished and held[wished] and held[wished] >= enough:
        return wished
    return min(held, key=lambda code: (-held[code], code), default="")


def _voices(
    texts: Sequence[str], codes: Sequence[str], authors: Sequence[str | None] | None
) -> list[str | None]:
    """Whose voice each text is; None for one that was counted already."""
    seen: set[tuple[str, str]] = set()
    found: list[str | None] = []
    for row, (text, code) in enumerate(zip(texts, codes, strict=True)):
        key = (code, " ".join(text.casefold().split()))
        author = authors[row] if authors else None
        found.append(None if key in seen else f"text {row}" if author is None else f"by {author}")
        seen.add(key)
    return found


def _opening(texts: Sequence[str], medoids: Mapping[int, int]) -> str:
    if not medoids:
        return ""
    text = texts[medoids[max(medoids)]]
    opening = text if len(text) <= OPENING else text[: OPENING - 1].rstrip() + "…"
    return f"“{opening}”"  # One voice, not what all are about: the marks say so.


class _Count:
    """Who uses which term, in the texts of one language."""

    def __init__(
        self,
        texts: Sequence[str],
        code: str,
        rows: NDArray[np.int64],
        voices: Sequence[str | None],
    ) -> None:
        self._voices = voices
        self._terms: dict[int, set[Stem]] = {}
        self._spelling: defaultdict[Stem, Counter[str]] = defaultdict(Counter)
        self._capitals: defaultdict[str, _Uses] = defaultdict(_uses)
        self._before: defaultdict[str, _Uses] = defaultdict(_uses)
        self._after: defaultdict[str, _Uses] = defaultdict(_uses)
        everybody: defaultdict[Stem, set[str]] = defaultdict(set)
        for row in rows.tolist():
            voice = voices[row]
            if voice is None:
                continue
            tokens = list(content_tokens(texts[row], code))
            self._look_at(texts[row], tokens, voice)
            terms = dict(_terms(tokens))
            self._terms[row] = set(terms)
            for stem, written in terms.items():
                everybody[stem].add(voice)
                self._spelling[stem][written] += 1
        self._everywhere = {stem: len(people) for stem, people in everybody.items()}

    def best(self, rows: NDArray[np.int64], most: int) -> tuple[tuple[str, ...], str]:
        """The most telling terms of these rows as most often written, and a title made of them."""
        users: defaultdict[Stem, set[str]] = defaultdict(set)
        people = set()
        mentions: Counter[Stem] = Counter()
        own = [row for row in rows.tolist() if self._voices[row] is not None]
        for row in own:
            voice = self._voices[row] or ""
            people.add(voice)
            mentions.update(self._terms[row])
            for stem in self._terms[row]:
                users[stem].add(voice)
        held = {stem: len(voices) for stem, voices in users.items()}
        least = max(2, SPREAD * len(people)) if len(people) >= 4 else 1
        again = 2 if len(own) >= 4 else 1  # One text names nothing, though few people wrote all.
        score = {
            stem: (v / len(people)) * (v / self._everywhere[stem])
            for stem, v in held.items()
            if v >= least and mentions[stem] >= again and not _is_part(stem, held)
        }
        ranked = _distinct(sorted(score, key=lambda stem: (-round(score[stem], 9), stem)))[:most]
        words = tuple(self._spelled(stem) for stem in ranked)
        shown = [
            word
            for stem, word in zip(ranked[:TITLE_WORDS], words, strict=False)
            if held[stem] >= max(SELDOM * held[ranked[0]], TITLE_SPREAD * len(people))
        ]
        title = ", ".join(shown)
        return words, title[:1].upper() + title[1:]

    def _spelled(self, stem: Stem) -> str:
        """The commonest written form; the shorter, then the alphabetically first, on a tie."""
        forms = self._spelling[stem]
        chosen = min(forms, key=lambda word: (-forms[word], len(word), word))
        if chosen in self._before:
            return _always(self._before[chosen]) + chosen + _always(self._after[chosen])
        return " ".join(self._as_written(word) for word in chosen.split(" "))

    def _as_written(self, word: str) -> str:
        """With the capitals that most people give it within a sentence; lower case on a tie."""
        forms = self._capitals[word]
        return min(forms, key=lambda form: (-len(forms[form]), form != word, form), default=word)

    def _look_at(self, text: str, tokens: Sequence[Token], voice: str) -> None:
        """Remember who writes words how, and which signs stand beside a pair of signs."""
        for word, written in spellings(text):
            self._capitals[word][written].add(voice)
        folded = text.casefold()
        for token in tokens:
            if token.is_cjk:
                self._before[token.word][folded[max(token.start - 1, 0) : token.start]].add(voice)
                self._after[token.word][folded[token.end : token.end + 1]].add(voice)


def _uses() -> _Uses:
    return defaultdict(set)


def _always(signs: _Uses) -> str:
    """The sign that nearly everybody has there, where it belongs to a word; else nothing."""
    sign = max(signs, key=lambda one: (len(signs[one]), one))
    people = len(set[str]().union(*signs.values()))
    is_whole = people > 1 and len(signs[sign]) >= WHOLE * people
    return sign if is_whole and is_content_sign(sign) else ""


def _terms(tokens: Iterable[Token]) -> Iterator[tuple[Stem, str]]:
    """Words, and pairs of words with nothing between them but a space."""
    listed = list(tokens)
    for token in listed:
        yield (token.stem,), token.word
    for one, other in pairwise(listed):
        if other.start == one.end + 1 and one.stem != other.stem and not one.is_cjk:
            yield (one.stem, other.stem), f"{one.word} {other.word}"


def _is_part(stem: Stem, held: Mapping[Stem, int]) -> bool:
    """Whether a word is mostly said in one phrase, or a phrase is not what its words are for."""
    if len(stem) > 1:
        return held[stem] < 2 or held[stem] < PHRASE * min(held[(part,)] for part in stem)
    return any(
        len(other) > 1 and stem[0] in other and v >= max(2, PHRASE * held[stem])
        for other, v in held.items()
    )


def _distinct(stems: list[Stem]) -> list[Stem]:
    """Drop terms that share a word with a better one, or a word that begins like one of its."""
    kept: list[Stem] = []
    for stem in stems:
        if not any(_overlap(a, b) for other in kept for a in stem for b in other):
            kept.append(stem)
    return kept


def _overlap(one: str, other: str) -> bool:
    """Whether both come from one word: a longer stem, or the neighbouring pair in Chinese."""
    if len(one) == len(other) == 2:
        return one == other or one[0] == other[1] or one[1] == other[0]
    return one.startswith(other) or other.startswith(one)
