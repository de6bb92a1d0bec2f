"""The record of acts. An entry is written once; it can neither be changed nor deleted."""

from __future__ import annotations

from typing import NoReturn

from django.db import models
from django.utils import timezone


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries may be read and added; only their row keys may ever be forgotten."""

    def update(self, **_: object) -> NoReturn:
        raise TypeError("Audit entries cannot be changed.")

    def delete(self) -> NoReturn:
        raise TypeError("Audit entries cannot be deleted.")

    def forget_row_keys(self) -> int:
        """Make the commitments say nothing any more; the entries themselves stay valid."""
        return super().update(row_key=None)


class Entry(models.Model):
    """One act. `commitment` = HMAC-SHA256(row_key, canonical content): it proves the content to
    whoever holds both, and says nothing once `row_key` is forgotten."""

    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    consultation = models.UUIDField(null=True, db_index=True)
    actor = models.CharField(max_length=64, blank=True)  # HMAC of the user's id; "" for the system
    commitment = models.CharField(max_length=64)
    row_key = models.BinaryField(null=True)
    at = models.DateTimeField(default=timezone.now)

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id"])]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_id}"

    def save(self, *args: object, **kwargs: object) -> None:
        if self.pk is not None:
            raise TypeError("Audit entries cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("Audit entries cannot be deleted.")
