"""Jobs of imports, carried to the worker by id."""

from __future__ import annotations

from celery import shared_task

from civic.intake import pipeline


@shared_task
def write_import(job_id: int) -> None:
    """Write one confirmed import."""
    pipeline.write(job_id)
