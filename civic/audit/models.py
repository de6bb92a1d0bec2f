"""The record of acts, and the tree it is sealed into.

An entry is written once; it can neither be changed nor deleted. The sealer numbers it, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from django.db import connections, models
from django.utils import timezone

# What citizens do. Whoever reads the record may not follow one of them from act to act.
OF_CITIZENS = frozenset(
    {
        *("statement.submitted", "statement.withdrawn", "statement.flagged", "appeal.opened"),
        *("sentence.confirmed", "sentence.taken_back", "sentence.reopened", "sentence.reworded"),
        *("segment.unmerged", "claim.separated"),
        *("reaction.cast", "reaction.undone", "question.answered"),
        *("judgement.given", "judgement.undone"),
        *("membership.joined", "membership.consented", "membership.described"),
        *("membership.erased", "invitation.accepted", "receipt.linked", "receipt.unlinked"),
    }
)
CITIZEN, PLATFORM = "participant", "platform"
_NUMBER_ONE = "UPDATE audit_entry SET leaf = %s WHERE id = %s AND leaf IS NULL"
_NUMBER_ALL = (
    "UPDATE audit_entry SET leaf = v.leaf FROM unnest(%s::bigint[], %s::bigint[]) AS v(id, leaf)"
    " WHERE audit_entry.id = v.id AND audit_entry.leaf IS NULL"
)


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries may be read and added, and numbered once. What leads to a person may be forgotten."""

    def update(self, **_: object) -> NoReturn:
        raise TypeError("Audit entries cannot be changed.")

    def delete(self) -> NoReturn:
        raise TypeError("Audit entries cannot be deleted.")

    def forget_row_keys(self) -> int:
        """Make the commitments say nothing any more; the entries themselves stay valid."""
        return super().update(row_key=None)

    def forget_whose(self) -> int:
        """The same, and whose acts these were; the log never held that."""
        return super().update(row_key=None, actor="")

    def number(self, leaves: Mapping[int, int]) -> int:
        """Give entries (by primary key) their leaves; how many got one that had none."""
        pairs = sorted(leaves.items())  # rows beside each other: databases work page by page
        with connections[self.db].cursor() as cursor:
            if connections[self.db].vendor == "postgresql":
                cursor.execute(_NUMBER_ALL, [list(column) for column in zip(*pairs, strict=True)])
            else:
                cursor.executemany(_NUMBER_ONE, [(leaf, pk) for pk, leaf in pairs])
            return cursor.rowcount


class Entry(models.Model):
    """One act. `commitment` = HMAC-SHA256(row_key, canonical content): it proves the content to
    whoever holds both, and says nothing once `row_key` is forgotten."""

    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    # What the public log calls the subject: its id, or a commitment to it (see `services`).
    public_id = models.CharField(max_length=80)
    consultation = models.UUIDField(null=True, db_index=True)
    actor = models.CharField(max_length=64, blank=True)  # HMAC of the user's id; "" for the system
    commitment = models.CharField(max_length=64)
    row_key = models.BinaryField(null=True)
    at = models.DateTimeField(default=timezone.now)
    leaf = models.BigIntegerField(null=True, unique=True)  # its place in the log, once sealed

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id"]),
            models.Index(fields=["id"], condition=models.Q(leaf=None), name="audit_unsealed"),
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_id}"

    def save(self, *args: object, **kwargs: object) -> None:
        if self.pk is not None:
            raise TypeError("Audit entries cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("Audit entries cannot be deleted.")

    @property
    def is_citizens(self) -> bool:
        """Whether it tells what somebody did as a citizen."""
        return self.action in OF_CITIZENS

    @property
    def by(self) -> str:
        """Who did it, as readers of the record may know: a pseudonym for those who hold office."""
        return CITIZEN if self.is_citizens else self.actor or PLATFORM


class Log(models.Model):
    """The public log: one row. Whoever moves `size` by a conditional update has sealed."""

    origin = models.CharField(max_length=200)  # its name for good, whatever its address becomes
    size = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.origin}, {self.size} entries"


class Tile(models.Model):
    """Up to 256 neighbouring hashes of one level of the tree, as C2SP's tiled logs keep them.

    Level n holds the roots of perfect subtrees of 256^n leaves; the newest tile of a level grows.
    """

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="audit_tile_place")]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index}"


class Key(models.Model):
    """A key that signs checkpoints. Each but the first is announced under the one before it."""

    fingerprint = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the public half
    public = models.BinaryField()
    announcement = models.TextField(blank=True)  # a note signed by the key before; "": the first
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return self.fingerprint[:8]


class Checkpoint(models.Model):
    """What the log said of itself after one batch: a signed note over size and root."""

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    note = models.TextField()
    key = models.ForeignKey(Key, on_delete=models.PROTECT, related_name="checkpoints")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-size"]

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"
