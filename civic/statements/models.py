"""A statement as it was written, its sentences, and the claims made of them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from civic.consultations.models import Consultation, Membership, new_key
from civic.statements.translated import Translation as Translation  # a model of this app


class Preparation(models.Model):
    """Statements on their way to claims, in shards. The rows own the work: no message is needed.

    Its statements are those that point to it. The claims that people had already when it began
    stand in `input_file`; sentences that say the same join them, and they get the vectors they
    lack.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("Being prepared")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    class Stage(models.TextChoices):
        READ = "read", _("Read the sentences")
        FOLD = "fold", _("Gather equal wordings")
        EMBED = "embed", _("Compute what they mean")
        COMPARE = "compare", _("Find sentences that say the same")
        CLAIMS = "claims", _("Make the claims")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="preparations"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.READ)
    reason = models.CharField(max_length=80)  # in words, for whoever watches
    embedder = models.CharField(max_length=80)
    routes = models.JSONField(default=dict)  # as `aggregation.types.Settings.routes`
    shard_size = models.PositiveIntegerField()
    input_file = models.CharField(max_length=200)  # below MEDIA_ROOT
    counts = models.JSONField(default=dict)  # what was found, by name
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["status"])]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation"],
                condition=models.Q(status="running"),
                name="preparation_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.uuid}"

    @property
    def is_over(self) -> bool:
        return self.status != self.Status.RUNNING


class Shard(models.Model):
    """A part of one stage of a preparation: rows start to stop of what the stage looks at."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    preparation = models.ForeignKey(Preparation, on_delete=models.CASCADE, related_name="shards")
    position = models.PositiveSmallIntegerField()  # of its stage
    stage = models.CharField(max_length=10, choices=Preparation.Stage)
    number = models.PositiveIntegerField()
    start = models.PositiveBigIntegerField()
    stop = models.PositiveBigIntegerField()
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    lease_until = models.DateTimeField(null=True)
    lease_holder = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True)  # below MEDIA_ROOT, named by its digest
    digest = models.CharField(max_length=64, blank=True)  # sha256 of the file
    seconds = models.FloatField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["preparation", "position", "number"]
        indexes = [models.Index(fields=["status", "lease_until"])]
        constraints = [
            models.UniqueConstraint(fields=["preparation", "stage", "number"], name="shard_number")
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.number} {self.status}"


def removed() -> str:
    """What is shown in place of words whose author had them deleted."""
    return now("[removed at the author’s request]")


class StatementQuerySet(models.QuerySet["Statement"]):
    """Statements by who may read them."""

    def shown(self) -> StatementQuerySet:
        """Those everybody may read: not withdrawn, not hidden, not waiting to be read first."""
        return self.filter(SHOWN)


# True of a statement that everybody may read; `Statement.is_shown` says the same of one row.
SHOWN = models.Q(withdrawn_at=None) & (
    models.Q(moderation="accepted")
    | models.Q(moderation="waiting", consultation__moderation=Consultation.Moderation.AFTER)
)


class Statement(models.Model):
    """What one citizen wrote, kept code point for code point. Offsets count code points."""

    class Moderation(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        WAITING = "waiting", _("Waiting to be read")
        REJECTED = "rejected", _("Hidden")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="statements"
    )
    key = models.CharField(max_length=80, default=new_key)
    text = models.TextField()
    language = models.CharField(max_length=16, blank=True)  # "" until it is identified
    author = models.ForeignKey(
        Membership, null=True, on_delete=models.SET_NULL, related_name="statements"
    )
    moderation = models.CharField(max_length=8, choices=Moderation, default=Moderation.WAITING)
    moderation_reason = models.TextField(blank=True)
    is_imported = models.BooleanField(default=False)
    submitted_at = models.DateTimeField(null=True)  # null: the import carries no time
    prepared_at = models.DateTimeField(null=True)
    preparation = models.ForeignKey(  # whose shards prepare it; null: prepared by itself
        Preparation, null=True, on_delete=models.SET_NULL, related_name="statements"
    )
    withdrawn_at = models.DateTimeField(null=True)
    scenario = models.CharField(max_length=40, blank=True)  # key of the situation it speaks to
    revises = models.ForeignKey(  # what its author wrote before and put differently here
        "self", null=True, on_delete=models.SET_NULL, related_name="revisions"
    )
    sent_with = models.UUIDField(null=True)  # the page it was sent from: one page, one statement
    created_at = models.DateTimeField(default=timezone.now)

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "key"], name="statement_key"),
            models.UniqueConstraint(fields=["author", "sent_with"], name="statement_sent_once"),
            models.CheckConstraint(
                condition=~models.Q(moderation="rejected") | ~models.Q(moderation_reason=""),
                name="statement_hidden_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["consultation", "moderation"])]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_erased(self) -> bool:
        """Whether its author had her words deleted; what is left is a place and a date."""
        return not self.text

    @property
    def is_shown(self) -> bool:
        if self.withdrawn_at is not None or self.moderation == self.Moderation.REJECTED:
            return False
        after = self.consultation.moderation == Consultation.Moderation.AFTER
        return self.moderation == self.Moderation.ACCEPTED or after


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Claims by whether people may react to them."""

    def shown(self) -> ClaimQuerySet:
        """Those whose words everybody may read."""
        shown = Statement.objects.filter(SHOWN)
        return self.filter(is_hidden=False, statement__in=shown)


