"""A consultation and who belongs to it."""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civic.consultations.phases import DATED_ACTS, OPEN_ACTS, Act, Phase
from civic.errors import ConsultationClosed, NotFound


def new_key() -> str:
    """A random id that says nothing about when or by whom it was made."""
    return secrets.token_hex(6)


def token_digest(token: str) -> str:
    """SHA-256 of an invitation's token, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


class Consultation(models.Model):
    """One question put to people, from the first draft to the published spec."""

    class Access(models.TextChoices):
        LINK = "link", _("Everybody, without signing in")
        OPEN = "open", _("Everybody who signs in")
        INVITE = "invite", _("Invited people only")

    class Moderation(models.TextChoices):
        BEFORE = "before", _("Statements are read before they are shown")
        AFTER = "after", _("Statements are shown at once and can be hidden")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    question = models.TextField(blank=True)
    description = models.TextField(blank=True)
    phase = models.CharField(max_length=12, choices=Phase, default=Phase.DRAFT)
    access = models.CharField(max_length=8, choices=Access, default=Access.OPEN)
    moderation = models.CharField(max_length=8, choices=Moderation, default=Moderation.BEFORE)
    is_synthetic = models.BooleanField(default=False)
    licence = models.CharField(max_length=200, blank=True)
    languages = models.JSONField(default=list)  # BCP-47 codes; empty: any language
    k = models.PositiveSmallIntegerField(default=10)  # people below this number are not shown
    blueprint = models.CharField(max_length=20, blank=True)  # what it was set up from
    steps_saved = models.JSONField(default=list)  # names of the steps of set-up that were saved
    asked_by = models.CharField(max_length=200, blank=True)
    purpose = models.TextField(blank=True)  # why this is asked
    use_of_result = models.TextField(blank=True)  # what happens with the answers
    examples = models.JSONField(default=list)  # sentences as one might write them
    scenarios = models.JSONField(default=list)  # {"key", "title", "text"}: situations to speak to
    strata = models.JSONField(default=list)  # what may be asked about people; see `strata.py`
    expected_people = models.PositiveIntegerField(null=True, blank=True)
    opens_on = models.DateField(null=True, blank=True)
    closes_on = models.DateField(null=True, blank=True)
    moderation_policy = models.TextField(blank=True)
    needs_second_reader = models.BooleanField(default=False)  # two moderators hide, never one
    reply = models.TextField(blank=True)  # what the organizers answer to the result
    replied_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(k__gte=5), name="consultation_k_at_least_5"),
            models.CheckConstraint(
                condition=models.Q(phase__in=Phase.values), name="consultation_phase"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        return self.access != self.Access.INVITE and self.phase != Phase.DRAFT

    @property
    def is_too_early(self) -> bool:
        """Whether the day of opening is still to come. Days begin and end in UTC."""
        return self.opens_on is not None and timezone.now().date() < self.opens_on

    @property
    def is_too_late(self) -> bool:
        """Whether the day of closing is over. Days begin and end in UTC."""
        return self.closes_on is not None and timezone.now().date() > self.closes_on

    def is_open(self, act: str) -> bool:
        """Whether phase and dates allow this act (a value of `phases.Act`) today."""
        if Act(act) not in OPEN_ACTS[Phase(self.phase)]:
            return False
        return act not in DATED_ACTS or not (self.is_too_early or self.is_too_late)

    def closed_because(self, act: str) -> str:
        """Why this act is not open, in a sentence for the person who tried."""
        if Act(act) in OPEN_ACTS[Phase(self.phase)]:
            if self.is_too_early:
                return gettext("This consultation opens on %(day)s (UTC).") % {
                    "day": date_format(self.opens_on)
                }
            if self.is_too_late:
                return gettext("This consultation closed at the end of %(day)s (UTC).") % {
                    "day": date_format(self.closes_on)
                }
        return gettext("“%(act)s” is not open in the phase “%(phase)s”.") % {
            "act": Act(act).label,
            "phase": Phase(self.phase).label,
        }

    def require_open(self, act: str) -> None:
        """Go on, or raise ConsultationClosed with the reason."""
        if not self.is_open(act):
            raise ConsultationClosed(self.closed_because(act))


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Narrows memberships to those that are asked about."""

    def taking_part(self) -> MembershipQuerySet:
        """Those of whom `takes_part` holds: not who was let in and has not agreed yet."""
        agreed = models.Q(user=None) | ~models.Q(consented_at=None)
        return self.filter(agreed, is_participant=True)

    def of_their_own(self) -> MembershipQuerySet:
        """Those who came by themselves and speak for themselves, also after they were deleted.

        All others came with an import.
        """
        return self.exclude(user=None, consented_at=None)


