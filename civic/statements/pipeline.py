"""The worker's side of one new statement: its sentences, their vectors, the claims they belong to.

The same functions prepare a whole import (`stages`). Safe to repeat: whoever holds the consultation
and finds the statement unprepared stores, everybody else stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from aggregation import embed, prepare
from aggregation.cluster import Pairs
from aggregation.types import Claim, Span
from civic.consultations.models import Consultation
from civic.statements.joining import LEAST, Texts, attachments, join, span_of
from civic.statements.meaning import Known, Words, as_corpus, known_claims, router_now, words_of
from civic.statements.models import Statement
from civic.statements.writing import Findings, vectors_of, write


@dataclass(frozen=True)
class Reading:
    """What was found in one statement before anything is compared.

    first : the passage that stands for each wording, in the order of `embedded`
    spec : the space of its vectors; None where no model knows the language
    """

    passages: tuple[prepare.Passage, ...]
    norms: tuple[prepare.Passage, ...]
    first: tuple[prepare.Passage, ...]
    embedded: embed.Embedded
    spec: embed.EmbedderSpec | None
    vectors: NDArray[np.float32]


def prepare_statement(statement_id: int) -> None:
    """Find a statement's sentences and attach each norm to a claim; does nothing twice."""
    waiting = Statement.objects.filter(
        pk=statement_id, prepared_at=None, withdrawn_at=None, preparation=None
    )
    statement = waiting.first()
    if statement is None:
        return
    reading = read_statement(statement)
    consultation_id = statement.consultation_id
    scenario = statement.scenario
    known = near(consultation_id, reading, scenario=scenario)
    with transaction.atomic():
        # One statement of a consultation at a time, so that two equal sentences meet.
        consultation = Consultation.objects.select_for_update().get(pk=consultation_id)
        if not waiting.exists():
            return
        later = near(consultation_id, reading, after=known.newest, scenario=scenario)
        known = known.plus(later)
        write(
            consultation,
            statements={statement.key: statement},
            found=find(statement, reading, known),
        )


def read_statement(statement: Statement) -> Reading:
    """Its sentences, and a vector for each norm."""
    passages = prepare.read_shard([as_corpus(statement)])
    norms = prepare.norms(passages)
    first = tuple(norms[row] for row in prepare.fold(norms).first.tolist())
    embedded = prepare.embed_shard(first, {statement.key: statement.text}, router_now())
    space = int(embedded.space[0]) if first else -1  # one language, one space
    spec = embedded.specs[space] if space >= 0 else None
    vectors = embedded.vectors if spec is None else embedded.own(space)
    return Reading(passages, norms, first, embedded, spec, vectors)


def near(consultation_id: int, reading: Reading, *, after: int = 0, scenario: str = "") -> Known:
    """Claims about the same situation that one of the sentences may join, of a row number above
    `after`: one query."""
    if reading.spec is None:
        return Known((), np.zeros((0, reading.vectors.shape[1]), dtype=np.float16))
    known = known_claims(consultation_id, reading.spec, after=after, scenario=scenario)
    return known.near(reading.vectors, LEAST)


def find(statement: Statement, reading: Reading, known: Known) -> Findings:
    """Which claims the sentences join, and which are new."""
    words, pairs = meet(statement.consultation_id, reading.first, reading.vectors, known)
    texts = words.texts | {statement.key: statement.text}
    joined = join(reading.norms, words.passages, reading.vectors, pairs, texts=lambda _: texts)
    return Findings(
        passages=reading.passages,
        claims=joined.claims,
        into={span: words.claims[place] for span, place in joined.into.items()},
        vectors=vectors_of(reading.first, reading.embedded),
    )


def meet(
    consultation_id: int,
    first: Sequence[prepare.Passage],
    vectors: NDArray[np.float32],
    known: Known,
) -> tuple[Words, Pairs]:
    """What the known claims say, and the pairs of wordings with each other and with those."""
    words = words_of(consultation_id, known.claims)
    place = {claim: row for row, claim in enumerate(known.claims)}
    theirs = known.vectors[[place[claim] for claim in words.claims]].astype(np.float32)
    marks = prepare.marks_of([*first, *words.passages])
    rows = range(len(first))
    return words, prepare.pairs_shard(np.concatenate([vectors, theirs]), marks, rows)


def join_late(
    consultation_id: int,
    claims: Sequence[Claim],
    passages: Sequence[prepare.Passage],
    embedded: embed.Embedded,
    *,
    texts: Texts,
    after: int,
) -> dict[Span, int]:
    """The claims made since `after` that new claims, not stored yet, say the same as.

    passages, embedded : the wordings that the claims are among, with their vectors
    """
    into: dict[Span, int] = {}
    row_of = {span_of(passage): row for row, passage in enumerate(passages)}
    rows = np.array([row_of[claim.span] for claim in claims], dtype=np.int64)
    for space, spec in enumerate(embedded.specs):
        places = np.flatnonzero(embedded.space[rows] == space).tolist()
        first = [passages[rows[place]] for place in places]
        vectors = embedded.own(space)[rows[places]]
        known = known_claims(consultation_id, spec, after=after).near(vectors, LEAST)
        if not known.claims:
            continue
        words, pairs = meet(consultation_id, first, vectors, known)
        own = len(first)
        theirs = words.texts | texts({one.statement for one in first})
        near = attachments([*first, *words.passages], pairs, theirs, own=own)
        for row, other in near.items():
            claim = claims[places[row]]
            into |= dict.fromkeys((claim.span, *claim.members), words.claims[other - own])
    return into
