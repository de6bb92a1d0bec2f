"""Jobs of specs, carried to the worker by id."""

from __future__ import annotations

from celery import shared_task

from civic.specs import verifying


@shared_task
def verify_draft(spec_id: int) -> None:
    """Compute a draft's numbers again, so that whoever publishes it need not wait."""
    verifying.check_draft(spec_id)
