"""The end of a preparation: what its last stage found becomes rows, all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from aggregation import prepare
from aggregation.types import Span
from civic.audit.services import record
from civic.consultations import files
from civic.statements import stages
from civic.statements.joining import span_of
from civic.statements.meaning import BATCH, own_words, texts_of
from civic.statements.models import Preparation, Segment
from civic.statements.pipeline import join_late
from civic.statements.stages import Outcome
from civic.statements.writing import Findings, Vector, vectors_of, write


def complete(preparation: Preparation, outcome: Outcome, *, digest: str) -> None:
    """Store what the last stage found. Its transaction is that of the shard: all, or nothing."""
    consultation = preparation.consultation
    rows = preparation.statements.filter(prepared_at=None)
    statements = {row.key: row for row in rows.select_related("consultation")}
    known = outcome.known
    own = len(outcome.first) - len(known)
    wordings = outcome.first[:own]
    late = join_late(
        consultation.pk,
        outcome.joined.claims,
        wordings,
        outcome.embedded,
        texts=lambda keys: texts_of(consultation.pk, keys),
        after=stages.input_of(preparation).newest,
    )
    vectors = vectors_of(outcome.first, outcome.embedded)
    found = Findings(
        passages=outcome.passages,
        claims=[claim for claim in outcome.joined.claims if claim.span not in late],
        into=late | {span: known[place] for span, place in outcome.joined.into.items()},
        vectors={span: vectors[span] for span in map(span_of, wordings) if span in vectors},
    )
    write(consultation, statements=statements, found=found)
    refresh_vectors(dict(zip(known, outcome.first[own:], strict=True)), vectors)
    preparation.status, preparation.finished_at = Preparation.Status.DONE, timezone.now()
    preparation.save(update_fields=["status", "finished_at"])
    content = {"claims": digest, "counts": preparation.counts}
    record("preparation.done", subject=preparation, content=content)
    transaction.on_commit(lambda: tidy(preparation))


def refresh_vectors(words: Mapping[int, prepare.Passage], vectors: Mapping[Span, Vector]) -> None:
    """Give claims (by row number) the vectors that they lack or have of another model."""
    claims = sorted(words)
    for start in range(0, len(claims), BATCH):
        changed = []
        for row in own_words(claim__in=claims[start : start + BATCH]).select_related("statement"):
            span = Span(row.statement.key, row.start, row.end)
            vector, space = vectors.get(span, (None, ""))
            if span == span_of(words[row.claim_id]) and row.vector_spec != space:
                row.vector, row.vector_spec = vector, space
                changed.append(row)
        Segment.objects.bulk_update(changed, ["vector", "vector_spec"])


def tidy(preparation: Preparation) -> None:
    """The files were steps on the way; what they came to is in the rows."""
    shutil.rmtree(files.path_of(stages.folder_of(preparation)), ignore_errors=True)
