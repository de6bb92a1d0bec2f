"""Which language is this text in? Naive Bayes over byte n-grams, offline, or an honest "und"."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Protocol

import regex

# The languages the default embedder understands: elsewhere similarity would mean nothing.
LANGUAGES = (
    "ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh",
)  # fmt: skip
UNKNOWN = "und"
MIN_CONFIDENCE = 0.5

_LETTER = regex.compile(r"\p{L}")
_DENSE_SCRIPT = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]")


class _Identifier(Protocol):
    def set_languages(self, langs: tuple[str, ...]) -> None: ...

    def classify(self, instance: str) -> tuple[str, float]: ...


def identify(text: str, *, allowed: Collection[str] | None = None) -> str:
    """The ISO 639-1 code of the text's language, or "und" where it is too short or uncertain.

    `allowed` narrows the choice to a consultation's languages; codes outside LANGUAGES are
    ignored, and an empty choice is "und". Text and choice alone decide: the same answer each time.
    """
    choice = tuple(sorted(set(LANGUAGES if allowed is None else allowed) & set(LANGUAGES)))
    letters = len(_LETTER.findall(text))
    if not choice or letters < (2 if _DENSE_SCRIPT.search(text) else 6):
        return UNKNOWN
    code, confidence = _identifier(choice).classify(text)
    return code if confidence >= MIN_CONFIDENCE else UNKNOWN


@cache
def _identifier(languages: tuple[str, ...]) -> _Identifier:
    """The model inside the package, read once per choice of languages.

    The package's own module-level functions share one mutable choice; an instance of ours does not.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier: _Identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(languages)
    return identifier
