"""The only place where rows become arrays: what a run is given, frozen in one file.

The file is written once. A run that is taken up again reads it, so that its answer is the same
however many people reacted meanwhile.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import rfc8785
from django.db.models import Max

from aggregation.text import identify
from aggregation.types import (
    Answer,
    Claim,
    Contradiction,
    Corpus,
    Curation,
    Moderation,
    Scenario,
    Span,
    Statement,
)
from aggregation.votes import VoteTable, natural_key
from civic.analysis.models import Run
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.curation.selectors import curation_of, folded
from civic.intake.models import ImportJob
from civic.judging.models import VOTES as JUDGED
from civic.judging.models import Judgement, MachineAnswer
from civic.judging.selectors import counted
from civic.reactions.models import VOTES, Reaction
from civic.statements.models import Claim as ClaimRow
from civic.statements.models import Segment
from civic.statements.models import Statement as StatementRow

Head: TypeAlias = dict[str, Any]
Columns: TypeAlias = dict[str, np.ndarray]
Passage: TypeAlias = tuple[str, int, int]  # statement key, start, end

# One entry per vote; participant and claim are places in the lists of the head.
COLUMNS = {
    "participant": "<i8",
    "claim": "<i8",
    "value": "|i1",
    "served": "|b1",
    "importance": "<f8",
    "probability": "<f8",
}
# One entry per judgement of a machine's answer; places in the lists of the head, as above.
JUDGEMENTS = {"judge": "<i8", "answer": "<i8", "judgement": "|i1", "shown": "|b1"}
ALL_COLUMNS = COLUMNS | JUDGEMENTS


class Given(NamedTuple):
    """What a run is given; `judgements` is None where nobody judged an answer."""

    corpus: Corpus
    votes: VoteTable
    judgements: VoteTable | None


def freeze(run: Run) -> Given:
    """The run's input: read from its file, or gathered now and stored with its digest."""
    if not run.snapshot_file:
        head, columns = gather(run.consultation)
        digest = digest_of(head, columns)
        name = f"runs/{run.uuid}/input-{run.attempts}.npz"
        files.write(name, [pack(head, columns)])
        # The first file counts, should two workers ever come this far.
        Run.objects.filter(pk=run.pk, snapshot_file="").update(
            snapshot_file=name, input_digest=digest
        )
        run.refresh_from_db(fields=["snapshot_file", "input_digest"])
    return unpack(files.read(run.snapshot_file))


def gather(consultation: Consultation) -> tuple[Head, Columns]:
    """Everything a consultation holds, in canonical order: texts as JSON, votes as columns."""
    statements = _statements(consultation)
    claims = _claims(consultation, kept={one.pk for one in statements})
    people, votes = _votes([claim.pk for claim in claims])
    answers = _answers(consultation, among=claims)
    tried = _tried(consultation, answers, among=claims)
    judges, judgements = _judgements(consultation, answers)
    head: Head = {
        "title": consultation.title,
        "id": consultation.slug,
        "question": consultation.question,
        "language": _language(consultation),
        "licence": consultation.licence,
        "synthetic": consultation.is_synthetic,
        "as_of": newest_moment(consultation),
        "statements": [
            {
                "id": one.key,
                "text": one.text,
                "author": one.author.key if one.author else None,
                "language": one.language,
                "moderation": _moderation(one),
                "scenario": one.scenario,
            }
            for one in statements
        ],
        "scenarios": [
            {"id": one["key"], "title": one["title"], "text": one["text"]}
            for one in consultation.scenarios
        ],
        "claims": _spans(consultation, claims=claims, statements=statements),
        "curation": curation_of(consultation, claims),
        "participants": people,
        "answers": [
            {
                "id": one.key,
                "claim": tried[one.pk],
                "prompt": one.prompt,
                "text": one.text,
                "by": one.by,
                "prompt_by": one.prompt_by,
                "source": one.source,
            }
            for one in answers
        ],
        "judges": judges,
    }
    return head, votes | judgements


def _language(consultation: Consultation) -> str:
    """The language in which the organizer asks, for labels; "" where it cannot be told."""
    if consultation.languages:
        return str(consultation.languages[0])
    found = identify(f"{consultation.title}. {consultation.question}")
    return "" if found == "und" else found


