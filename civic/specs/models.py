"""A version of a spec: its exact bytes, and rows for what pages query."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civic.analysis.models import Run
from civic.consultations.models import Consultation
from civic.statements.models import Claim, Statement


class SpecVersion(models.Model):
    """One version. Its document is never edited: a correction is a new version. Words alone are
    taken out where their author has them deleted, and `redactions` says so."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="specs")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="specs")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    document = models.BinaryField()  # canonical JSON, byte for byte what is exported
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    signed_as = models.CharField(max_length=200, blank=True)  # name and office, as on the spec
    announcement = models.TextField(blank=True)  # the signer's words to the public
    verification = models.JSONField(default=dict)  # of its numbers, from the votes; see `verifying`
    # A note signed with the log's key over the digest; "" until the worker has signed these bytes.
    signature = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.TextField(blank=True)
    # Words removed at their authors' request: {"day", "passages", "clauses", "before", "after"}:
    # how many passages went, how many clauses changed with them, the digests.
    redactions = models.JSONField(default=list)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "number"], name="spec_number")
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def is_public(self) -> bool:
        return self.status != self.Status.DRAFT

    @property
    def passages_removed(self) -> int:
        """How many quotes were removed at their authors' request."""
        return sum(one["passages"] for one in self.redactions)

    @property
    def clauses_changed(self) -> int:
        """How many clauses stand in other words, or cite others, since then."""
        return sum(one.get("clauses", 0) for one in self.redactions)

    def load(self) -> dict[str, Any]:
        """The document as Python values."""
        return json.loads(bytes(self.document))


class Clause(models.Model):
    """One clause of one version. `data` is its fragment of the document."""

    spec = models.ForeignKey(SpecVersion, on_delete=models.CASCADE, related_name="clauses")
    key = models.CharField(max_length=200)  # the clause's id in the document
    position = models.PositiveIntegerField()
    claim = models.ForeignKey(Claim, null=True, on_delete=models.SET_NULL, related_name="clauses")
    text = models.TextField()
    status = models.CharField(max_length=12)
    tier = models.CharField(max_length=16)
    modality = models.CharField(max_length=12)
    authority = models.CharField(max_length=12, blank=True)
    stance = models.CharField(max_length=8)
    section = models.CharField(max_length=200, blank=True)
    reason_code = models.CharField(max_length=40)
    reason = models.TextField()
    weight = models.FloatField(null=True)
    data = models.JSONField()

    class Meta:
        ordering = ["spec", "position"]
        constraints = [models.UniqueConstraint(fields=["spec", "key"], name="clause_key")]
        indexes = [models.Index(fields=["spec", "status"])]

    def __str__(self) -> str:
        return self.key


class Evidence(models.Model):
    """One passage of one statement that a clause rests on."""

    clause = models.ForeignKey(Clause, on_delete=models.CASCADE, related_name="evidence")
    statement = models.ForeignKey(
        Statement, null=True, on_delete=models.SET_NULL, related_name="evidence"
    )
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    language = models.CharField(max_length=16)
    role = models.CharField(max_length=12)

    class Meta:
        ordering = ["clause", "pk"]

    def __str__(self) -> str:
        return self.quote[:60]
