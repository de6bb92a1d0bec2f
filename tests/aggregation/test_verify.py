"""Whether a spec says what its votes say: by whoever has both, with numpy alone."""

from __future__ import annotations

import copy
import json
import math
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import forgeries
import numpy as np
import pytest
import worlds

from aggregation.certify.checks import people
from aggregation.certify.recompute.everything import Parameters
from aggregation.certify.stated import Malformed, Node
from aggregation.certify.verify import compare, recomputation, verify
from aggregation.run import aggregate
from aggregation.types import Claim, Corpus, Settings, Span, Statement
from aggregation.votes import VoteTable


@pytest.fixture(scope="module")
def spec():
    document = aggregate(worlds.corpus(), worlds.votes()).document
    return json.loads(json.dumps(document))


def failed(document, votes):
    return [check.name for check in verify(document, votes) if not check.ok]


def test_a_spec_holds_against_its_votes(spec):
    """Every stated number is found again."""
    checks = verify(spec, worlds.votes())
    assert len(checks) > 300
    assert [check for check in checks if not check.ok] == []


def test_the_published_ballots_are_enough():
    """People numbered instead of named give the same figures."""
    outcome = aggregate(worlds.corpus(), worlds.votes())
    assert failed(json.loads(outcome.content), outcome.ballots) == []


def test_names_and_order_decide_nothing(spec):
    """Renamed people in another order, read in another order, still carry the document."""
    who, what, value = worlds.ballots()
    order = np.random.default_rng(5).permutation(len(who))
    renamed = np.array([f"q{hash(name) % 10**9}-{name[::-1]}" for name in who])
    table = VoteTable.from_arrays(renamed[order], what[order], value[order])
    assert failed(spec, table) == []


def test_a_single_changed_vote_is_seen(spec):
    """Even by somebody who forges both digests after it: the counts have moved."""
    who, what, value = worlds.ballots()
    value = value.copy()
    value[17] = -1 if value[17] >= 0 else 1
    table = VoteTable.from_arrays(who, what, value)
    found = failed(spec, table)
    assert "provenance.votes_digest" in found
    changed = copy.deepcopy(spec)
    changed["provenance"]["votes_digest"] = f"sha256:{table.content_digest()}"
    found = failed(forgeries.sealed(changed), table)
    assert any(name.startswith("clauses[") for name in found)
    assert "document_digest" not in found
    assert "provenance.votes_digest" not in found


@pytest.mark.parametrize("change", ["lost", "not_served", "stranger"])
def test_lost_added_and_unserved_votes_are_seen(spec, change):
    """A vote less, a voter more, or a vote that nobody asked for."""
    who, what, value = worlds.ballots()
    served = np.ones(len(who), dtype=bool)
    if change == "lost":
        who, what, value, served = who[1:], what[1:], value[1:], served[1:]
    elif change == "not_served":
        served[3] = False
    else:
        who, what, value = np.append(who, "new"), np.append(what, "3"), np.append(value, 1)
        served = np.append(served, True)
    table = VoteTable.from_arrays(who, what, value, served=served)
    found = failed(spec, table)
    assert "provenance.votes_digest" in found
    assert any(name.startswith("population.") for name in found)


def test_a_vote_on_an_unknown_claim_is_named(spec):
    """Votes that do not belong to the document fail a check instead of being left out."""
    who, what, value = worlds.ballots()
    table = VoteTable.from_arrays(
        np.append(who, "p0"), np.append(what, "no such claim"), np.append(value, 1)
    )
    (check,) = [check for check in verify(spec, table) if not check.ok]
    assert (check.name, check.stated) == ("votes", "no such claim")


def test_the_figures_in_words_are_checked_too(spec):
    """The summary says how many took part; nobody can make it more."""
    changed = copy.deepcopy(spec)
    changed["summary"] = spec["summary"].replace("240 people", "2,400 people")
    assert failed(forgeries.sealed(changed), worlds.votes()) == ["summary"]


def test_a_failed_check_names_the_place(spec):
    """The path leads to the group's own figure, with both values beside it."""
    changed = copy.deepcopy(spec)
    clause = changed["clauses"][0]
    clause["support"]["by_group"][0]["lo"] += 1e-3
    (check,) = [c for c in verify(forgeries.sealed(changed), worlds.votes()) if not c.ok]
    assert check.name == f"clauses[{clause['id']}].support.by_group[A].lo"
    assert check.stated == pytest.approx(check.recomputed + 1e-3, abs=check.tolerance)


# -- other worlds ----------------------------------------------------------------------------------


def test_negated_votes_are_verified_as_well():
    """Turning every answer round gives another spec that holds as firmly."""
    outcome = aggregate(worlds.corpus(), worlds.votes(sign=-1))
    assert failed(json.loads(outcome.content), worlds.votes(sign=-1)) == []