def _statements(consultation: Consultation) -> list[StatementRow]:
    rows = consultation.statements.filter(withdrawn_at=None)
    statements = list(rows.select_related("author", "consultation"))
    return sorted(statements, key=lambda one: natural_key(one.key))


def _claims(consultation: Consultation, *, kept: set[int]) -> list[ClaimRow]:
    rows = consultation.claims.filter(is_hidden=False, statement__in=kept)
    rows = rows.select_related("statement__consultation")
    return sorted(rows, key=lambda one: natural_key(one.key))


def _spans(
    consultation: Consultation, *, claims: list[ClaimRow], statements: list[StatementRow]
) -> list[dict[str, Any]]:
    """Per claim its own passage and the others that were merged into it and meant."""
    keys = {one.pk: one.key for one in statements}
    members: defaultdict[int, list[Passage]] = defaultdict(list)
    rows = Segment.objects.meant().filter(claim__consultation=consultation)
    for claim_id, statement_id, start, end in rows.values_list(
        "claim_id", "statement_id", "start", "end"
    ):
        if statement_id in keys:
            members[claim_id].append((keys[statement_id], start, end))
    found = []
    for claim in claims:
        own = keys[claim.statement_id], claim.start, claim.end
        others = sorted(
            (one for one in members[claim.pk] if one != own),
            key=lambda one: (natural_key(one[0]), one[1]),
        )
        around = None
        if claim.context_start is not None and claim.context_end is not None:
            around = own[0], claim.context_start, claim.context_end
        found.append({"id": claim.key, "span": own, "members": others, "context": around})
    return found


def _moderation(statement: StatementRow) -> str:
    """Where statements are shown before they are read, shown is as good as accepted."""
    return Moderation.ACCEPTED.value if statement.is_shown else statement.moderation


def _votes(claims: list[int]) -> tuple[list[str], Columns]:
    """The people who answered these claims, and their latest answers by position in both lists."""
    rows = list(
        Reaction.objects.filter(claim__in=claims, is_latest=True, value__in=VOTES).values_list(
            "participant__key", "claim_id", "value", "served", "importance", "probability"
        )
    )
    people = sorted({row[0] for row in rows}, key=natural_key)
    person_at = {key: place for place, key in enumerate(people)}
    claim_at = {pk: place for place, pk in enumerate(claims)}
    placed = sorted(
        (person_at[person], claim_at[claim], VOTES[Reaction.Value(value)].value, *rest)
        for person, claim, value, *rest in rows
    )
    columns = list(zip(*placed, strict=True)) or [()] * len(COLUMNS)
    return people, {
        name: np.array(column, dtype=kind)
        for (name, kind), column in zip(COLUMNS.items(), columns, strict=True)
    }


def _answers(consultation: Consultation, *, among: list[ClaimRow]) -> list[MachineAnswer]:
    """The answers that try one of these claims."""
    kept = {claim.pk for claim in among}
    rows = MachineAnswer.objects.standing().filter(consultation=consultation)
    found = [one for one in rows.select_related("claim") if one.claim_id in kept]
    return sorted(found, key=lambda one: natural_key(one.key))


def _tried(
    consultation: Consultation, answers: list[MachineAnswer], *, among: list[ClaimRow]
) -> dict[int, str]:
    """Answer -> key of the claim that it tries: the one whose words stand for it, where joined."""
    keys = {claim.pk: claim.key for claim in among}
    into = folded(consultation) if answers else {}
    return {one.pk: keys.get(into.get(one.claim_id, 0), one.claim.key) for one in answers}


def _judgements(
    consultation: Consultation, answers: list[MachineAnswer]
) -> tuple[list[str], Columns]:
    """Who judged these answers, and everybody's latest word by position in both lists."""
    answer_at = {one.pk: place for place, one in enumerate(answers)}
    rows = [
        row
        for row in counted(consultation).values_list(
            "participant__key", "answer_id", "value", "served"
        )
        if row[1] in answer_at
    ]
    people = sorted({row[0] for row in rows}, key=natural_key)
    person_at = {key: place for place, key in enumerate(people)}
    placed = sorted(
        (person_at[person], answer_at[answer], JUDGED[Judgement.Value(value)].value, served)
        for person, answer, value, served in rows
    )
    columns = list(zip(*placed, strict=True)) or [()] * len(JUDGEMENTS)
    return people, {
        name: np.array(column, dtype=kind)
        for (name, kind), column in zip(JUDGEMENTS.items(), columns, strict=True)
    }


