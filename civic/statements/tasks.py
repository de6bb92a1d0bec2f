"""Jobs on statements, carried to the worker by id."""

from __future__ import annotations

from collections.abc import Iterable

from celery import shared_task

from aggregation.errors import AggregationError
from civic.statements import pipeline, preparing, translating
from civic.statements.models import Preparation, Shard


@shared_task
def prepare_statement(statement_id: int) -> None:
    """Segment, embed and attach one statement."""
    pipeline.prepare_statement(statement_id)


@shared_task(throws=(AggregationError,))
def compute_shard(shard_id: int) -> None:
    """Compute one shard of a preparation, and ring for what can be computed after it."""
    ring(preparing.execute(shard_id))


@shared_task(throws=(AggregationError,))
def embed_shard(shard_id: int) -> None:
    """The same for a shard of vectors; goes to the queue of workers that embed."""
    ring(preparing.execute(shard_id))


@shared_task
def translate(consultation_id: int) -> None:
    """Translate words of a consultation for a while; the reconciler rings for the rest."""
    translating.translate_waiting(consultation_id)


def ring(shards: Iterable[Shard], *, again: bool = False) -> None:
    """Tell workers that shards wait."""
    for shard in shards:
        task = embed_shard if shard.stage == Preparation.Stage.EMBED else compute_shard
        (task.ring_again if again else task.ring)(shard.pk)


def ring_for_preparations() -> None:
    """Put silent shards back, begin what nobody began, and ring for every shard that waits."""
    preparing.put_back()
    preparing.begin_forgotten()
    ring(preparing.queued_shards(), again=True)


def ring_for_translations() -> None:
    """Ring for every consultation whose words are translated; none without a translator."""
    for consultation_id in translating.consultations_to_translate():
        translate.ring_again(consultation_id)
