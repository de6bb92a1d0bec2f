"""Puts statements and votes of a Polis export together and says which choices that took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from aggregation.errors import IntakeError, Problem
from aggregation.intake import cells
from aggregation.intake.ballots import Ballots
from aggregation.intake.comments import Comments
from aggregation.intake.model import Intake, Participant, VoteArrays
from aggregation.intake.report import WHOLE_FILE, listed
from aggregation.types import BoolArray, Corpus, IntArray, Moderation, Statement
from aggregation.votes import natural_key

ModerationMode: TypeAlias = Literal["auto", "strict", "open"]


@dataclass(frozen=True)
class Source:
    """Votes, and the name of the file they came from."""

    file: str
    ballots: Ballots


def assemble(
    comments: Comments,
    source: Source,
    *,
    matrix: Source | None,
    excluded: Sequence[str],
    moderation: ModerationMode,
) -> Intake:
    """The votes of `source` on these comments, without those of excluded people.

    matrix : where people's groups come from; compared with `source` if that is another file
    Raises IntakeError where no vote is left.
    """
    votes = _arrays(source.ballots, comments, excluded=frozenset(excluded))
    if not len(votes):
        raise IntakeError((_no_votes(source, excluded=bool(excluded)),))
    statements, choice = _moderated(comments.statements, mode=moderation)
    everyone = _everyone(source, matrix)
    people = tuple(one for one in everyone if one.id not in set(excluded))
    newest = max(comments.newest, source.ballots.newest)
    silent = len(statements) - len(set(votes.claim))
    notes = [
        choice,
        *_repetition_notes(source.ballots),
        *(_matrix_notes(source, matrix, comments) if matrix is not None else ()),
        *_exclusion_notes(
            excluded, everyone, statements, lost=len(source.ballots.value) - len(votes)
        ),
    ]
    if silent:
        notes.append(f"Statements without votes: {silent:,} of {len(statements):,}.")
    own = int((~votes.served).sum())
    if own:
        notes.append(f"Votes by authors on what they wrote: {own:,}, counted as not served.")
    return Intake(
        corpus=Corpus(
            title="",
            statements=statements,
            claims=comments.claims,
            as_of=cells.iso(newest) if newest else "",
        ),
        votes=votes,
        participants=people,
        notes=tuple(notes),
        counts=_counts(comments.statements, votes, people=len(people), source=source.ballots),
    )


def _arrays(ballots: Ballots, comments: Comments, *, excluded: frozenset[str]) -> VoteArrays:
    """The ballots in natural order of person and comment, with own votes marked not served."""
    order = sorted(range(len(ballots.people)), key=lambda n: natural_key(ballots.people[n]))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    allowed = np.array([person not in excluded for person in ballots.people], dtype=np.bool_)
    rows = np.lexsort((ballots.comment, rank[ballots.person]))
    rows = rows[allowed[ballots.person[rows]]]
    participant = np.array(ballots.people, dtype=np.object_)[ballots.person[rows]]
    ids = np.array([one.id for one in comments.statements], dtype=np.object_)
    authors = np.array([one.author for one in comments.statements], dtype=np.object_)
    comment = ballots.comment[rows]
    served: BoolArray = authors[comment] != participant
    return VoteArrays(
        participant=participant,
        claim=ids[comment],
        value=ballots.value[rows],
        served=served.astype(np.bool_),
        timestamp=None if ballots.time is None else ballots.time[rows],
    )


def _no_votes(source: Source, *, excluded: bool) -> Problem:
    """That there is nothing to count."""
    rule = "No vote was cast on any statement."
    if excluded:
        rule = "No vote is left once the excluded participants are taken out."
    remedy = "Give the file of votes that belongs to these statements."
    return Problem(source.file, None, WHOLE_FILE, rule, remedy)


def _moderated(
    statements: tuple[Statement, ...], *, mode: ModerationMode
) -> tuple[tuple[Statement, ...], str]:
    """The statements under a mode of moderation, and the choice in a sentence."""
    number = Counter(one.moderation for one in statements)
    accepted, waiting, rejected = (number[word] for word in Moderation)
    tally = f"Moderation: {accepted:,} accepted, {waiting:,} undecided, {rejected:,} rejected"
    if mode == "strict" or (mode == "auto" and accepted):
        return statements, f"{tally}; only accepted statements are used (strict)."
    used = tuple(
        replace(one, moderation=Moderation.ACCEPTED)
        if one.moderation is Moderation.WAITING
        else one
        for one in statements
    )
    return used, f"{tally}; undecided statements are used too (open)."


def _everyone(source: Source, matrix: Source | None) -> tuple[Participant, ...]:
    """All people of both files in natural order, with the groups that the matrix gives."""
    groups: dict[str, str] = dict.fromkeys(source.ballots.people, "")
    if matrix is not None:
        groups |= dict.fromkeys(matrix.ballots.people, "") | dict(matrix.ballots.groups)
    ids = sorted(groups, key=natural_key)
    return tuple(Participant(person, group=groups[person] or None) for person in ids)


def _repetition_notes(ballots: Ballots) -> Iterable[str]:
    if ballots.repeated:
        yield (
            f"Repeated votes dropped: {ballots.repeated:,}; of one person's votes on one comment "
            f"the latest counts."
        )
    if ballots.tied:
        yield (
            f"Repeated votes of the same time but another answer: {ballots.tied:,}; the one "
            f"further down the file counts."
        )


def _matrix_notes(source: Source, matrix: Source, comments: Comments) -> Iterable[str]:
    """Comments without a column, and cells in which the matrix differs from the log."""
    columns = matrix.ballots.columns or frozenset()
    missing = [one.id for n, one in enumerate(comments.statements) if n not in columns]
    if missing:
        yield f"Comments without a column in {matrix.file}: {listed(missing)}."
    if source is matrix:
        return
    people = {person: n for n, person in enumerate(source.ballots.people)}
    for person in matrix.ballots.people:
        people.setdefault(person, len(people))
    width = len(comments.statements)
    ours, theirs = (_cells(one.ballots, people, width=width) for one in (source, matrix))
    shared, left, right = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
    changed = int((source.ballots.value[left] != matrix.ballots.value[right]).sum())
    extra, lacking = len(ours) - len(shared), len(theirs) - len(shared)
    if changed or extra or lacking:
        yield (
            f"Cells in which {matrix.file} differs from {source.file}: "
            f"{changed + extra + lacking:,} ({changed:,} with another vote, {extra:,} empty, "
            f"{lacking:,} filled only there); {source.file} counts."
        )


def _cells(ballots: Ballots, people: dict[str, int], *, width: int) -> IntArray:
    """One number per vote that stands for its person and comment."""
    shared = np.array([people[person] for person in ballots.people], dtype=np.int64)
    return shared[ballots.person] * width + ballots.comment


def _exclusion_notes(
    excluded: Sequence[str],
    everyone: Sequence[Participant],
    statements: Sequence[Statement],
    *,
    lost: int,
) -> Iterable[str]:
    if not excluded:
        return
    known = {one.id for one in everyone}
    gone = sum(person in known for person in excluded)
    written = sum(one.author in set(excluded) for one in statements)
    yield (
        f"Excluded participants: {gone:,}, with {lost:,} votes; the statements they wrote "
        f"({written:,}) stay as moderated."
    )
    unknown = [person for person in excluded if person not in known]
    if unknown:
        yield f"Ids to exclude that are not among the participants: {listed(unknown)}."


def _counts(
    statements: Sequence[Statement], votes: VoteArrays, *, people: int, source: Ballots
) -> dict[str, int]:
    """What a person wants to see before she confirms the import."""
    moderated = Counter(one.moderation for one in statements)
    return {
        "statements": len(statements),
        "accepted": moderated[Moderation.ACCEPTED],
        "undecided": moderated[Moderation.WAITING],
        "rejected": moderated[Moderation.REJECTED],
        "participants": people,
        "voters": len(set(votes.participant)),
        "votes": len(votes),
        "agree": int((votes.value == 1).sum()),
        "unsure": int((votes.value == 0).sum()),
        "disagree": int((votes.value == -1).sum()),
        "own votes": int((~votes.served).sum()),
        "repeated votes": source.repeated,
        "excluded votes": len(source.value) - len(votes),
    }
