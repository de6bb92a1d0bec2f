"""How passages and claims become rows: one place for one statement and for all of an import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from aggregation import embed, prepare
from aggregation.text import identify
from aggregation.types import Claim as CorpusClaim
from aggregation.types import Span
from civic.consultations.models import Consultation
from civic.statements.heirs import settle
from civic.statements.joining import span_of
from civic.statements.meaning import BATCH
from civic.statements.models import SHOWN, Claim, Segment, Statement

Vector = tuple[bytes, str]  # float16 little-endian, and the name of its space


@dataclass(frozen=True)
class Findings:
    """What was found in some statements of one consultation.

    passages : all their sentences. claims : the new ones, with members. into : passage -> row
    number of the claim that people had already. vectors : of the passages that were embedded.
    """

    passages: Sequence[prepare.Passage]
    claims: Sequence[CorpusClaim] = ()
    into: Mapping[Span, int] = field(default_factory=dict)
    vectors: Mapping[Span, Vector] = field(default_factory=dict)


def vectors_of(passages: Sequence[prepare.Passage], embedded: embed.Embedded) -> dict[Span, Vector]:
    """The vectors of these passages as rows keep them; without those that no model knows."""
    names = [spec.space for spec in embedded.specs]
    tables = [embedded.own(place).astype("<f2") for place in range(len(names))]
    return {
        span_of(passage): (tables[space][row].tobytes(), names[space])
        for row, (passage, space) in enumerate(zip(passages, embedded.space.tolist(), strict=True))
        if space >= 0
    }


def write(
    consultation: Consultation, *, statements: Mapping[str, Statement], found: Findings
) -> None:
    """Store what was found and mark the statements prepared. Call it in a transaction that holds
    the consultation's row, with statements (by key) that nobody prepared yet."""
    claim_at = _write_claims(consultation, statements=statements, found=found)
    claim_at.update(found.into)
    Segment.objects.bulk_create(
        (
            _segment(passage, statements[passage.statement].pk, found.vectors, claim_at)
            for passage in found.passages
        ),
        batch_size=BATCH,
    )
    _mark(statements.values(), found.passages)
    settle(_out_of_sight(consultation, found))


def _write_claims(
    consultation: Consultation, *, statements: Mapping[str, Statement], found: Findings
) -> dict[Span, int]:
    """The row number of the claim of each passage of the new claims."""
    passages = {span_of(passage): passage for passage in found.passages}
    rows = [
        _claim(consultation.pk, claim, passages[claim.span], statements[claim.span.statement].pk)
        for claim in found.claims
    ]
    made = Claim.objects.bulk_create(rows, batch_size=BATCH)
    return {
        span: row.pk
        for row, claim in zip(made, found.claims, strict=True)
        for span in (claim.span, *claim.members)
    }


def _claim(
    consultation_id: int, claim: CorpusClaim, passage: prepare.Passage, statement_id: int
) -> Claim:
    return Claim(
        consultation_id=consultation_id,
        key=claim.id,  # the same input names its claims the same
        statement_id=statement_id,
        start=claim.span.start,
        end=claim.span.end,
        context_start=claim.context.start if claim.context else None,
        context_end=claim.context.end if claim.context else None,
        language=passage.language,
        polarity=passage.polarity,
    )


def _segment(
    passage: prepare.Passage,
    statement_id: int,
    vectors: Mapping[Span, Vector],
    claim_at: Mapping[Span, int],
) -> Segment:
    span = span_of(passage)
    vector, space = vectors.get(span, (None, ""))
    return Segment(
        statement_id=statement_id,
        start=passage.start,
        end=passage.end,
        is_norm=passage.is_norm,
        polarity=passage.polarity,
        vector=vector,
        vector_spec=space,
        claim_id=claim_at.get(span),
    )


def _mark(statements: Iterable[Statement], passages: Sequence[prepare.Passage]) -> None:
    language = {passage.statement: passage.language for passage in passages}
    rows = list(statements)
    untold = [row for row in rows if not row.language]
    for row in untold:
        row.language = language.get(row.key) or identify(row.text)
    Statement.objects.bulk_update(untold, ["language"], batch_size=BATCH)
    now = timezone.now()
    for start in range(0, len(rows), BATCH):
        part = Statement.objects.filter(pk__in=[row.pk for row in rows[start : start + BATCH]])
        part.update(prepared_at=now, preparation=None)


def _out_of_sight(consultation: Consultation, found: Findings) -> Iterable[Claim]:
    """New claims in words that nobody may read, though somebody else's in them are shown."""
    merged = [claim.id for claim in found.claims if claim.members]
    for start in range(0, len(merged), BATCH):
        rows = consultation.claims.filter(key__in=merged[start : start + BATCH])
        shown = Statement.objects.filter(SHOWN)
        hidden = rows.exclude(statement__in=shown).filter(segments__statement__in=shown)
        yield from hidden.select_related("statement__consultation").distinct().order_by("pk")
