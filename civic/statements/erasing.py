"""What goes when somebody has her part deleted: every word of hers, and what was made of them.

Rows that others answered or that counts rest on stay, without a word in them: a statement becomes
a place and a date, a claim that nobody else's sentence carries on is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from civic.consultations.models import Membership
from civic.statements.heirs import settle
from civic.statements.models import Appeal, Claim, Flag, Segment, Translation


@dataclass(frozen=True)
class Words:
    """What somebody had written.

    statements : their keys. passages : her sentences and whatever else was made of them.
    claims : row numbers of the claims that stood in her words, or for them.
    """

    statements: frozenset[str] = frozenset()
    passages: frozenset[str] = frozenset()
    claims: tuple[int, ...] = ()


def forget_words(membership: Membership) -> Words:
    """Delete everything this person wrote here; call it inside the act's own transaction.

    Where others had said nearly the same, the oldest of their sentences carries a claim on.
    Returns what was deleted, so that the documents that quote it can be redacted.
    """
    mine = membership.statements.all()
    found = _words(membership)
    mine.update(
        text="",
        language="",
        withdrawn_at=Coalesce(F("withdrawn_at"), timezone.now()),
        prepared_at=Coalesce(F("prepared_at"), timezone.now()),
        sent_with=None,
    )
    Segment.objects.filter(statement__author=membership).delete()
    Translation.objects.filter(statement__author=membership).delete()
    settle(Claim.objects.filter(pk__in=found.claims).select_related("statement__consultation"))
    Claim.objects.filter(statement__author=membership).update(
        is_hidden=True, start=0, end=1, context_start=None, context_end=None, language=""
    )
    Flag.objects.filter(raised_by=membership).update(note="", raised_by=None)
    Flag.objects.filter(statement__author=membership).update(note="")
    appeals = Appeal.objects.filter(statement__author=membership)
    appeals.filter(outcome=Appeal.Outcome.OPEN).delete()
    appeals.update(words="")
    return found


def _words(membership: Membership) -> Words:
    rows = list(membership.statements.exclude(text="").prefetch_related("segments", "claims"))
    passages = {row.text for row in rows}
    for row in rows:
        passages |= {one.text for one in row.segments.all()}
        for claim in row.claims.all():
            passages.add(row.text[claim.start : claim.end])
            if claim.context_start is not None:
                passages.add(row.text[claim.context_start : claim.context_end])
    mine = membership.statements.all()
    claims = Claim.objects.filter(Q(statement__in=mine) | Q(segments__statement__in=mine))
    return Words(
        frozenset(mine.values_list("key", flat=True)),
        frozenset(one for one in passages if one.strip()),
        tuple(claims.distinct().values_list("pk", flat=True)),
    )
