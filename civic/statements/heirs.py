"""Whose words a claim stands in, once its own have gone out of sight."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from aggregation.text.standing import sentences
from civic.statements.models import Claim, Segment, Statement


def settle(claims: Iterable[Claim]) -> None:
    """Let each claim stand in words that everybody may read and that their author meant.

    Where the words of a claim went out of sight, the oldest other sentence that was merged into it
    carries it on. Whoever reacted keeps her reaction: the other sentence says nearly the same.
    Where its author took them back and nobody else said so, the claim itself goes out of sight.
    """
    for claim in claims:
        is_meant = not _own_words(claim).filter(verdict=Segment.Verdict.NO).exists()
        if claim.statement.is_shown and is_meant:
            continue
        shown = Statement.objects.shown()
        heirs = Segment.objects.meant().filter(claim=claim, statement__in=shown)
        heir = heirs.select_related("statement").order_by("statement__created_at", "pk").first()
        if heir is not None:
            _hand_on(claim, heir)
        elif not is_meant:
            Claim.objects.filter(pk=claim.pk).update(is_hidden=True)


def bring_back(segment: Segment) -> None:
    """Put a sentence that its author means after all to the vote again, in its claim."""
    claim = Claim.objects.filter(pk=segment.claim_id).first()
    if claim is None:
        return
    if _own_words(claim).filter(pk=segment.pk).exists():
        Claim.objects.filter(pk=claim.pk).update(is_hidden=False)
    settle([claim])


def _own_words(claim: Claim) -> QuerySet[Segment]:
    return Segment.objects.filter(
        claim=claim, statement=claim.statement_id, start=claim.start, end=claim.end
    )


def _hand_on(claim: Claim, heir: Segment) -> None:
    claim.statement, claim.start, claim.end = heir.statement, heir.start, heir.end
    claim.context_start, claim.context_end = around(heir)
    claim.language, claim.is_hidden = heir.statement.language, False
    claim.save(
        update_fields=[
            *("statement", "start", "end", "context_start", "context_end"),
            *("language", "is_hidden"),
        ]
    )


def around(segment: Segment) -> tuple[int, int] | tuple[None, None]:
    """What a reader needs around a sentence that cannot stand alone; (None, None) for others."""
    statement = segment.statement
    found = sentences(statement.text, statement.language)
    own = next((one for one in found if (one.start, one.end) == (segment.start, segment.end)), None)
    return own.context if own is not None and own.leans else (None, None)


def settle_claims(statement: Statement) -> None:
    """Let each claim that this statement touches stand in words that everybody may read."""
    touched = Claim.objects.filter(Q(statement=statement) | Q(segments__statement=statement))
    settle(touched.distinct().select_related("statement__consultation"))
