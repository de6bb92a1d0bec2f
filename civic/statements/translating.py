"""The worker's side of translating: what lacks a translation is queued, taken, asked for, stored.

The rows own the work. Nothing is asked twice: what another statement says in the same words is
copied. Safe to repeat at any moment; without a translator in the settings nothing happens.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Length
from django.utils import timezone

from civic.consultations import leases
from civic.consultations.models import Consultation
from civic.consultations.phases import Phase
from civic.statements.models import Translation
from civic.statements.translated import digest_of
from civic.statements.translators import TranslationFailed, Translator, translator_now

logger = logging.getLogger(__name__)
PHASES = (Phase.COLLECT, Phase.REACT, Phase.REVIEW, Phase.PUBLISHED)  # somebody reads its words
QUEUED_AT_A_TIME = 200  # of each kind and language
BATCH, BATCH_CHARACTERS = 20, 4_000  # of one request; a longer text goes alone
LONGEST = 5_000  # characters of a statement that is translated whole
TURN = 20  # seconds that one consultation is worked for before others get their turn
PAUSE, LONGEST_PAUSE = 30, 3600  # seconds after a failure that may pass, doubled each time
Status = Translation.Status


def consultations_to_translate() -> list[int]:
    """Row numbers of the consultations whose words are translated; none without a translator."""
    if not settings.TRANSLATE_URL:
        return []
    return list(Consultation.objects.filter(phase__in=PHASES).values_list("pk", flat=True))


def translate_waiting(consultation_id: int) -> None:
    """Queue what lacks a translation and translate for a while, unless another worker does."""
    translator = translator_now()
    consultation = Consultation.objects.filter(pk=consultation_id, phase__in=PHASES).first()
    if translator is None or consultation is None:
        return
    rows = Translation.objects.filter(statement__consultation=consultation)
    rows.exclude(engine=translator.engine).delete()  # no page asks for them any more
    put_back(rows)
    queue_missing(consultation, engine=translator.engine)
    until = time.monotonic() + TURN
    while time.monotonic() < until and not rows.filter(status=Status.RUNNING).exists():
        batch = take(rows.filter(engine=translator.engine))
        if not batch or not execute(batch, translator):
            return


def put_back(rows: QuerySet[Translation]) -> None:
    """Queue again what a worker held that fell silent."""
    silent = rows.filter(status=Status.RUNNING, lease_until__lt=timezone.now())
    silent.update(status=Status.QUEUED, lease_holder=None, lease_until=None)


# --- what is to be translated


def queue_missing(consultation: Consultation, *, engine: str) -> None:
    """Write a row for shown words that have none yet, some at a time; claims before statements."""
    for target in settings.TRANSLATE_INTO:
        for passages in (_claims(consultation), _statements(consultation)):
            known = Translation.objects.filter(
                statement=OuterRef("of"),
                start=OuterRef("first"),
                end=OuterRef("last"),
                target=target,
                engine=engine,
            )
            foreign = ~Q(language__in=("", "und", target)) & ~Q(language__startswith=f"{target}-")
            missing = passages.filter(foreign, ~Exists(known)).order_by("pk")
            found = missing.values_list("of", "first", "last", "language", "whole")
            Translation.objects.bulk_create(
                (
                    Translation(
                        statement_id=of,
                        start=first,
                        end=last,
                        language=language,
                        target=target,
                        engine=engine,
                        digest=digest_of(whole[first:last], language),
                    )
                    for of, first, last, language, whole in found[:QUEUED_AT_A_TIME]
                    if whole[first:last].strip()
                ),
                ignore_conflicts=True,
            )


def _claims(consultation: Consultation) -> QuerySet[Any]:
    """The words that people react to, with what a reader needs around them."""
    return consultation.claims.shown().annotate(
        of=F("statement_id"),
        first=Coalesce("context_start", "start"),
        last=Coalesce("context_end", "end"),
        whole=F("statement__text"),
    )


def _statements(consultation: Consultation) -> QuerySet[Any]:
    rows = consultation.statements.shown().exclude(text="")
    return rows.annotate(of=F("pk"), first=Value(0), last=Length("text"), whole=F("text")).filter(
        last__lte=LONGEST
    )


# --- one batch


def take(rows: QuerySet[Translation]) -> Sequence[Translation]:
    """Claim what one request can carry: words of one language into another."""
    waiting = rows.filter(status=Status.QUEUED, due_at__lte=timezone.now())
    first = waiting.order_by("attempts", "pk").first()
    if first is None:
        return ()
    alike = waiting.filter(language=first.language, target=first.target, is_alone=False)
    wanted = [first.pk] if first.is_alone else list(_fitting(alike.order_by("attempts", "pk")))
    queued = Translation.objects.filter(pk__in=wanted, status=Status.QUEUED)
    holder = leases.take(queued, status=Status.RUNNING)
    if holder is None:
        return ()
    mine = Translation.objects.filter(lease_holder=holder, status=Status.RUNNING)
    return list(mine.select_related("statement").order_by("pk"))


def _fitting(rows: QuerySet[Translation]) -> Iterator[int]:
    room = BATCH_CHARACTERS
    for place, (pk, start, end) in enumerate(rows.values_list("pk", "start", "end")[:BATCH]):
        room -= end - start
        if room < 0 and place:
            return
        yield pk


def execute(batch: Sequence[Translation], translator: Translator) -> bool:
    """Translate rows that were taken; whether it makes sense to go on at once."""
    holder = batch[0].lease_holder
    mine = Translation.objects.filter(lease_holder=holder, status=Status.RUNNING)

    def renew() -> None:
        if not mine.update(lease_until=leases.new_deadline()):
            raise leases.LeaseLost

    erased = [one.pk for one in batch if not one.words.strip()]
    Translation.objects.filter(pk__in=erased).delete()
    rows = [one for one in batch if one.pk not in erased]
    known = _known(rows)
    texts = list(dict.fromkeys(one.words for one in rows if one.digest not in known))
    try:
        with leases.kept(f"translations-{holder}", renew=renew):
            one = batch[0]
            made = dict(zip(texts, _asked(texts, translator, one), strict=True))
    except TranslationFailed as failure:
        logger.warning("%s", failure)
        _failed(mine, failure, is_single=len(texts) == 1)
        return not failure.may_pass
    store(rows, {one.digest: made[one.words] for one in rows if one.words in made} | known, holder)
    return True


def _asked(texts: list[str], translator: Translator, like: Translation) -> list[str | None]:
    if not texts:
        return []
    return translator.translate(texts, source=like.language, target=like.target)


def _known(rows: Sequence[Translation]) -> dict[str, str | None]:
    """Digest -> translation of words that were translated for another statement."""
    found = Translation.objects.filter(
        digest__in={one.digest for one in rows},
        target__in={one.target for one in rows},
        engine__in={one.engine for one in rows},
        status=Status.DONE,
    )
    return dict(found.values_list("digest", "text"))


@transaction.atomic
def store(
    rows: Sequence[Translation], found: Mapping[str, str | None], holder: uuid.UUID | None
) -> None:
    """Keep what came for the rows that are still there and still this worker's."""
    for one in rows:
        text = found[one.digest]
        mine = Translation.objects.filter(
            pk=one.pk, lease_holder=holder, status=Status.RUNNING
        ).exclude(statement__text="")
        if text is None:
            mine.update(status=Status.FAILED, lease_until=None, error="what came is no translation")
        else:
            mine.update(status=Status.DONE, text=text, lease_until=None, error="")


def _failed(mine: QuerySet[Translation], failure: TranslationFailed, *, is_single: bool) -> None:
    """Put a batch back: later where it may pass, else each by itself, and a single one for good."""
    told = {"error": str(failure)[:500], "lease_until": None, "lease_holder": None}
    if not failure.may_pass:
        if is_single:
            mine.update(status=Status.FAILED, **told)
        else:
            mine.update(status=Status.QUEUED, is_alone=True, **told)
        return
    attempts = min(mine.values_list("attempts", flat=True), default=1)
    pause = min(PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)
    due_at = timezone.now() + timedelta(seconds=pause)
    mine.update(status=Status.QUEUED, due_at=due_at, **told)
