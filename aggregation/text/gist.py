"""What a sentence comes down to, as far as rules can tell: for saying that two sentences agree.

Vectors say how near two sentences are. What they are blind to stands here: whom a norm binds, its
numbers, limits and conditions, what ranks before what, and which side it takes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import regex

from aggregation.text.concepts import content_items, is_idea
from aggregation.text.direction import side
from aggregation.text.modality import Reading, read, strip_read
from aggregation.text.words import WORDS_KEPT, content_words

_LIMITS = {
    "en": {
        "only": "only just",
        "less": "less fewer too rarely seldom",
        "more": "more most",
        "partly": "sometimes partly some equally than half",
        "off": "off out opt-out",
    },
    "de": {
        "only": "nur bloß",
        "less": "weniger selten",
        "more": "mehr meist",
        "partly": "manchmal teilweise einige als halb halbe halben",
    },
    "es": {
        "only": "solo sólo solamente",
        "less": "menos demasiado raramente",
        "more": "más",
        "partly": "veces algunos algunas media medio mitad",
    },
    "fr": {
        "only": "seulement uniquement",
        "less": "moins trop rarement",
        "more": "plus",
        "partly": "parfois certains certaines moitié",
    },
}
# Where the frame has not taken them in: "tell no lies" beside "tell lies".
_DENIALS = {
    "en": "no not never none nothing nobody zero without",
    "de": "kein keine keinen keinem keiner nicht nie niemals nichts niemand null ohne",
    "es": "no nunca ningún ninguna nada nadie cero sin",
    "fr": "ne pas jamais aucun aucune rien personne zéro sans",
}
# Harm to oneself and harm to others are two things.
_SELF = {
    "en": r"(?:them|him|her|your|one|our|my)sel(?:f|ves)|self(?:-?\p{L}+)?",
    "de": r"selbst(?:-?\p{L}+)?",
    "es": r"mism[oa]s?|auto-?\p{L}+",
    "fr": r"\p{L}+-mêmes?|auto-?\p{L}+",
}
_OTHERS = {
    "en": r"others?|else|any(?:one|body)",
    "de": r"andere[nmrs]?",
    "es": r"otr[oa]s?|demás",
    "fr": r"autres?|autrui",
}
_JOINING = {
    "en": ("and", "or", "but", "&"),
    "de": ("und", "oder", "aber", "sondern"),
    "es": ("y", "e", "o", "u", "pero", "sino"),
    "fr": ("et", "ou", "mais"),
}
_WORD = r"\p{L}[\p{L}\p{M}'’-]*"
_RANKING = {
    "en": "before after over above below than instead rather from against versus without to by",
    "de": "vor nach über unter als statt lieber von gegen ohne",
    "es": "antes después sobre que lugar contra sin ante",
    "fr": "avant après sur que plutôt contre sans",
}


@dataclass(frozen=True)
class Gist:
    """One sentence, told by what may tell it from a near one.

    side : as `direction.side`. contents : what it is about (`concepts.contents`). stems : its
    content words (`words.content_stems`). guard : numbers, limits, denials, permission and
    conditions; two sentences agree only where these are equal. order : the contents in their order,
    and sequence: all words in theirs, where a word such as "before" ranks them. joins : how many
    words such as "and" it has. addressee : who is to act (`Reading.addressee`); "unknown" fits
    anybody. is_norm : it surely asks for something. is_read : the language has a reader.
    """

    language: str
    side: int
    contents: frozenset[str]
    stems: frozenset[str]
    guard: tuple[str, ...]
    order: tuple[str, ...]
    sequence: tuple[str, ...]
    joins: int
    addressee: str
    is_norm: bool
    is_read: bool

    @cached_property
    def ideas(self) -> frozenset[str]:
        """The known ideas among its contents, each with its sign."""
        return frozenset(filter(is_idea, self.contents))

    @property
    def is_pure(self) -> bool:
        """Whether it is about known ideas alone, so that words and languages do not matter."""
        return bool(self.ideas) and self.ideas == self.contents

    @property
    def plain_guard(self) -> frozenset[str]:
        """The part of its guard that can be compared between languages."""
        told = (one for one in self.guard if not one.startswith(("scope", "limit")))
        return frozenset({*told, *(one for one in self.guard if one == "limit only")})

    @cached_property
    def topic(self) -> str:
        """Equal for sentences about the same things under the same guard; "" without contents."""
        if not self.contents or not self.is_read or self.language == "und":
            return ""
        place = () if self.is_pure else (self.language, str(self.side))
        parts = "\n".join((*place, *sorted(self.contents), "", *self.guard, "", *self.order))
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def gist(text: str, language: str, reading: Reading | None = None) -> Gist:
    """What the text comes down to; `reading`, where it was read before."""
    known = read(text, language) if reading is None else reading
    base = language.split("-")[0].lower()
    items = content_items(text, language, polarity=known.polarity)
    content = strip_read(text, known)
    words = content_words(content, language)
    ranks = _ranks(text, base)
    return Gist(
        language=base,
        side=side(text, language, known),
        contents=frozenset(items),
        stems=frozenset(stem for stem, _ in words),
        guard=_guard(text, content, base, known),
        order=items if len(items) > 1 and ranks else (),
        sequence=tuple(regex.findall(_WORD, content.casefold())) if ranks else (),
        joins=_joins(text, base),
        addressee=known.addressee,
        is_norm=known.is_norm is True,
        is_read=known.modal != "unknown",
    )


def _guard(text: str, content: str, base: str, reading: Reading) -> tuple[str, ...]:
    tokens = _tokens(text)
    scopes = [text[a:b].casefold().strip() for a, b in (*reading.conditions, *reading.exceptions)]
    return (
        *(f"number {digits}" for digits in sorted(regex.findall(r"\p{N}+", text))),
        *(
            f"limit {kind}"
            for kind, words in _LIMITS.get(base, {}).items()
            if tokens & set(words.split())
        ),
        *(f"scope {scope}" for scope in sorted(scopes)),
        *_whom(tokens, base),
        *(("denied",) if _tokens(content) & set(_DENIALS.get(base, "").split()) else ()),
        *(("permits",) if reading.modal == "may" else ()),
    )


def _whom(tokens: set[str], base: str) -> tuple[str, ...]:
    """Whether a norm is about what people do to themselves, or to themselves and others."""
    if base not in _SELF or not any(_is_one_of(token, _SELF[base]) for token in tokens):
        return ()
    others = any(_is_one_of(token, _OTHERS[base]) for token in tokens)
    return ("limit self and others" if others else "limit self",)


@lru_cache(WORDS_KEPT)
def _is_one_of(token: str, pattern: str) -> bool:
    return regex.fullmatch(pattern, token) is not None


def _joins(text: str, base: str) -> int:
    words = regex.findall(r"\p{L}+|&", text.casefold())
    return sum(word in _JOINING.get(base, ()) for word in words)


def _ranks(text: str, base: str) -> bool:
    return bool(_tokens(text) & set(_RANKING.get(base, "").split()))


def _tokens(text: str) -> set[str]:
    return set(regex.findall(_WORD, text.casefold()))
