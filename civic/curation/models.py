"""What people decided about claims and themes, what an analysis asks them to decide, and the
either/or questions put to citizens. Nothing here changes a word that anybody wrote."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civic.consultations.models import Consultation, Membership
from civic.statements.models import Claim


class Decision(models.Model):
    """One thing a person decided. Undone ones stay in the record; no row is ever deleted.

    Pairs of equal standing hold the older claim first; TOGETHER holds (kept, folded), SPLIT holds
    (old claim, the claim made of passages that left it), PLACED holds the claim as `first`.
    `target` is a theme's id, or the title of a theme that was renamed.
    """

    class Kind(models.TextChoices):
        TOGETHER = "together", _("Joined: both say the same")
        SPLIT = "split", _("Parted: passages became a claim of their own")
        APART = "apart", _("Kept apart")
        SEPARATED = "separated", _("Taken out by its author")
        OPPOSED = "opposed", _("Contradict each other")
        COMPATIBLE = "compatible", _("Both can be followed")
        LEFT_OPEN = "left_open", _("Left open")
        RENAMED = "renamed", _("Theme renamed")
        THEME_MERGED = "theme_merged", _("Theme joined with another")
        PLACED = "placed", _("Claim moved to another theme")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="decisions"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    first = models.ForeignKey(Claim, null=True, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Claim, null=True, on_delete=models.CASCADE, related_name="+")
    theme = models.CharField(max_length=200, blank=True)
    target = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["second"],
                condition=models.Q(kind="together", undone_at=None),
                name="decision_folded_once",
            ),
            models.UniqueConstraint(
                fields=["first", "second"],
                condition=models.Q(kind__in=["split", "apart", "separated"], undone_at=None),
                name="decision_apart_once",
            ),
            models.UniqueConstraint(
                fields=["first", "second"],
                condition=models.Q(kind__in=["opposed", "compatible", "left_open"], undone_at=None),
                name="decision_judged_once",
            ),
            models.UniqueConstraint(
                fields=["consultation", "kind", "theme"],
                condition=models.Q(kind__in=["renamed", "theme_merged"], undone_at=None),
                name="decision_theme_once",
            ),
            models.UniqueConstraint(
                fields=["first"],
                condition=models.Q(kind="placed", undone_at=None),
                name="decision_placed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


Kind = Decision.Kind
APART = (Kind.SPLIT, Kind.APART, Kind.SEPARATED)
VERDICTS = (Kind.OPPOSED, Kind.COMPATIBLE, Kind.LEFT_OPEN)


class Suggestion(models.Model):
    """Two claims that the newest analysis asks a person to look at, with what speaks for it.

    Rows are what one analysis said: the next one replaces them. Whether a pair is settled is read
    from the decisions, so that nothing that was decided is asked again.
    """

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate", _("These may say the same")
        CONTRADICTION = "contradiction", _("These may contradict each other")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="suggestions"
    )
    kind = models.CharField(max_length=13, choices=Kind)
    first = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()  # 0: the most telling one
    evidence = models.JSONField(default=dict)
    run = models.UUIDField()  # the analysis that said so

    class Meta:
        ordering = ["kind", "position"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "first", "second"], name="suggestion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first_id} {self.second_id}"


class Question(models.Model):
    """Two claims put to one person: which comes nearer to what she wants?

    `seed` drew the pair and the order; `swapped` says that `second` was shown first.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="+")
    participant = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="questions")
    seed = models.BigIntegerField()
    swapped = models.BooleanField()
    probability = models.FloatField()  # with which the platform chose this pair
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second", "participant"], name="question_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} or {self.second_id} to {self.participant_id}"

    @property
    def consultation(self) -> Consultation:
        return self.participant.consultation

    @property
    def shown(self) -> tuple[Claim, Claim]:
        """Both claims in the order in which this person sees them."""
        return (self.second, self.first) if self.swapped else (self.first, self.second)


class Answer(models.Model):
    """What a person answered. A changed mind is a new row; the latest counts.

    FIRST and SECOND name the question's claims, whatever the order in which they were shown.
    """

    class Value(models.TextChoices):
        FIRST = "first", _("The first")
        SECOND = "second", _("The second")
        BOTH = "both", _("Both at once are possible")
        NEITHER = "neither", _("Neither")
        UNSURE = "unsure", _("I cannot say")

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    value = models.CharField(max_length=8, choices=Value)
    served = models.BooleanField()  # the platform chose the pair, and neither claim is her own
    is_latest = models.BooleanField(default=True)
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["question"], condition=models.Q(is_latest=True), name="answer_one_latest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} {self.value}"
