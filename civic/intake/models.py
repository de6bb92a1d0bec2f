"""One import: the files, what the dry run found, how far it has come."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civic.consultations.models import Consultation
from civic.statements.models import Preparation


class ImportJob(models.Model):
    """Files somebody wants to take in. Checked at once; written only when confirmed."""

    class Kind(models.TextChoices):
        POLIS = "polis", _("Polis export")
        STATEMENTS = "statements", _("Table of statements")
        ANSWERS = "answers", _("Answers of machines")

    class Status(models.TextChoices):
        CHECKED = "checked", _("Checked, nothing written yet")
        REJECTED = "rejected", _("Cannot be taken in")
        QUEUED = "queued", _("Waiting for the worker")
        RUNNING = "running", _("Being written")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed, nothing was written")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="import_jobs"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=10, choices=Status)
    report = models.JSONField(default=dict)  # what would be, or was, written: counts and choices
    problems = models.JSONField(default=list)  # {file, row, field, rule, remedy} of each defect
    preparation = models.ForeignKey(  # that finds the claims in what was written
        Preparation, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    error = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"
