"""What a decision must not contradict: earlier decisions, an author's word, what may be read."""

from __future__ import annotations

from civic.consultations.models import Consultation
from civic.curation.models import APART, Decision, Kind
from civic.curation.selectors import families, pair_of, standing
from civic.errors import Conflict, Invalid, NotFound, ReasonRequired
from civic.statements.models import Claim, ClaimQuerySet

MAX_REASON = 2000  # characters


def reason_of(reason: str) -> str:
    """The reason without space around it; raises ReasonRequired where there is none."""
    if not reason.strip():
        raise ReasonRequired("Please give a reason: it is kept on public record.")
    if len(reason) > MAX_REASON:
        raise Invalid(f"The reason has {len(reason)} characters; the limit is {MAX_REASON}.")
    return reason.strip()


def readable(consultation: Consultation) -> ClaimQuerySet:
    """The consultation's claims that everybody may read, with their statements."""
    return consultation.claims.shown().select_related("statement__consultation", "consultation")


def check_pair(consultation: Consultation, first: Claim, second: Claim) -> None:
    """Go on where these are two claims of the consultation that everybody may read."""
    if first.pk == second.pk:
        raise Invalid("These are one and the same claim; choose two.")
    if readable(consultation).filter(pk__in=(first.pk, second.pk)).count() != 2:
        raise NotFound("One of the claims is no longer shown, or belongs elsewhere.")


def check_merge(consultation: Consultation, *, kept: Claim, folded: Claim) -> None:
    """Go on where nothing that was decided speaks against calling the two the same."""
    joined = dict(standing(consultation).filter(kind=Kind.TOGETHER).values_list("second", "first"))
    if folded.pk in joined:
        raise Conflict("The second claim was joined with another one already; undo that first.")
    if kept.pk in joined:
        raise Conflict("The claim to keep was joined with another one; keep that one instead.")
    relatives = families(consultation)
    ours = relatives.get(kept.pk, frozenset({kept.pk}))
    theirs = relatives.get(folded.pk, frozenset({folded.pk}))
    pairs = {pair_of(one, other): () for one in ours for other in theirs}
    for decision in standing(consultation).filter(kind__in=(*APART, Kind.OPPOSED)):
        if pair_of(decision.first_id, decision.second_id) in pairs:
            raise Conflict(WHY_NOT[Kind(decision.kind)])


WHY_NOT = {
    Kind.SEPARATED: "An author took her sentence out of this: it means something else.",
    Kind.SPLIT: "These were parted by an organizer; undo that first.",
    Kind.APART: "An organizer keeps these apart; undo that first.",
    Kind.OPPOSED: "These were confirmed to contradict each other; undo that first.",
}


def check_not_joined(consultation: Consultation, first: Claim, second: Claim) -> None:
    """Go on where the two do not count as the same."""
    if second.pk in families(consultation).get(first.pk, ()):
        raise Conflict("These were joined as saying the same; undo that first.")


def earlier(consultation: Consultation, **fields: object) -> Decision | None:
    """A standing decision that says exactly this already."""
    return standing(consultation).filter(**fields).first()
