"""Another policy on the same answers: at once, and exactly what a whole run would decide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import worlds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregation import intake, whatif
from aggregation.errors import AggregationInputError
from aggregation.run import Outcome, aggregate
from aggregation.tiers import Policy
from aggregation.types import Settings


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return aggregate(worlds.corpus(), worlds.votes(), Settings())


@pytest.fixture(scope="module")
def ccai(data_dir: Path) -> Outcome:
    folder = data_dir / "ccai"
    read = intake.read_polis(
        folder / "comments.csv",
        None,
        folder / "participants-votes.csv",
        exclude=folder / "ids-to-toss.csv",
        title="CCAI",
        id="ccai",
    )
    return aggregate(read.corpus, read.table(), Settings(bootstrap=2))


def statuses(document: dict) -> dict[str, tuple[str, str, str]]:
    """Claim -> what a spec says of it."""
    return {
        one["claim"]: (one["status"], one["tier"], one["reason"]["code"])
        for one in document["clauses"]
    }


def settled(basis: whatif.Basis, policy: Policy) -> dict[str, tuple[str, str, str]]:
    """The same of a policy that was tried."""
    found = whatif.settle(basis, policy)
    return {
        claim: (one.status.value, one.tier.value, one.code)
        for claim, one in zip(basis.claims, found.decisions, strict=True)
    }


def test_the_policy_of_the_run_gives_what_the_run_gave(outcome: Outcome) -> None:
    """Nothing changed, so nothing comes in or goes out: every claim with status, tier, reason."""
    assert settled(outcome.basis, outcome.basis.policy) == statuses(outcome.document)


def test_a_stored_basis_is_the_same_to_the_last_bit(outcome: Outcome) -> None:
    """Written to a file and read again, it gives the same decisions and the same bytes."""
    content = whatif.to_bytes(outcome.basis)
    again = whatif.from_bytes(content)
    assert settled(again, again.policy) == statuses(outcome.document)
    columns = np.arange(len(again.claims))
    np.testing.assert_array_equal(
        again.positions.siding(columns), outcome.basis.positions.siding(columns)
    )
    assert whatif.to_bytes(again) == content


def test_another_policy_is_what_a_whole_run_would_decide() -> None:
    """Tried on the basis or computed from the start: the same spec."""
    changes = {"should_pooled": 0.5, "should_group": 0.4, "common_budget": 3, "voice_budget": 1}
    first = aggregate(worlds.corpus(), worlds.votes(), Settings()).basis
    whole = aggregate(worlds.corpus(), worlds.votes(), Settings(policy=changes)).document
    assert settled(first, whatif.changed(first.policy, **changes)) == statuses(whole)


def test_real_answers_survive_the_file(ccai: Outcome) -> None:
    """The adopted set of a real consultation comes out of its stored basis exactly."""
    basis = whatif.from_bytes(whatif.to_bytes(ccai.basis))
    assert settled(basis, basis.policy) == statuses(ccai.document)


def test_a_lower_bar_never_makes_fewer_sentences_broad(ccai: Outcome) -> None:
    """What passes a threshold passes every lower one; a veto that needs more stops no more."""
    for name, values in (
        ("should_pooled", (0.75, 0.7, 0.6, 0.5, 0.3)),
        ("should_group", (0.6, 0.5, 0.4, 0.2)),
        ("z", (3.0, 1.96, 1.0, 0.0)),
    ):
        before = np.zeros(len(ccai.basis.claims), dtype=bool)
        for value in values:
            now = whatif.settle(ccai.basis, whatif.changed(Policy(), **{name: value})).broad
            assert not (before & ~now).any(), (name, value)
            before = now


def test_a_budget_is_never_overdrawn(ccai: Outcome) -> None:
    """However little room there is, no more clauses are adopted than it holds."""
    for room in (0, 1, 5, 40):
        found = whatif.settle(ccai.basis, whatif.changed(Policy(), common_budget=room))
        assert len(found.adopted) <= room
    assert np.isfinite(found.served).all()
    nothing = whatif.settle(ccai.basis, whatif.changed(Policy(), common_budget=0))
    assert np.isnan(nothing.served).all()
    assert nothing.unheard == 1.0


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    should=st.floats(0.05, 0.75),
    group=st.floats(0.05, 0.6),
    veto=st.floats(0, 1),
    room=st.integers(0, 12),
)
def test_any_policy_settles_every_claim(
    outcome: Outcome, should: float, group: float, veto: float, room: int
) -> None:
    """Whatever the numbers, each claim is decided once and adopted ones have broad support."""
    policy = whatif.changed(
        Policy(), should_pooled=should, should_group=group, veto=veto, common_budget=room
    )
    found = whatif.settle(outcome.basis, policy)
    assert len(found.decisions) == len(outcome.basis.claims)
    assert all(found.broad[j] for j in found.adopted)
    assert 0 <= found.unheard <= 1


def test_what_needs_a_whole_run_is_refused(outcome: Outcome) -> None:
    """Another least size of a group would make other groups; the field is named."""
    with pytest.raises(AggregationInputError, match=r"min_group_mass.*whole run"):
        whatif.settle(outcome.basis, whatif.changed(Policy(), min_group_mass=0.3))


def test_settling_changes_nothing(outcome: Outcome) -> None:
    """The basis can be asked again and again."""
    before = whatif.to_bytes(outcome.basis)
    whatif.settle(outcome.basis, whatif.changed(Policy(), common_budget=2))
    assert whatif.to_bytes(outcome.basis) == before


def test_people_are_counted_once_per_theme(outcome: Outcome) -> None:
    """Everybody answered fourteen sentences, three people one more; in no theme nobody is told."""
    basis = outcome.basis
    theme = np.full(len(basis.claims), -1, dtype=np.int64)
    theme[[0, 1]] = 0
    theme[basis.claims.index(str(len(worlds.SENTENCES)))] = 1
    people, answers = whatif.heard(basis, theme)
    assert people.tolist() == [240, 3]
    assert answers.tolist() == [480, 3]
    none, nothing = whatif.heard(basis, np.full(len(basis.claims), -1, dtype=np.int64))
    assert none.size == nothing.size == 0
