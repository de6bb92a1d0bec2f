"""What pages ask about runs."""

from __future__ import annotations

from django.db.models import QuerySet

from civic.analysis.models import Run
from civic.consultations.models import Consultation


def runs_of(consultation: Consultation) -> QuerySet[Run]:
    """All runs, newest first, with their steps."""
    return consultation.runs.prefetch_related("steps").order_by("-pk")


def latest_outcome(consultation: Consultation) -> Run | None:
    """The newest run that came to an end well."""
    done = consultation.runs.filter(status=Run.Status.DONE)
    return done.prefetch_related("groups", "themes").order_by("-pk").first()
