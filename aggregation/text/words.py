"""Content words: lower case, no stop words, light stems; for Chinese and Japanese, bigrams."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

import regex

from aggregation.text.modality import strip_frame

WORDS_KEPT = 2**16  # words that were looked up before

_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]+|\p{L}[\p{L}\p{M}'’-]*")
_CJK = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_OPENS = regex.compile(r"(?:^|[.!?:;…\n])[^\p{L}\p{N}]*\Z")  # what stands before a first word
_NEAR = 8  # characters before a word in which the end of a sentence is looked for
_CJK_STOP = set(
    "的了是在我你他她它們们這这那有和與与也都就會会不很要可以為为被到對对把嗎吗呢吧啊之其而及或讓让"
    "說说想覺觉得應应該该"
)

# Function words, and the words every statement about AI shares. Own lists, kept short on purpose:
# c-TF-IDF already pushes down what is common to all themes.
_STOPS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in json.loads(
        files("aggregation.text").joinpath("stop_words.json").read_text(encoding="utf-8")
    ).items()
}

# Endings taken off once, longest first, while a stem of at least four letters stays.
_ENDINGS = {
    "en": (
        "ations ation ingly fully ously ments ment ness nesses ings ing edly ies ied ives ive ity "
        "ions ion ables able ful ous ers er ed es ly s e y"
    ),
    "de": (
        "ungen ung heiten heit keiten keit ischen ische isch lichen liche lich enden ende est ern "
        "em en er es st e n s t"
    ),
    "es": (
        "aciones ación adamente amente mente idades idad amientos amiento imientos imiento adores "
        "ador ando iendo ados adas ado ada idos idas ido ida ares aría ería iones ión osos osas "
        "oso osa ar er ir as os es a o e s"
    ),
    "fr": (
        "issements issement ements ement ations ation ités ité euses euse eurs eur antes ante ants "
        "ant ées és ée er ez es s e é"
    ),
}
_ENDINGS_OF = {
    language: tuple(sorted(words.split(), key=len, reverse=True))
    for language, words in _ENDINGS.items()
}


@dataclass(frozen=True)
class Token:
    """A content word, lower case as written, and where it stands; in Chinese a pair of signs."""

    stem: str
    word: str
    start: int
    end: int
    is_cjk: bool = False


def content_words(text: str, language: str) -> Iterator[tuple[str, str]]:
    """(stem, word) for each content word, in order; the word is lower case as written."""
    return ((token.stem, token.word) for token in content_tokens(text, language))


def content_tokens(text: str, language: str) -> Iterator[Token]:
    """Each content word, in order; offsets are into the case-folded text."""
    base = language.split("-")[0].lower()
    stops = _STOPS.get(base, frozenset[str]())
    for found in _TOKEN.finditer(text.casefold().replace("’", "'")):
        token = found.group()
        if _CJK.match(token):
            yield from _bigrams(token, found.start())
            continue
        word = token.strip("'-").removesuffix("'s")
        if len(word) > 2 and word not in stops:
            yield Token(stem(word, base), word, found.start(), found.end())


def spellings(text: str) -> Iterator[tuple[str, str]]:
    """(word in lower case, as written) for words whose capitals say something: none that opens a
    sentence, and nothing of a text in capitals alone."""
    if text.isupper():
        return
    plain = text.replace("’", "'")
    for found in _TOKEN.finditer(plain):
        if not _OPENS.search(plain, max(0, found.start() - _NEAR), found.start()):
            written = found.group().strip("'-")
            written = written[:-2] if written.casefold().endswith("'s") else written
            yield written.casefold(), written


def is_content_sign(sign: str) -> bool:
    """Whether it is one Chinese or Japanese sign that is no function word."""
    return _CJK.fullmatch(sign) is not None and sign not in _CJK_STOP


def content_stems(text: str, language: str) -> frozenset[str]:
    """The stems of a text's content, its normative frame aside."""
    return frozenset(found for found, _ in content_words(strip_frame(text, language), language))


def _bigrams(run: str, start: int) -> Iterator[Token]:
    """Overlapping pairs of characters that are not function words."""
    for place, (first, second) in enumerate(pairwise(run), start):
        if first not in _CJK_STOP and second not in _CJK_STOP:
            yield Token(first + second, first + second, place, place + 2, is_cjk=True)


@lru_cache(WORDS_KEPT)
def stem(word: str, language: str) -> str:
    """A light stem: "answers" and "answer", "bias" and "biased", fall together."""
    for ending in _ENDINGS_OF.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    """Shared share of two sets of stems, 0 to 1; two empty sets share nothing."""
    union = len(first | second)
    return len(first & second) / union if union else 0.0
