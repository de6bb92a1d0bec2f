"""Which language is this text in? Its script, then naive Bayes over byte n-grams; offline.

The script says which languages come into question, the model inside py3langid which of these it
is. Many more languages are known than any one embedder understands: whoever chooses among a few
calls Ukrainian Russian and Swahili Polish. An honest "und" where a text is too short or uncertain.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Protocol

import regex

# Languages that share a script. Of near twins only one is asked for: in Latin script Croatian for
# Bosnian and Serbian too; dialects count as their standard language (_STANDARD).
_SCRIPTS = {
    "Latin": (
        "af az ca cs cy da de en eo es et eu fi fr ga gl ha hr ht hu id ig is it lb lt lv mg ms mt "
        "nl nn no pl pt ro rw sk sl so sq sv sw tl tr uz vi xh yo zu"
    ),
    "Cyrillic": "be bg kk ky mk mn ru sr tg tt uk",
    "Arabic": "ar ary arz fa ps ug ur",
    "Devanagari": "hi mr ne",
    "Bengali": "as bn",
    "Han": "zh",
    "Kana": "ja",
    "Hangul": "ko",
    "Thai": "th",
    "Greek": "el",
    "Hebrew": "he",
    "Armenian": "hy",
    "Georgian": "ka",
    "Ethiopic": "am",
    "Khmer": "km",
    "Lao": "lo",
    "Myanmar": "my",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Gujarati": "gu",
    "Gurmukhi": "pa",
    "Oriya": "or",
    "Sinhala": "si",
}
_STANDARD = {"ary": "ar", "arz": "ar", "nn": "no"}
_CODES = {script: tuple(codes.split()) for script, codes in _SCRIPTS.items()}

# Every code that `identify` may answer, "und" aside; a text here need not be one that an embedder
# understands, see the languages of each embedding backend.
LANGUAGES = tuple(sorted({c for codes in _CODES.values() for c in codes} - set(_STANDARD)))
UNKNOWN = "und"
MIN_CONFIDENCE = 0.4
_MIN_LETTERS = 6  # two in scripts in which a character is a syllable or a word
_DENSE = frozenset(("Han", "Kana", "Hangul", "Thai", "Khmer", "Lao", "Myanmar"))
_WEIGHT = {"Han": 3, "Kana": 2, "Hangul": 2}  # Latin letters that one character stands for

_LETTER = regex.compile(r"\p{L}")
_KANA = r"[\p{Hiragana}\p{Katakana}]"
_RUNS = {
    script: regex.compile((_KANA if script == "Kana" else rf"\p{{{script}}}") + "+")
    for script in _CODES
}


class _Identifier(Protocol):
    def set_languages(self, langs: tuple[str, ...]) -> None: ...

    def classify(self, instance: str) -> tuple[str, float]: ...


def identify(text: str, *, allowed: Collection[str] | None = None) -> str:
    """The ISO 639-1 code of the text's language, or "und" where it is too short or uncertain.

    `allowed` narrows the choice to a consultation's languages; codes outside LANGUAGES are
    ignored, and an empty choice is "und". Text and choice alone decide: the same answer each time.
    """
    script, letters = _script(text)
    if script is None or letters < (2 if script in _DENSE else _MIN_LETTERS):
        return UNKNOWN
    choice = tuple(
        code for code in _CODES[script] if allowed is None or _STANDARD.get(code, code) in allowed
    )
    if len(choice) < 2:
        return choice[0] if choice and len(_CODES[script]) == 1 else _alone(text, choice)
    code, confidence = _identifier(choice).classify(text)
    return _STANDARD.get(code, code) if confidence >= MIN_CONFIDENCE else UNKNOWN


def _alone(text: str, choice: tuple[str, ...]) -> str:
    """The one language that is allowed, where nothing says that the text is in another."""
    if not choice:
        return UNKNOWN
    found = identify(text)
    return choice[0] if found in (choice[0], UNKNOWN) else UNKNOWN


def _script(text: str) -> tuple[str | None, int]:
    """The script of most of the text, by weight of its letters, and how many letters it has."""
    total = len(_LETTER.findall(text))
    if text.isascii():
        return ("Latin" if total else None), total
    found: dict[str, int] = {}
    left = total
    for script, runs in _RUNS.items():
        if left <= 0:
            break
        count = sum(len(run) for run in runs.findall(text))
        if count:
            found[script] = count
            left -= count
    if not found:
        return None, 0
    if "Kana" in found and "Han" in found:  # Japanese mixes both, Chinese has no kana.
        found["Kana"] += found.pop("Han")
    best = max(found, key=lambda script: (found[script] * _WEIGHT.get(script, 1), script))
    return best, found[best]


@cache
def _identifier(languages: tuple[str, ...]) -> _Identifier:
    """The model inside the package, read once per choice of languages.

    The package's own module-level functions share one mutable choice; an instance of ours does not.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier: _Identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(languages)
    return identifier
