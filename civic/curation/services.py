"""Acts on claims: join two, part what was joined, judge a contradiction, undo. With a reason each.

No act edits or hides a word; the newest analysis stands until the next one obeys what was decided.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from civic.accounts.models import User
from civic.audit.services import record
from civic.consultations.models import Consultation
from civic.consultations.phases import Act
from civic.curation import rules
from civic.curation.models import VERDICTS, Decision, Kind
from civic.curation.selectors import pair_of, standing
from civic.errors import Conflict, Invalid, NotFound
from civic.statements.models import Claim, Segment
from civic.statements.services import claim_of_its_own, undo_merge


def begin(consultation: Consultation) -> None:
    """The phase allows it, and nobody else decides about this consultation meanwhile."""
    consultation.require_open(Act.CURATE)
    Consultation.objects.select_for_update().get(pk=consultation.pk)


@transaction.atomic
def merge_claims(
    consultation: Consultation, *, kept: Claim, folded: Claim, by: User, reason: str
) -> Decision:
    """Let the words of one claim stand for another that says the same.

    The folded claim is shown to nobody as a new question; its words and the reactions to them stay.
    Saying it twice changes nothing. Raises Conflict where an earlier decision speaks against it.
    """
    begin(consultation)
    reason = rules.reason_of(reason)
    rules.check_pair(consultation, kept, folded)
    said = rules.earlier(consultation, kind=Kind.TOGETHER, first=kept, second=folded)
    if said is not None:
        return said
    rules.check_merge(consultation, kept=kept, folded=folded)
    return decide(
        consultation,
        Kind.TOGETHER,
        by=by,
        action="claims.joined",
        first=kept,
        second=folded,
        reason=reason,
    )


@transaction.atomic
def split_claim(claim: Claim, *, passages: Sequence[Segment], by: User, reason: str) -> Decision:
    """Give passages that were merged into a claim a claim of their own, in the oldest one's words.

    Raises Invalid where nothing is chosen or a passage is the claim's own words, Conflict where a
    passage has moved meanwhile.
    """
    consultation = claim.consultation
    begin(consultation)
    reason = rules.reason_of(reason)
    if not passages:
        raise Invalid(_("Choose at least one passage."))
    wanted = {one.pk for one in passages}
    rows = Segment.objects.filter(pk__in=wanted, claim=claim)
    rows = rows.select_related("statement__consultation", "claim")
    chosen = list(rows.order_by("statement__created_at", "pk"))
    if len(chosen) != len(wanted):
        raise Conflict(_("A passage has moved to another claim meanwhile."))
    if not all(one.is_merged for one in chosen):
        raise Invalid(
            _("These are the claim’s own words; choose passages that were joined with it.")
        )
    words = next((one for one in chosen if one.statement.is_shown), None)
    if words is None:
        raise Invalid(_("None of the chosen passages is shown, so nobody could react to it."))
    made = claim_of_its_own(words)
    Segment.objects.filter(pk__in=wanted).update(claim=made)
    return decide(
        consultation,
        Kind.SPLIT,
        by=by,
        action="claim.split",
        first=claim,
        second=made,
        reason=reason,
    )


@transaction.atomic
def keep_apart(
    consultation: Consultation, *, first: Claim, second: Claim, by: User, reason: str
) -> Decision:
    """Say that two claims are not the same; they are never suggested as such again."""
    begin(consultation)
    reason = rules.reason_of(reason)
    rules.check_pair(consultation, first, second)
    rules.check_not_joined(consultation, first, second)
    first, second = _in_order(first, second)
    said = rules.earlier(consultation, kind=Kind.APART, first=first, second=second)
    return said or decide(
        consultation,
        Kind.APART,
        by=by,
        action="claims.kept_apart",
        first=first,
        second=second,
        reason=reason,
    )


@transaction.atomic
def judge_contradiction(
    consultation: Consultation, *, first: Claim, second: Claim, verdict: str, by: User, reason: str
) -> Decision:
    """Say whether nobody can follow both claims (a kind of VERDICTS); the newest word counts."""
    begin(consultation)
    reason = rules.reason_of(reason)
    if verdict not in VERDICTS:
        raise Invalid(_("There is no verdict “%(verdict)s”.") % {"verdict": verdict})
    rules.check_pair(consultation, first, second)
    rules.check_not_joined(consultation, first, second)
    first, second = _in_order(first, second)
    before = rules.earlier(consultation, kind__in=VERDICTS, first=first, second=second)
    if before is not None and before.kind == verdict:
        return before
    if before is not None:
        end(before, reason=reason)
    return decide(
        consultation,
        Kind(verdict),
        by=by,
        action=f"pair.{verdict}",
        first=first,
        second=second,
        reason=reason,
    )


@transaction.atomic
def undo_decision(decision: Decision, *, by: User, reason: str) -> None:
    """Take a decision back; undone already, nothing changes.

    A split is undone by joining the new claim with the old one: whoever reacted to it meanwhile
    keeps her reaction. What an author took out of a claim stays out.
    """
    consultation = decision.consultation
    begin(consultation)
    reason = rules.reason_of(reason)
    decision.refresh_from_db(fields=["undone_at"])
    if decision.undone_at is not None:
        return
    if decision.kind == Kind.SEPARATED:
        raise Conflict(_("Its author said that it means something else; that cannot be undone."))
    end(decision, reason=reason)
    if decision.kind == Kind.SPLIT:
        rules.check_merge(consultation, kept=decision.first, folded=decision.second)
        Decision.objects.create(
            consultation=consultation,
            kind=Kind.TOGETHER,
            first=decision.first,
            second=decision.second,
            reason=reason,
        )
    content = {"kind": decision.kind, "reason": reason}
    record("decision.undone", subject=decision, actor=by.audit_key, content=content)


@transaction.atomic
def separate_sentence(segment: Segment, *, by: User) -> Claim:
    """An author's word: her sentence was merged into a claim and means something else."""
    if segment.claim is None:
        raise NotFound
    before = segment.claim
    made = undo_merge(segment, by=by)
    _set_apart(before, made, reason="Its author says that it means something else.")
    return made