class Membership(models.Model):
    """One person in one consultation, with her roles. `key` is her id in every analysis.

    Imported people have no user.
    """

    class Role(models.TextChoices):
        PARTICIPANT = "participant", _("Participant")
        MODERATOR = "moderator", _("Moderator")
        ANALYST = "analyst", _("Analyst")
        AUDITOR = "auditor", _("Auditor")
        ORGANIZER = "organizer", _("Organizer")
        OWNER = "owner", _("Owner")

    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="memberships"
    )
    key = models.CharField(max_length=80, default=new_key)
    is_participant = models.BooleanField(default=False)
    is_moderator = models.BooleanField(default=False)
    is_organizer = models.BooleanField(default=False)
    is_auditor = models.BooleanField(default=False)
    is_analyst = models.BooleanField(default=False)
    is_owner = models.BooleanField(default=False)  # an organizer who may also change the team
    strata = models.JSONField(default=dict)  # her own answers about herself, by stratum
    consented_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "key"], name="membership_key"),
            models.UniqueConstraint(fields=["consultation", "user"], name="membership_user"),
            models.CheckConstraint(
                condition=models.Q(is_owner=False) | models.Q(is_organizer=True),
                name="membership_owner_organizes",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def hold(self) -> None:
        """Let what she does come one by one; call it inside the act's transaction.

        Raises NotFound where she had her part deleted meanwhile: nothing is added to it any more.
        """
        # Without its key: rows that point to her, checked as they are committed, wait for nobody.
        held = Membership.objects.select_for_update(no_key=True).get(pk=self.pk)
        if held.user_id != self.user_id:
            raise NotFound

    @property
    def audit_key(self) -> str:
        """The pseudonym of her acts in the record; empty where no account is behind her."""
        return self.user.audit_key if self.user else ""

    @property
    def pen_name(self) -> str:
        """The name under which everybody reads her words: random, and her own here.

        An id that came with an import may be an address: a keyed digest stands for it.
        """
        if self.user_id or self.consented_at:
            return self.key
        return salted_hmac("civic.pen_name", f"{self.consultation_id}:{self.key}").hexdigest()[:12]

    @property
    def takes_part(self) -> bool:
        """Whether she was let in as a citizen, and has agreed on the page that says what it means.

        Imported people, who have no account, agreed where they spoke.
        """
        return self.is_participant and (self.consented_at is not None or self.user_id is None)

    @property
    def roles(self) -> tuple[Membership.Role, ...]:
        return tuple(role for role in self.Role if getattr(self, f"is_{role}"))


class Departure(models.Model):
    """That an account had its part here deleted while its answers stay in the counts.

    It says neither which answers nor under which name: it keeps one person from counting twice.
    """

    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="departures"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="departures"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "user"], name="departure_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} left {self.consultation_id}"


class Invitation(models.Model):
    """A way in for one person. Only the token's SHA-256 is kept."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="invitations"
    )
    role = models.CharField(max_length=12, choices=Membership.Role)
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.role}"

    @property
    def is_usable(self) -> bool:
        return self.accepted_at is None and self.expires_at > timezone.now()


class ReceiptLink(models.Model):
    """A private address under which one person's receipt is read without signing in.

    Neither the address nor its token is kept: the token follows from `nonce` and the platform's
    secret, and its SHA-256 finds the row. An ended link keeps its row, to say that it was ended.
    """

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="receipt_links"
    )
    nonce = models.CharField(max_length=32, blank=True)  # "" once it is ended
    token_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership"],
                condition=models.Q(ended_at=None),
                name="receipt_link_one_each",
            )
        ]

    def __str__(self) -> str:
        return f"receipt link of {self.membership_id}"

    @property
    def token(self) -> str:
        """What the address ends with; "" once ended, or where the secret is another by now."""
        found = receipt_token(self.nonce)
        return found if self.nonce and token_digest(found) == self.token_digest else ""


def receipt_token(nonce: str) -> str:
    """256 bits that nobody has who lacks the secret, whatever rows she has read."""
    mac = salted_hmac("civic.receipt_link", nonce, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


class PageCount(models.Model):
    """How often a page was opened on a day. Counts, never who: nothing here names a person."""

    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="page_counts"
    )
    page = models.CharField(max_length=40)  # the name of the address, as "statements:write"
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "page", "day"], name="page_count_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.page} {self.day} {self.count}"
