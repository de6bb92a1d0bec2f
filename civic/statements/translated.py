"""What a machine made of people's words for readers of another language, and how pages find it.

It is read beside the words and never instead of them: no analysis, spec or export knows of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language

Row = TypeVar("Row", bound=models.Model)
Passage = tuple[str, int, int]  # key of a statement, start, end


class Translation(models.Model):
    """Some words of a statement in another language. The rows own the work of translating them.

    `text` is "" until it is done, and where the translation says the same as the words.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    statement = models.ForeignKey(
        "statements.Statement", on_delete=models.CASCADE, related_name="translations"
    )
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    language = models.CharField(max_length=16)  # of the words
    target = models.CharField(max_length=16)
    engine = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)  # of the words and their language
    text = models.TextField(blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    is_alone = models.BooleanField(
        default=False
    )  # asked for by itself: others were refused with it
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    lease_holder = models.UUIDField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        app_label = "statements"
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "start", "end", "target", "engine"], name="translation_once"
            ),
            models.CheckConstraint(
                condition=Q(start__lt=models.F("end")), name="translation_span_not_empty"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due_at"]),
            models.Index(fields=["digest", "target", "engine"]),
        ]

    def __str__(self) -> str:
        return f"{self.language} → {self.target} {self.status}"

    @property
    def words(self) -> str:
        """What is translated; "" once it was erased."""
        return str(self.statement.text[self.start : self.end])


def digest_of(words: str, language: str) -> str:
    """Equal words of one language have one digest."""
    return hashlib.sha256(json.dumps([language, words]).encode()).hexdigest()


def readers_language() -> str | None:
    """The language to look for translations in; None where none are made, or none for readers."""
    if not settings.TRANSLATE_URL:
        return None
    language = (get_language() or "").split("-")[0]
    return language if language in settings.TRANSLATE_INTO else None


def ready(target: str) -> QuerySet[Translation]:
    """Translations that can be shown."""
    done = Translation.objects.filter(
        target=target, engine=settings.TRANSLATE_ENGINE, status=Translation.Status.DONE
    )
    return done.exclude(text="")


def with_translation(rows: QuerySet[Row], *, claim: str = "") -> QuerySet[Row]:
    """Claims, each with its words in the reader's language as `translation`; no further query.

    claim : the way from a row to its claim, as "claim__"
    """
    target = readers_language()
    if target is None:
        return rows
    found = ready(target).filter(
        statement=OuterRef(f"{claim}statement_id"),
        start=Coalesce(OuterRef(f"{claim}context_start"), OuterRef(f"{claim}start")),
        end=Coalesce(OuterRef(f"{claim}context_end"), OuterRef(f"{claim}end")),
    )
    return rows.annotate(translation=Subquery(found.values("text")[:1]))


def translation_of(statement: models.Model) -> str:
    """A whole statement in the reader's language; "" where there is no translation."""
    target = readers_language()
    if target is None:
        return ""
    whole = ready(target).filter(statement=statement, start=0, end=len(statement.text))
    return whole.values_list("text", flat=True).first() or ""


def translations_of(consultation_id: int, passages: Iterable[Passage]) -> Mapping[Passage, str]:
    """Quoted passages in the reader's language, those that have a translation; one query."""
    target, wanted = readers_language(), set(passages)
    if target is None or not wanted:
        return {}
    rows = ready(target).filter(
        statement__consultation=consultation_id, statement__key__in={key for key, _, _ in wanted}
    )
    found = rows.values_list("statement__key", "start", "end", "text")
    return {(key, a, b): text for key, a, b, text in found if (key, a, b) in wanted}