def newest_moment(consultation: Consultation) -> str:
    """The day of the newest input, ISO 8601 in UTC from its midnight; "" where nothing has a time.

    Specs tell it, and the second would be that of one person's act.
    """
    reactions = Reaction.objects.filter(claim__consultation=consultation)
    newest = [
        consultation.statements.aggregate(newest=Max("submitted_at"))["newest"],
        reactions.aggregate(newest=Max("given_at"))["newest"],
        counted(consultation).aggregate(newest=Max("given_at"))["newest"],
    ]
    told = [as_text(moment) for moment in newest if moment is not None]
    done = consultation.import_jobs.filter(status=ImportJob.Status.DONE)
    told += [report.get("as_of", "") for report in done.values_list("report", flat=True)]
    return f"{max(told)[:10]}T00:00:00Z" if any(told) else ""


def as_text(moment: datetime) -> str:
    """A moment as the library writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest_of(head: Head, columns: Columns) -> str:
    """SHA-256 of the content, whatever compresses the file."""
    state = hashlib.sha256(rfc8785.dumps(head))
    for name, kind in ALL_COLUMNS.items():
        state.update(np.ascontiguousarray(columns[name], dtype=kind).tobytes())
    return state.hexdigest()


def pack(head: Head, columns: Columns) -> bytes:
    """One file of both."""
    buffer = io.BytesIO()
    packed = np.frombuffer(rfc8785.dumps(head), dtype=np.uint8)
    np.savez_compressed(buffer, allow_pickle=False, head=packed, **columns)
    return buffer.getvalue()


def opened(content: bytes) -> tuple[Head, Columns]:
    """The texts and the columns in a file that `pack` made."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        nobody = {name: np.zeros(0, dtype=kind) for name, kind in JUDGEMENTS.items()}
        columns = {name: file[name] for name in ALL_COLUMNS if name in file}  # earlier files
        return json.loads(file["head"].tobytes()), nobody | columns


def unpack(content: bytes) -> Given:
    """What stands in a file that `pack` made."""
    head, columns = opened(content)
    people = np.array(head.pop("participants"), dtype=np.str_)
    statements = tuple(
        Statement(**one | {"moderation": Moderation(one["moderation"])})
        for one in head.pop("statements")
    )
    claims = tuple(
        Claim(
            id=one["id"],
            span=Span(*one["span"]),
            members=tuple(Span(*span) for span in one["members"]),
            context=Span(*one["context"]) if one.get("context") else None,
        )
        for one in head.pop("claims")
    )
    scenarios = tuple(Scenario(**one) for one in head.pop("scenarios", ()))
    decided = {name: _tuples(rows) for name, rows in head.pop("curation").items()}
    decided["contradictions"] = tuple(Contradiction(*row) for row in decided["contradictions"])
    head["curation"] = Curation(**decided)
    keys = np.array([claim.id for claim in claims], dtype=np.str_)
    votes = VoteTable.from_arrays(
        people[columns["participant"]],
        keys[columns["claim"]],
        columns["value"],
        importance=_optional(columns["importance"]),
        served=columns["served"],
        probability=_optional(columns["probability"]),
        duplicates="error",
    )
    answers = tuple(Answer(**one) for one in head.pop("answers", ()))
    judgements = _judged(head.pop("judges", ()), answers, columns)
    corpus = Corpus(
        statements=statements, claims=claims, scenarios=scenarios, answers=answers, **head
    )
    return Given(corpus, votes.reindex(keys.tolist()), judgements)


def _judged(judges: Sequence[str], answers: Sequence[Answer], columns: Columns) -> VoteTable | None:
    if not judges:
        return None
    people = np.array(judges, dtype=np.str_)
    names = np.array([one.id for one in answers], dtype=np.str_)
    return VoteTable.from_arrays(
        people[columns["judge"]],
        names[columns["answer"]],
        columns["judgement"],
        served=columns["shown"],
        duplicates="error",
    )


def _tuples(rows: list[list[Any]]) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(row) for row in rows)


def _optional(column: np.ndarray) -> list[float | None]:
    """NaN is how a file says "not known"."""
    return [None if np.isnan(number) else number for number in column.tolist()]
