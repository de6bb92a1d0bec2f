"""No stated number can be changed by 1e-3, or by 1, unseen: every one of a document is tried."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path

import forgeries
import pytest
import worlds

from aggregation import intake
from aggregation.certify.checks import budgets, certificates, clauses, people, rules
from aggregation.certify.checks.outline import Outline
from aggregation.certify.recompute.everything import Parameters
from aggregation.certify.stated import Malformed, Node
from aggregation.certify.verify import compare, recomputation, verify
from aggregation.run import aggregate

# What a forger who seals the document anew can change unseen: how the run was set, not what it
# found. Whatever a changed setting would have changed in the outcome is seen nevertheless.
ONLY_SEALED = {
    "version": "a name that the publisher gives",
    "method.policy.*": "thresholds: a political choice, and 1e-3 more need not move any claim",
    "method.seed": "draws: another seed may draw the same outcome",
    "method.bootstrap_resamples": "as many draws as were asked for",
    "method.embedding.*": "sentences are not among the votes, nor is what they resemble",
    "method.similarity.*": "the same",
    "sections.*.stability": "the same",
    "sections.*.topics.*.stability": "the same",
    "method.groups.k_max": "a bound that was not reached",
    "method.completion.rounds": "a bound that was not reached",
    "certificates.selections.*.tolerance": "how large a gap was to be put up with",
    "certificates.selections.*.prices.*": "a witness: any prices prove the bound that is checked",
}

LIKELY = {
    "population": [people.population],
    "groups": [people.opinion_groups],
    "certificates.completion": [certificates.completion],
    "certificates.selections": [budgets.selections],
    "certificates.contested": [rules.contested],
    "certificates.weights": [certificates.weights],
}


@pytest.fixture(scope="module")
def small():
    """The invented consultation's document and votes."""
    document = aggregate(worlds.corpus(), worlds.votes()).document
    return json.loads(json.dumps(document)), worlds.votes()


@pytest.fixture(scope="module")
def ccai(data_dir: Path):
    """A real document of some 10,000 numbers, and its votes."""
    folder = data_dir / "ccai"
    taken = intake.read_polis(
        folder / "comments.csv",
        None,
        folder / "participants-votes.csv",
        exclude=folder / "ids-to-toss.csv",
        title="CCAI",
        id="ccai",
    )
    outcome = aggregate(taken.corpus, taken.table())
    return json.loads(outcome.content), outcome.ballots


def forged(document):
    """Every number of a document with the values that a forger might put there."""
    for path in list(forgeries.numbers(document)):
        value = document
        for key in path:
            value = value[key]
        for step in (1e-3, 1) if isinstance(value, int) else (1e-3,):
            yield path, value + step


def is_caught(outline, path, votes):
    """Whether some check fails; looks first where one is likely to.

    outline : of the document that is being changed; it reads numbers when they are asked for
    """
    document, again = outline.document, outline.again
    try:
        if path[0] == "method" or path[:2] == ("certificates", "groups"):
            if Parameters.read(document) != again.parameters:
                again = recomputation(document, votes)
        elif path[0] == "clauses":
            checks = clauses.one_clause(outline, outline.clauses[path[1]])
            if any(not check.ok for check in checks):
                return True
        likely = LIKELY.get(".".join(map(str, path[: 2 if path[0] == "certificates" else 1])), [])
        checks = chain.from_iterable(section(outline) for section in likely)
        if any(not check.ok for check in checks):
            return True
    except Malformed:
        return True
    return any(not check.ok for check in compare(document.value, again))


def unseen(document, votes):
    """Patterns of the numbers that can be changed when the document is sealed anew."""
    again = recomputation(Node("", document), votes)
    assert all(check.ok for check in compare(document, again))
    outline = Outline.of(Node("", document), again)
    missed = set()
    for path, value in forged(document):
        with forgeries.altered(document, path, value):
            if not is_caught(outline, path, votes):
                missed.add(forgeries.pattern(path))
    return missed


def allowed(name):
    return any(fnmatchcase(name, listed) for listed in ONLY_SEALED)


@pytest.mark.slow
def test_a_changed_number_breaks_the_seal(small):
    """Whoever changes any number, and no more, is caught by the digest."""
    document, _ = small
    assert all(check.ok for check in people.document_digest(Node("", document)))
    for path, value in forged(document):
        with forgeries.altered(document, path, value):
            (check,) = people.document_digest(Node("", document))
            assert not check.ok, path


def test_a_number_that_follows_from_votes_cannot_be_changed_even_under_a_new_seal(small):
    """Only settings can be changed so, and the list of them is short."""
    document, votes = small
    assert [name for name in unseen(document, votes) if not allowed(name)] == []


@pytest.mark.slow
def test_no_number_of_a_real_document_can_be_changed_under_a_new_seal(ccai):
    """The same for some ten thousand numbers of a real consultation."""
    assert [name for name in unseen(*ccai) if not allowed(name)] == []


def test_a_new_seal_passes_for_itself(small):
    """The digest alone proves nothing about a forger who computes it anew."""
    document, votes = small
    changed = json.loads(json.dumps(document))
    changed["clauses"][0]["support"]["overall"]["agree"] += 1
    checks = verify(forgeries.sealed(changed), votes)
    assert checks[0].ok
    failed = [check.name for check in checks if not check.ok]
    assert failed == [f"clauses[{changed['clauses'][0]['id']}].support.overall.agree"]
