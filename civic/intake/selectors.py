"""What pages ask about imports."""

from __future__ import annotations

from django.db.models import QuerySet

from civic.consultations.models import Consultation
from civic.intake.models import ImportJob


def imports_of(consultation: Consultation) -> QuerySet[ImportJob]:
    """All imports of a consultation, newest first."""
    return consultation.import_jobs.select_related("created_by").order_by("-pk")