def test_hidden_cells_are_verified_as_hidden():
    """Where few of one camp answered, no count of either camp may be shown."""
    who, what, value = worlds.ballots()
    few = (what == "3") & (np.array([int(name[1:]) % 2 for name in who]) == 1)
    keep = ~few | (np.cumsum(few) <= 4)
    table = VoteTable.from_arrays(who[keep], what[keep], value[keep])
    document = json.loads(aggregate(worlds.corpus(), table).content)
    assert failed(document, table) == []
    clause = next(c for c in document["clauses"] if c["claim"] == "3")
    clause["support"]["by_group"][1] = {"group": "B", "n": 4, "suppressed": True}
    name = f"clauses[{clause['id']}].support.by_group[B].n"
    assert failed(forgeries.sealed(document), table) == [name]


def test_a_later_version_is_verified_with_what_it_held(spec):
    """The thresholds of what was adopted before are lower, and the document says by how much."""
    who, what, value = worlds.ballots(seed=7, people=200)
    table = VoteTable.from_arrays(who, what, value)
    document = aggregate(worlds.corpus(), table, Settings(version=2), previous=spec).document
    assert any(clause["held"] for clause in document["clauses"])
    assert failed(json.loads(json.dumps(document)), table) == []


def test_unserved_votes_and_what_is_known_of_them_are_verified():
    """Importance, serving probability and what was not served are part of the ballots."""
    who, what, value = worlds.ballots()
    rng = np.random.default_rng(3)
    table = VoteTable.from_arrays(
        who,
        what,
        value,
        served=rng.random(len(who)) < 0.9,
        importance=[None if draw < 0.5 else 1 + int(draw * 5) for draw in rng.random(len(who))],
        probability=[None if draw < 0.5 else draw for draw in rng.random(len(who))],
    )
    outcome = aggregate(worlds.corpus(), table)
    assert failed(json.loads(outcome.content), table) == []
    assert failed(json.loads(outcome.content), outcome.ballots) == []


@pytest.mark.parametrize("voters", [0, 1, 3, 14, 40])
def test_hardly_any_votes_are_verified(voters):
    """No votes, one voter and a small room give documents that hold."""
    who, what, value = worlds.ballots()
    keep = np.isin(who, [f"p{person}" for person in range(voters)])
    table = VoteTable.from_arrays(who[keep], what[keep], value[keep])
    outcome = aggregate(worlds.corpus(), table)
    assert failed(json.loads(outcome.content), table) == []


def test_a_room_of_one_mind_is_verified():
    """Everybody agrees to everything: no plane, one group, no dissent."""
    who, what, _ = worlds.ballots()
    table = VoteTable.from_arrays(who, what, np.ones(len(who), dtype=int))
    outcome = aggregate(worlds.corpus(), table)
    assert failed(json.loads(outcome.content), table) == []


def test_an_empty_consultation_is_verified():
    """Nothing said, nobody there."""
    table = VoteTable.from_arrays([], [], [])
    outcome = aggregate(Corpus(title="", statements=(), claims=()), table)
    assert failed(json.loads(outcome.content), table) == []


def test_other_thresholds_and_seeds_are_verified():
    """Whatever the policy, the document is checked by its own."""
    policy = {"common_budget": 2, "voice_budget": 1, "should_pooled": 0.4, "min_reactions": 20}
    settings = Settings(seed=11, policy=policy, bootstrap=30)
    outcome = aggregate(worlds.corpus(), worlds.votes(), settings)
    assert failed(json.loads(outcome.content), worlds.votes()) == []


# -- no trust in what is given ---------------------------------------------------------------------

STRANGE = (
    *(None, "", "x", "\ud800", -1, 10**30, 10**400, 0.5, math.nan, -math.inf, True),
    *([], {}, [None], [[]], {"id": 1}),
)
TRIED = 4  # of them in each place


SIGNED_LATER = ("provenance.audit_root", "provenance.signature")


def everything(document, again):
    """All checks of a document; `again` is computed anew only where its parameters changed."""
    try:
        parameters = Parameters.read(Node("", document))
        digest = list(people.document_digest(Node("", document)))
    except Malformed:
        return verify(document, worlds.votes())
    if parameters != again.parameters:
        return verify(document, worlds.votes())
    return [*digest, *compare(document, again)]


def samples(document):
    """One place of each kind in a document."""
    return {forgeries.pattern(path): path for path, _ in forgeries.places(document)}


@pytest.mark.slow
def test_no_document_is_too_broken_to_be_refused(spec):
    """Whatever stands in whatever place, a check fails and nothing is raised."""
    again = recomputation(Node("", spec), worlds.votes())
    for number, (name, path) in enumerate(samples(spec).items()):
        for step in range(TRIED):
            strange = STRANGE[(TRIED * number + step) % len(STRANGE)]
            with forgeries.altered(spec, path, strange) as before:
                if name in SIGNED_LATER or (type(strange) is type(before) and strange == before):
                    continue
                assert not all(c.ok for c in everything(spec, again)), (path, strange)


@pytest.mark.slow
def test_no_missing_field_is_too_much(spec):
    """A field less fails a check."""
    again = recomputation(Node("", spec), worlds.votes())
    for path in samples(spec).values():
        changed = copy.deepcopy(spec)
        parent = changed
        for key in path[:-1]:
            parent = parent[key]
        del parent[path[-1]]
        assert not all(check.ok for check in everything(changed, again)), path


