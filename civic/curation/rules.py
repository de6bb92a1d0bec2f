"""What a decision must not contradict: earlier decisions, an author's word, what may be read."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from civic.consultations.models import Consultation
from civic.curation.models import APART, Decision, Kind
from civic.curation.selectors import families, pair_of, standing
from civic.errors import Conflict, Invalid, NotFound, ReasonRequired
from civic.statements.models import Claim, ClaimQuerySet
from civic.texts import fit

MAX_REASON = 2000  # characters


def reason_of(reason: str) -> str:
    """The reason as it is kept; raises ReasonRequired where there is none."""
    if not reason.strip():
        raise ReasonRequired(_("Give a reason: it is kept on public record."))
    if len(reason) > MAX_REASON:
        raise Invalid(too_long(_("Reason"), len(reason), limit=MAX_REASON))
    return fit(reason)


def too_long(field: str, length: int, *, limit: int) -> str:
    """The sentence for a text that does not fit."""
    told = ngettext(
        "%(field)s: %(length)s character is too long; the limit is %(limit)s. Shorten it.",
        "%(field)s: %(length)s characters are too many; the limit is %(limit)s. Shorten it.",
        length,
    )
    return told % {"field": field, "length": length, "limit": limit}


def readable(consultation: Consultation) -> ClaimQuerySet:
    """The consultation's claims that everybody may read, with their statements."""
    return consultation.claims.shown().select_related("statement__consultation", "consultation")


def check_pair(consultation: Consultation, first: Claim, second: Claim) -> None:
    """Go on where these are two claims of the consultation that everybody may read."""
    if first.pk == second.pk:
        raise Invalid(_("These are one and the same claim; choose two."))
    if readable(consultation).filter(pk__in=(first.pk, second.pk)).count() != 2:
        raise NotFound(_("One of the claims is no longer shown, or belongs elsewhere."))


def check_merge(consultation: Consultation, *, kept: Claim, folded: Claim) -> None:
    """Go on where nothing that was decided speaks against calling the two the same."""
    joined = dict(standing(consultation).filter(kind=Kind.TOGETHER).values_list("second", "first"))
    if folded.pk in joined:
        raise Conflict(_("The second claim was joined with another one already; undo that first."))
    if kept.pk in joined:
        raise Conflict(_("The claim to keep was joined with another one; keep that one instead."))
    relatives = families(consultation)
    ours = relatives.get(kept.pk, frozenset({kept.pk}))
    theirs = relatives.get(folded.pk, frozenset({folded.pk}))
    pairs = {pair_of(one, other): () for one in ours for other in theirs}
    for decision in standing(consultation).filter(kind__in=(*APART, Kind.OPPOSED)):
        if pair_of(decision.first_id, decision.second_id) in pairs:
            raise Conflict(str(WHY_NOT[Kind(decision.kind)]))


WHY_NOT = {
    Kind.SEPARATED: gettext_lazy(
        "An author took her sentence out of this: it means something else."
    ),
    Kind.SPLIT: gettext_lazy("These were parted by an organizer; undo that first."),
    Kind.APART: gettext_lazy("An organizer keeps these apart; undo that first."),
    Kind.OPPOSED: gettext_lazy("These were confirmed to contradict each other; undo that first."),
}


def check_not_joined(consultation: Consultation, first: Claim, second: Claim) -> None:
    """Go on where the two do not count as the same."""
    if second.pk in families(consultation).get(first.pk, ()):
        raise Conflict(_("These were joined as saying the same; undo that first."))


def earlier(consultation: Consultation, **fields: object) -> Decision | None:
    """A standing decision that says exactly this already."""
    return standing(consultation).filter(**fields).first()
