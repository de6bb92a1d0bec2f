"""Whether a spec says what its votes say: every stated number beside one computed again.

Numpy is all this needs. No stage of the aggregation is called: each formula is written a second
time. Two things are shared: the seeded k-means of `aggregation.kmeans`, a procedure with draws and
no formula, and the proofs of this package, which have no other writing (tests hold them to brute
force).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aggregation.certify.checks import budgets, certificates, clauses, examples, people, rules
from aggregation.certify.checks.outline import Outline
from aggregation.certify.recompute.ballots import Ballots
from aggregation.certify.recompute.everything import Parameters, Recomputation
from aggregation.certify.stated import Check, Malformed, Node

if TYPE_CHECKING:
    from aggregation.votes import VoteTable

SECTIONS = (
    *(people.votes_digest, people.population, people.summary, people.method),
    *(people.opinion_groups, people.sections),
    *(clauses.clauses, examples.examples, budgets.selections, rules.contested),
    *(certificates.completion, certificates.weights),
)


def verify(spec: dict[str, Any], votes: VoteTable) -> list[Check]:
    """Every check of a spec document against the votes it was made from.

    spec : a document as JSON gives it, true or not; votes : participants may have other names and
        another order than in the run, as names decide nothing

    A document or votes of another shape than expected fail a check that names the place; nothing
    is raised. Whole numbers and words must be equal, other numbers within the check's tolerance.
    """
    document = Node("", spec)
    checks = list(_guarded(people.document_digest(document)))
    try:
        again = recomputation(document, votes)
    except Malformed as fault:
        return [*checks, _failed(fault)]
    return [*checks, *compare(spec, again)]


def recomputation(document: Node, votes: VoteTable) -> Recomputation:
    """All that follows from votes and a document's parameters; Malformed where they do not fit."""
    parameters = Parameters.read(document)
    return Recomputation(Ballots.read(votes, parameters.claims), parameters)


def compare(spec: dict[str, Any], again: Recomputation) -> Iterator[Check]:
    """A document beside a recomputation with the same parameters, one check after the other."""
    try:
        outline = Outline.of(Node("", spec), again)
    except Malformed as fault:
        yield _failed(fault)
        return
    for section in SECTIONS:
        yield from _guarded(section(outline))


def _guarded(checks: Iterator[Check]) -> Iterator[Check]:
    """The checks, and where the document is malformed a failed one in place of the rest."""
    try:
        yield from checks
    except Malformed as fault:
        yield _failed(fault)


def _failed(fault: Malformed) -> Check:
    return Check(fault.path, False, fault.found, fault.rule, 0.0)