def test_swapped_entries_are_seen(spec):
    """Two members of a list in each other's place, under a new seal."""
    for path in (
        ("groups",),
        ("certificates", "groups", "order"),
        ("certificates", "selections"),
        ("certificates", "selections", 0, "inclusion"),
        ("certificates", "selections", 0, "sensitivity", "rules"),
        ("certificates", "completion", "groups"),
        ("clauses", 0, "support", "by_group"),
    ):
        changed = copy.deepcopy(spec)
        listed = changed
        for key in path:
            listed = listed[key]
        listed[0], listed[1] = listed[1], listed[0]
        assert failed(forgeries.sealed(changed), worlds.votes()), path


@pytest.mark.parametrize("document", [{}, {"clauses": 3}, {"provenance": {}, "clauses": [1]}])
def test_what_is_no_document_fails(document):
    """Even an empty object gets an answer."""
    assert failed(document, worlds.votes())


def test_broken_votes_fail(spec):
    """Columns of unequal length, values that are no votes and doubled votes are named."""
    votes = worlds.votes()

    def table(**changes):
        parts = {
            "participants": votes.participants,
            "statements": votes.statements,
            "served_data": votes.served_data,
            "importance_data": votes.importance_data,
            "probability_data": votes.probability_data,
        }
        matrix = {
            "indptr": votes.values.indptr,
            "indices": votes.values.indices,
            "data": votes.values.data,
        }
        for name, value in changes.items():
            (matrix if name in matrix else parts)[name] = value
        return SimpleNamespace(**parts, values=SimpleNamespace(**matrix))

    twice = votes.values.indices.copy()
    twice[1] = twice[0]
    far = votes.values.indices.copy()
    far[0] = 10**6
    assert failed(spec, table()) == []
    for broken in (
        table(data=votes.values.data * 5),
        table(indices=twice),
        table(indices=far),
        table(indptr=votes.values.indptr[:-1]),
        table(served_data=votes.served_data[:-1]),
        table(data=votes.values.data[:-1]),
        table(participants=votes.participants[:-1]),
    ):
        assert "votes" in failed(spec, broken)


# -- what it needs ---------------------------------------------------------------------------------

ALONE = """
import json, sys
from types import SimpleNamespace
import numpy as np

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("scipy", "cvxpy", "sklearn", "jsonschema"):
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
from aggregation.certify.checks import people
from aggregation.certify.recompute.everything import Parameters
from aggregation.certify.stated import Malformed, Node
from aggregation.certify.verify import compare, recomputation, verify
import aggregation.certify

folder = sys.argv[1]
with open(folder + "/spec.json", encoding="utf-8") as file:
    spec = json.load(file)
parts = np.load(folder + "/votes.npz")
matrix = {name: parts[name] for name in ("indptr", "indices", "data")}
rest = {name: parts[name] for name in ("served_data", "importance_data", "probability_data")}
votes = SimpleNamespace(
    participants=tuple(parts["participants"].tolist()),
    statements=tuple(parts["statements"].tolist()),
    values=SimpleNamespace(**matrix),
    **rest,
)
checks = verify(spec, votes)
print(len(checks), sum(not check.ok for check in checks))
print(sorted(set(sys.modules) & {"scipy", "cvxpy", "aggregation.votes", "aggregation.opinion"}))
"""


def test_numpy_is_enough(spec, tmp_path):
    """Certificates import neither scipy nor a solver, and check a whole spec without them."""
    votes = worlds.votes()
    (tmp_path / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    np.savez(
        tmp_path / "votes.npz",
        participants=np.array(votes.participants),
        statements=np.array(votes.statements),
        indptr=votes.values.indptr,
        indices=votes.values.indices,
        data=votes.values.data,
        served_data=votes.served_data,
        importance_data=votes.importance_data,
        probability_data=votes.probability_data,
    )
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    counted, loaded = done.stdout.splitlines()
    assert counted.split()[1] == "0"
    assert int(counted.split()[0]) > 300
    assert loaded == "[]"


def test_the_input_is_left_as_it_was(spec):
    """Checking changes neither the document nor the votes."""
    before, table = copy.deepcopy(spec), worlds.votes()
    digest = table.digest()
    verify(spec, table)
    assert (spec, table.digest()) == (before, digest)


def test_a_hidden_statement_does_not_break_the_counts():
    """Statements that wait or have no claim are counted once each, by language or by state."""
    corpus = worlds.corpus()
    more = (Statement("s1", "Something else.", language="de"), Statement("s2", "Und mehr."))
    corpus = replace(corpus, statements=(*corpus.statements, *more))
    corpus = replace(corpus, claims=(*corpus.claims, Claim("late", Span("s2", 0, 9))))
    outcome = aggregate(corpus, worlds.votes())
    assert failed(json.loads(outcome.content), worlds.votes()) == []
