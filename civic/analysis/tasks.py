"""Jobs of analysis, carried to the worker by id, and the reconciler that rings again."""

from __future__ import annotations

from celery import shared_task

from aggregation.errors import AggregationError
from civic.analysis import pipeline
from civic.intake.tasks import write_import
from civic.statements.tasks import (
    prepare_statement,
    ring_for_preparations,
    ring_for_translations,
)


@shared_task(throws=(AggregationError,))
def execute_run(run_id: int) -> None:
    """Compute one run."""
    pipeline.execute(run_id)


@shared_task
def reconcile() -> None:
    """Put work back whose worker fell silent, and ring for every row that still waits."""
    ring_for_preparations()
    ring_for_translations()
    waiting = pipeline.waiting_work()
    for task, ids in zip((execute_run, write_import, prepare_statement), waiting, strict=True):
        for row_id in ids:
            task.ring_again(row_id)
