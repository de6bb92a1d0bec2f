"""Jobs of specs, carried to the worker by id."""

from __future__ import annotations

from celery import shared_task

from civic.specs import report_files, sealing, verifying


@shared_task
def verify_draft(spec_id: int) -> None:
    """Compute a draft's numbers again, so that whoever publishes it need not wait."""
    verifying.check_draft(spec_id)


@shared_task
def sign_specs() -> None:
    """Sign what was published, with the log's key."""
    sealing.sign_waiting()


@shared_task
def print_report(spec_id: int, language: str) -> None:
    """Make the PDF of a version's report, so that whoever wants it need not wait."""
    report_files.make(spec_id, language=language)
