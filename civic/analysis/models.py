"""One analysis of one consultation, its steps, and what of its outcome pages query."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civic.consultations.models import Consultation


class Run(models.Model):
    """One analysis. The row owns the work: whoever holds the lease computes, nobody else."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting for a worker")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    seed = models.BigIntegerField(default=0)
    aggregation_settings = models.JSONField(default=dict)  # fields of aggregation.types.Settings
    previous_document = models.BinaryField(null=True)  # the spec that changes are told against
    previous_run = models.ForeignKey(  # whose opinion groups keep their letters
        "self", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    code_version = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    lease_holder = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    snapshot_file = models.CharField(max_length=200, blank=True)  # below MEDIA_ROOT
    input_digest = models.CharField(max_length=80, blank=True)
    outcome_file = models.CharField(max_length=200, blank=True)
    outcome_digest = models.CharField(max_length=80, blank=True)
    groups_file = models.CharField(max_length=200, blank=True)  # who was in which opinion group
    positions_file = models.CharField(max_length=200, blank=True)  # where who stands; never shown
    pictures_file = models.CharField(max_length=200, blank=True)  # what pages show of it, as SVG
    basis_file = models.CharField(max_length=200, blank=True)  # what another policy is tried on
    figures = models.JSONField(default=dict)  # size of the input; memory of the worker, in MB
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["status", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.status} {self.uuid}"

    @property
    def is_over(self) -> bool:
        return self.status in (self.Status.DONE, self.Status.FAILED, self.Status.CANCELLED)

    @property
    def took(self) -> float | None:
        """Seconds from the last time a worker took it up to its end; None before that."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def is_stalled(self) -> bool:
        """Its worker has not been heard of since the lease ran out."""
        lease = self.lease_until
        return self.status == self.Status.RUNNING and lease is not None and lease < timezone.now()


class RunStep(models.Model):
    """One named stage of a run, for whoever watches."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=1)
    seconds = models.FloatField(null=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="runstep_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.status}"


class RunEvent(models.Model):
    """One line of a run's log for whoever watches: a sentence of `journal`, and its figures."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField()  # in English, with the names of its figures in place of them
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["run", "at", "pk"]

    def __str__(self) -> str:
        return self.text


class Theme(models.Model):
    """One theme that a run found."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="themes")
    key = models.CharField(max_length=200)
    title = models.TextField()
    keywords = models.JSONField(default=list)
    claims = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["run", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="theme_key")]

    def __str__(self) -> str:
        return self.title


class Group(models.Model):
    """People who react alike. Who is in it is not stored here, and never shown."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="groups")
    key = models.CharField(max_length=20)
    label = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    share = models.FloatField()

    class Meta:
        ordering = ["run", "key"]
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="group_key")]

    def __str__(self) -> str:
        return self.label
