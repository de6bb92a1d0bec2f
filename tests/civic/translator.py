"""A translator on this machine, which speaks LibreTranslate's API and fails when told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from civic.consultations.models import Consultation
from civic.statements import translating
from civic.statements.models import Translation
from tests.aggregation.embed import endpoint

KEY = "a-key-of-ours"
HOSTILE = '<script>alert(1)</script> {{ x }} & "q"'


def translated(text: str, target: str) -> str:
    """What it makes of a text."""
    return f"[{target}] {text[::-1]}"


def good(path: str, question: Any) -> Any:
    """Its answer to one text, or to several."""
    assert path == "/translate"
    texts = question["q"]
    if isinstance(texts, str):
        return {"translatedText": translated(texts, question["target"])}
    return {"translatedText": [translated(one, question["target"]) for one in texts]}


def answering(text: object) -> Any:
    """A fault: this as the translation, whatever was asked."""
    return lambda handler, question: handler.answer({"translatedText": text})


@contextmanager
def configured(settings: Any) -> Iterator[endpoint.Server]:
    """The translator, named by the settings while the block runs."""
    with endpoint.serving(good) as running:
        settings.TRANSLATE_URL = running.url("")
        settings.TRANSLATE_KEY = KEY
        settings.TRANSLATE_ENGINE = "test 1"
        settings.TRANSLATE_INTO = ["en", "de"]
        settings.TRANSLATE_SECONDS = 1.0
        yield running


def work(consultation: Consultation) -> list[Translation]:
    """One turn of the worker; all rows after it."""
    translating.translate_waiting(consultation.pk)
    return list(Translation.objects.order_by("pk"))
