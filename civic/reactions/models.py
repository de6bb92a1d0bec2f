"""Reactions and servings. Rows are only ever added; the latest reaction counts."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregation.types import Vote
from civic.consultations.models import Membership
from civic.statements.models import Claim


class Reaction(models.Model):
    """One answer of one person to one claim. A changed mind is a new row."""

    class Value(models.TextChoices):
        AGREE = "agree", _("Agree")
        DISAGREE = "disagree", _("Disagree")
        UNSURE = "unsure", _("Unsure")
        DEPENDS = "depends", _("It depends")
        SKIPPED = "skipped", _("Skipped")

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="reactions")
    participant = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="reactions")
    value = models.CharField(max_length=8, choices=Value)
    condition = models.TextField(blank=True)  # of DEPENDS: when she would agree, in her words
    importance = models.PositiveSmallIntegerField(null=True)
    served = models.BooleanField()  # the platform chose to show the claim, not she to look it up
    probability = models.FloatField(null=True)  # with which the platform chose it
    is_latest = models.BooleanField(default=True)
    undone_at = models.DateTimeField(null=True)  # when she took it back; it then never counts again
    token = models.CharField(max_length=36, blank=True)  # of one sending: sent again, one row
    given_at = models.DateTimeField(null=True)  # null: the import carries no time
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [  # what the cockpit counts: it reads the index alone, never the rows
            models.Index(
                fields=["claim", "is_latest", "served", "value", "given_at"],
                name="reaction_tally",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "participant"],
                condition=models.Q(is_latest=True),
                name="reaction_one_latest",
            ),
            models.UniqueConstraint(
                fields=["claim", "participant", "token"],
                condition=~models.Q(token=""),
                name="reaction_once_a_token",
            ),
            models.CheckConstraint(
                condition=models.Q(is_latest=False) | models.Q(undone_at=None),
                name="reaction_undone_is_not_latest",
            ),
            models.CheckConstraint(
                condition=models.Q(importance=None) | models.Q(importance__range=(1, 5)),
                name="reaction_importance_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.value} {self.claim_id}"


# Skipped has no Vote: it is an answer to the platform, not to the claim. Whoever says that it
# depends supports the claim neither as it stands nor its opposite, and is counted as unsure.
VOTES = {
    Reaction.Value.AGREE: Vote.AGREE,
    Reaction.Value.UNSURE: Vote.UNSURE,
    Reaction.Value.DEPENDS: Vote.UNSURE,
    Reaction.Value.DISAGREE: Vote.DISAGREE,
}
VALUES = {
    Vote.AGREE: Reaction.Value.AGREE,
    Vote.UNSURE: Reaction.Value.UNSURE,
    Vote.DISAGREE: Reaction.Value.DISAGREE,
}


class Serving(models.Model):
    """The platform showed this claim to this person; without a reaction it stays unanswered."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="servings")
    participant = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="servings")
    probability = models.FloatField()
    among = models.PositiveIntegerField(null=True)  # how many claims it was drawn from
    served_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "participant"], name="serving_once"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} to {self.participant_id}"