class Claim(models.Model):
    """What people react to: one span of one statement, in its author's words."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="claims")
    key = models.CharField(max_length=80, default=new_key)
    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="claims")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    language = models.CharField(max_length=16, blank=True)
    context_start = models.PositiveIntegerField(null=True)  # what a reader needs around its words,
    context_end = models.PositiveIntegerField(null=True)  # where they cannot stand alone
    polarity = models.SmallIntegerField(default=1)  # -1: the sentence itself forbids
    is_hidden = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "key"], name="claim_key"),
            models.CheckConstraint(
                condition=models.Q(start__lt=models.F("end")), name="claim_span_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        if self.statement.is_erased:
            return removed()
        return self.statement.text[self.start : self.end]


class SegmentQuerySet(models.QuerySet["Segment"]):
    """Sentences by what their authors said about them."""

    def meant(self) -> SegmentQuerySet:
        """Those that count: not taken back as "not what I meant"."""
        return self.exclude(verdict="no")


class Segment(models.Model):
    """One sentence of a statement. Without a claim it is context: read, never voted on."""

    class Verdict(models.TextChoices):
        YES = "yes", _("Yes, that is what I mean")
        NO = "no", _("Not what I meant")

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="segments")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    is_norm = models.BooleanField(null=True)  # null: the rules of its language cannot tell
    polarity = models.SmallIntegerField(default=1)
    vector = models.BinaryField(null=True)  # float16, little-endian, unit length
    vector_spec = models.CharField(max_length=80, blank=True)  # vectors of two specs never mix
    claim = models.ForeignKey(Claim, null=True, on_delete=models.SET_NULL, related_name="segments")
    verdict = models.CharField(max_length=3, choices=Verdict, blank=True)  # its author's
    judged_at = models.DateTimeField(null=True)
    reworded_as = models.ForeignKey(  # what its author wrote instead when she took it back
        Statement, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["statement", "start"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "start", "end"], name="segment_span"),
            models.CheckConstraint(
                condition=models.Q(start__lt=models.F("end")), name="segment_span_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return self.statement.text[self.start : self.end]

    @property
    def is_merged(self) -> bool:
        """True where somebody else's words stand for this sentence (needs `claim` loaded)."""
        claim = self.claim
        return claim is not None and (claim.statement_id, claim.start, claim.end) != (
            self.statement_id,
            self.start,
            self.end,
        )


class Flag(models.Model):
    """Somebody thinks that a statement breaks a rule. It decides nothing: a moderator reads it."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="flags")
    raised_by = models.ForeignKey(
        Membership, null=True, on_delete=models.SET_NULL, related_name="flags"
    )
    rule = models.CharField(max_length=20)  # a key of the moderation rules
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)  # when a moderator decided on the statement

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "raised_by"], name="flag_once_each")
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.statement_id}"


class Ruling(models.Model):
    """One moderator's decision on one statement, kept with its reason. Only ever added to."""

    class Stage(models.TextChoices):
        PROPOSED = "proposed", _("Waits for a second reader")
        FINAL = "final", _("In force")
        OVERRULED = "overruled", _("The second reader saw it otherwise")
        UNDONE = "undone", _("Undone")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="rulings")
    decision = models.CharField(max_length=8, choices=Statement.Moderation)
    rule = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.FINAL)
    before = models.CharField(max_length=8, choices=Statement.Moderation, blank=True)
    before_reason = models.TextField(blank=True)  # with `before`: what undoing brings back
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    second_reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["stage", "created_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["statement"],
                condition=models.Q(stage="proposed"),
                name="ruling_one_proposed",
            ),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("second_reader")),
                name="ruling_second_reader_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.statement_id}"


class Appeal(models.Model):
    """An author disagrees with the hiding of her statement; somebody else decides anew."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("Not decided yet")
        UPHELD = "upheld", _("The decision stands")
        GRANTED = "granted", _("The statement is shown again")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="appeals")
    ruling = models.ForeignKey(Ruling, null=True, on_delete=models.SET_NULL, related_name="appeals")
    words = models.TextField()
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OPEN)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement"], condition=models.Q(outcome="open"), name="appeal_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.statement_id}"
