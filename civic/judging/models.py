"""Answers of machines and what people made of them. Judgements are only ever added; the latest
counts."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregation.types import Vote
from civic.consultations.models import Consultation, Membership
from civic.statements.models import Claim


class MachineAnswerQuerySet(models.QuerySet["MachineAnswer"]):
    """Answers by whether people may judge them."""

    def standing(self) -> MachineAnswerQuerySet:
        """Those that no organizer withdrew, to claims whose words everybody may read."""
        return self.filter(withdrawn_at=None, claim__in=Claim.objects.shown())


class MachineAnswer(models.Model):
    """What a machine answered to a prompt, to be judged by people; it tries one claim.

    An organizer brings it from outside: the platform asks no machine anything.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="machine_answers"
    )
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="machine_answers")
    key = models.CharField(max_length=100)  # its id in the file that it came in, and in every spec
    prompt = models.TextField()
    text = models.TextField()
    by = models.CharField(max_length=100)  # who wrote the answer: a model with its version
    prompt_by = models.CharField(max_length=100)  # who wrote the prompt
    source = models.CharField(max_length=100)  # where both come from
    added_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.TextField(blank=True)

    objects = MachineAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "key"], name="machine_answer_key")
        ]

    def __str__(self) -> str:
        return f"{self.key} by {self.by}"


class Judgement(models.Model):
    """What one person made of one answer. A changed mind is a new row."""

    class Value(models.TextChoices):
        GOOD = "good", _("Yes, a good answer")
        BAD = "bad", _("No, not a good answer")
        UNSURE = "unsure", _("Unsure")
        SKIPPED = "skipped", _("Skipped")

    answer = models.ForeignKey(MachineAnswer, on_delete=models.CASCADE, related_name="judgements")
    participant = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="judgements")
    value = models.CharField(max_length=8, choices=Value)
    served = models.BooleanField()  # the platform chose to show the answer, not she to look it up
    probability = models.FloatField(null=True)  # with which the platform chose it
    is_latest = models.BooleanField(default=True)
    undone_at = models.DateTimeField(null=True)  # when she took it back; it then never counts again
    given_at = models.DateTimeField(null=True)  # null: the import carries no time

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "participant"],
                condition=models.Q(is_latest=True),
                name="judgement_one_latest",
            ),
            models.CheckConstraint(
                condition=models.Q(is_latest=False) | models.Q(undone_at=None),
                name="judgement_undone_is_not_latest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.value} {self.answer_id}"


# As the library reads them. Skipped is no judgement: it is an answer to the platform alone.
VOTES = {
    Judgement.Value.GOOD: Vote.AGREE,
    Judgement.Value.UNSURE: Vote.UNSURE,
    Judgement.Value.BAD: Vote.DISAGREE,
}
VALUES = {vote: value for value, vote in VOTES.items()}


class Showing(models.Model):
    """The platform showed this answer to this person: drawn by lot, and the lot can be repeated."""

    answer = models.ForeignKey(MachineAnswer, on_delete=models.CASCADE, related_name="showings")
    participant = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="showings")
    seed = models.BigIntegerField()
    among = models.PositiveIntegerField()  # how many answers it was drawn from
    shown_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "participant"], name="showing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} to {self.participant_id}"
