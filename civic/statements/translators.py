"""Who translates: a small protocol, and a server that speaks LibreTranslate's API.

Without an address in the settings there is nobody, and no word leaves this machine. What comes back
is a stranger's text: cleaned like what people write, and never taken for more than it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from django.conf import settings

from aggregation.embed.json_endpoint import JsonEndpoint, Patience
from aggregation.errors import AggregationError
from aggregation.text import TextRefused, clean_text

RETRIES, WAIT, LONGEST_WAIT = 1, 0.5, 5.0  # of one request; the database tries again for longer
MOST_BYTES = 1_000_000  # of an answer
TIMES, EXTRA = 6, 200  # a translation longer than so many times the words, and so much, is none


class TranslationFailed(AggregationError):
    """A translator gave nothing; `may_pass` where the same question may be answered later."""

    def __init__(self, message: str, *, may_pass: bool) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class Translator(Protocol):
    """Turns texts of one language into another. `engine` names it: nothing is done twice by one."""

    engine: str

    def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str | None]:
        """One translation for each text, "" where it would say the same, None where what came is
        unusable; raises TranslationFailed where nothing came at all."""


class LibreTranslate:
    """POST /translate with {q, source, target, format, api_key}, answered by {translatedText}."""

    def __init__(self, url: str, *, engine: str, key: str = "", seconds: float = 30.0) -> None:
        self.engine = engine
        self._key = key
        self._endpoint = JsonEndpoint(
            url.rstrip("/").removesuffix("/translate") + "/translate",
            Patience(
                timeout_s=seconds,
                retries=RETRIES,
                wait_s=WAIT,
                longest_wait_s=LONGEST_WAIT,
                most_response_bytes=MOST_BYTES,
            ),
            failure=lambda what, may_pass: TranslationFailed(
                f"translator {engine!r} {what}", may_pass=may_pass
            ),
            shorter="A translation is about as long as its text",
        )

    def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str | None]:
        """As the protocol says. A single text is sent as one, several as a list."""
        question: dict[str, object] = {
            "q": texts[0] if len(texts) == 1 else list(texts),
            "source": source.split("-")[0].lower(),
            "target": target,
            "format": "text",
        }
        if self._key:
            question["api_key"] = self._key
        content = self._endpoint.ask(question, key=self._key, headers={})
        return [
            usable(translated, text)
            for translated, text in zip(self._read(content, len(texts)), texts, strict=True)
        ]

    def _read(self, content: bytes, count: int) -> list[str]:
        try:
            found = json.loads(content)["translatedText"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._endpoint.refused("the answer is not what LibreTranslate says") from error
        texts = [found] if count == 1 and isinstance(found, str) else found
        if not isinstance(texts, list) or len(texts) != count:
            raise self._endpoint.refused("the answer has not one translation for each text")
        if not all(isinstance(text, str) for text in texts):
            raise self._endpoint.refused("a translation is no text")
        return texts


def usable(translated: str, text: str) -> str | None:
    """What may be shown of a translation; "" for an echo of the text, None for what is no use."""
    if len(translated) > TIMES * len(text) + EXTRA:
        return None
    try:
        cleaned = clean_text(translated)
    except TextRefused:
        return None
    return "" if cleaned.casefold() == text.strip().casefold() else cleaned


def translator_now() -> Translator | None:
    """The translator of the settings; None where there is none."""
    if not settings.TRANSLATE_URL:
        return None
    return LibreTranslate(
        settings.TRANSLATE_URL,
        engine=settings.TRANSLATE_ENGINE,
        key=settings.TRANSLATE_KEY,
        seconds=settings.TRANSLATE_SECONDS,
    )
