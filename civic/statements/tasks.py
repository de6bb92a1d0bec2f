"""Jobs on statements, carried to the worker by id."""

from __future__ import annotations

from celery import shared_task

from civic.statements import pipeline


@shared_task
def prepare_statement(statement_id: int) -> None:
    """Segment, embed and attach one statement."""
    pipeline.prepare(statement_id)


@shared_task
def prepare_waiting(consultation_id: int) -> None:
    """Prepare every statement of a consultation that still waits, after an import."""
    pipeline.prepare_waiting(consultation_id)