@transaction.atomic
def separate_claim(claim: Claim, *, by: User) -> None:
    """An author's word: an organizer joined her claim with another, and it means something else."""
    Consultation.objects.select_for_update().get(pk=claim.consultation_id)
    joined = standing(claim.consultation).filter(kind=Kind.TOGETHER, second=claim)
    decision = joined.select_related("first").first()
    if decision is None:
        raise Conflict(_("This sentence stands for itself already."))
    reason = "Its author says that it means something else."
    end(decision, reason=reason)
    _set_apart(decision.first, claim, reason=reason)
    record("claim.separated", subject=claim, actor=by.audit_key)


def _set_apart(one: Claim, other: Claim, *, reason: str) -> None:
    first, second = _in_order(one, other)
    apart = {"kind": Kind.SEPARATED, "first": first, "second": second}
    before = standing(one.consultation).filter(kind__in=(Kind.APART, Kind.SPLIT))
    for decision in before.filter(first=first, second=second):
        end(decision, reason=reason)
    if rules.earlier(one.consultation, **apart) is None:
        Decision.objects.create(consultation=one.consultation, reason=reason, **apart)


def _in_order(one: Claim, other: Claim) -> tuple[Claim, Claim]:
    return (one, other) if pair_of(one.pk, other.pk)[0] == one.pk else (other, one)


def end(decision: Decision, *, reason: str) -> None:
    decision.undone_at, decision.undone_reason = timezone.now(), reason
    decision.save(update_fields=["undone_at", "undone_reason"])


def decide(
    consultation: Consultation, kind: str, *, by: User, action: str, reason: str, **fields: object
) -> Decision:
    """Write a decision down, with its one entry in the record."""
    decision = Decision(consultation=consultation, kind=kind, reason=reason, **fields)
    decision.save()
    content = {"decision": str(decision.uuid), "kind": str(kind), "reason": reason}
    content |= {k: getattr(v, "key", v) for k, v in fields.items()}
    record(action, subject=decision, actor=by.audit_key, content=content)
    return decision
