"""The worker's side of a new statement: sentences, language, norm, vector, claim.

Safe to repeat: whoever marks the statement prepared first stores, everybody else stops.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import rfc8785
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from aggregation import embed
from aggregation.cluster import FAMILY
from aggregation.text import identify, read, segment, side
from civic.consultations.models import Consultation
from civic.statements.models import Claim, Segment, Statement

EMBEDDER = "use3"
SAME = FAMILY  # cosine from which two sentences on the same side become one claim


@dataclass(frozen=True)
class Sentence:
    """What was found out about one sentence, before anything is stored."""

    start: int
    end: int
    is_norm: bool | None
    polarity: int
    side: int  # equal only where two sentences point the same way; opposites are near in meaning
    vector: NDArray[np.float16]


def prepare(statement_id: int) -> None:
    """Find a statement's sentences and attach each norm to a claim; does nothing twice."""
    statement = Statement.objects.filter(
        pk=statement_id, prepared_at=None, withdrawn_at=None
    ).first()
    if statement is None:
        return
    language = statement.language or identify(statement.text)
    embedder = embed.load(EMBEDDER)
    sentences = examine(statement.text, language=language, embedder=embedder)
    store(statement, language=language, sentences=sentences, spec=space_of(embedder))


def space_of(embedder: embed.Embedder) -> str:
    """A short name of the space an embedder's vectors live in: equal names, comparable vectors."""
    return hashlib.sha256(rfc8785.dumps(asdict(embedder.spec()))).hexdigest()


def prepare_waiting(consultation_id: int) -> None:
    """Prepare all statements of a consultation that nobody prepared yet, oldest first."""
    waiting = Statement.objects.filter(
        consultation=consultation_id, prepared_at=None, withdrawn_at=None
    )
    for statement_id in list(waiting.order_by("pk").values_list("pk", flat=True)):
        prepare(statement_id)


def examine(text: str, *, language: str, embedder: embed.Embedder) -> list[Sentence]:
    """Read every sentence of a text: span, norm or context, polarity, unit vector."""
    spans = segment(text, language)
    readings = [read(text[start:end], language) for start, end in spans]
    vectors = embedder.embed([text[start:end] for start, end in spans], [language] * len(spans))
    return [
        Sentence(
            start,
            end,
            reading.is_norm,
            reading.polarity,
            side(text[start:end], language, reading),
            vector.astype("<f2"),
        )
        for (start, end), reading, vector in zip(spans, readings, vectors, strict=True)
    ]


@transaction.atomic
def store(statement: Statement, *, language: str, sentences: Sequence[Sentence], spec: str) -> None:
    """Write the sentences, and join each norm to a claim that says nearly the same, or make one."""
    # One statement of a consultation at a time, so that two equal sentences meet.
    Consultation.objects.select_for_update().get(pk=statement.consultation_id)
    unprepared = Statement.objects.filter(pk=statement.pk, prepared_at=None)
    if not unprepared.update(prepared_at=timezone.now(), language=language):
        return
    # Beside a plain norm, a sentence that the rules cannot read is context; alone, it may be one.
    told = any(sentence.is_norm for sentence in sentences)
    for sentence in sentences:
        claim = None
        if sentence.is_norm or (sentence.is_norm is None and not told):
            claim = near_claim(statement.consultation_id, sentence=sentence, spec=spec)
            claim = claim or new_claim(statement, sentence=sentence, language=language)
        Segment.objects.create(
            statement=statement,
            start=sentence.start,
            end=sentence.end,
            is_norm=sentence.is_norm,
            polarity=sentence.polarity,
            vector=sentence.vector.tobytes(),
            vector_spec=spec,
            claim=claim,
        )


def new_claim(statement: Statement, *, sentence: Sentence, language: str) -> Claim:
    """A claim in this sentence's own words."""
    return Claim.objects.create(
        consultation_id=statement.consultation_id,
        key=f"{statement.key}.{sentence.start}",  # the same input names its claims the same
        statement=statement,
        start=sentence.start,
        end=sentence.end,
        language=language,
        polarity=sentence.polarity,
    )


def near_claim(consultation_id: int, *, sentence: Sentence, spec: str) -> Claim | None:
    """The claim whose words are nearest, if they say the same in the same direction."""
    peers = Segment.objects.filter(
        claim__consultation=consultation_id,
        claim__is_hidden=False,
        statement__withdrawn_at=None,
        polarity=sentence.polarity,
        vector_spec=spec,
    ).exclude(statement__moderation=Statement.Moderation.REJECTED)
    rows = list(peers.order_by("pk").values_list("pk", "vector"))
    if not rows:
        return None
    vectors = np.frombuffer(b"".join(bytes(vector) for _, vector in rows), "<f2")
    cosines = vectors.reshape(len(rows), -1).astype(np.float32) @ sentence.vector.astype(np.float32)
    for row in np.argsort(-cosines, kind="stable"):
        if cosines[row] < SAME:
            return None
        peer = Segment.objects.select_related("statement", "claim").get(pk=rows[row][0])
        if side(peer.text, peer.statement.language) == sentence.side:
            return peer.claim
    return None
