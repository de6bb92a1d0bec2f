"""What a coordinated crowd of fake participants could do: simulated, list by list.

A fake votes against its targets (or for them) and elsewhere like anybody, so that nothing gives it
away. What decides is who chooses what a fake votes on: itself, or the platform.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np
from scipy import sparse

from aggregation import opinion
from aggregation.errors import AggregationInputError
from aggregation.robust.least import least_attacks
from aggregation.tiers import Assignment, Policy, Strength, assign
from aggregation.types import BoolArray, FloatArray, IntArray
from aggregation.votes import VoteTable

Mode: TypeAlias = Literal["self_selected", "served_only"]
Goal: TypeAlias = Literal["bury", "topple", "promote"]

LIST_LENGTH = 20  # of the two lists that other platforms publish
BURIED, PROMOTED = 12, 5  # targets, where none are named
UNDECIDED = 0.44, 0.60  # support of the claims that are worth promoting, where none are named


@dataclass(frozen=True)
class ListOutcome:
    """What the attack did to one way of choosing clauses.

    name : "must" and "common_ground" (MUST or SHOULD) by this project's thresholds; "majority" and
        "polis", the top 20 by share of agreement and by Polis's group-informed consensus
    before, after : length; jaccard : shared part of both, 1 where both are empty
    at_stake : targets on the list, or off it where they are to be promoted
    hit : those of them that changed place
    """

    name: str
    before: int
    after: int
    jaccard: float
    at_stake: int
    hit: int


@dataclass(frozen=True)
class AttackOutcome:
    """One attack and its effect.

    share : fakes for each real participant; served_rule : whether only served votes counted
    lost, weakened, gained : claims whose MUST or SHOULD went, became weaker, or came about
    groups_before, groups_after : how many opinion groups there are
    """

    share: float
    mode: Mode
    goal: Goal
    served_rule: bool
    people: int
    fakes: int
    targets: tuple[str, ...]
    lists: tuple[ListOutcome, ...]
    lost: tuple[str, ...]
    weakened: tuple[str, ...]
    gained: tuple[str, ...]
    groups_before: int
    groups_after: int

    def of(self, name: str) -> ListOutcome:
        """The outcome of the list with this name; KeyError where there is none."""
        return {one.name: one for one in self.lists}[name]


def coordinated_attack(
    votes: VoteTable,
    policy: Policy,
    *,
    share: float,
    mode: Mode = "self_selected",
    goal: Goal = "bury",
    targets: Iterable[str] | None = None,
    served_rule: bool = True,
    seed: int = 0,
) -> AttackOutcome:
    """Add `share` fakes for each real participant, let them vote, and decide everything again.

    mode : "self_selected" fakes vote on all targets and on other claims as they come by, up to the
        votes of a typical participant; none of these votes is served. "served_only" fakes answer
        as many claims, each as likely as any other, as a typical participant.
    goal : vote against what the crowd says of the targets ("bury", "topple"), or agree ("promote")
    targets : claims; by default the 12 with the greatest share of agreement (bury), the 12 clauses
        of common ground that the fewest newcomers take down (topple), or the 5 best supported
        claims of 44 to 60 % that are no common ground (promote); fewer where there are fewer. Equal
        claims in table order.
    served_rule : whether votes count only where the platform served the claim, as in this project;
        False shows a platform on which people choose what they vote on
    seed : decides every draw

    Groups are found anew and matched to those before. Raises AggregationInputError on bad options.
    """
    require_share(share)
    _require_options(mode, goal)
    clean = clean_world(votes, policy, served_rule=served_rule, seed=seed)
    return attack(clean, policy, share=share, mode=mode, goal=goal, targets=targets, seed=seed)


@dataclass(frozen=True, eq=False)
class World:
    """The counted votes of one crowd, its people numbered, and what they decide.

    rates (m,): share of all answers that agree; lists : by name, sets of (column, direction)
    """

    votes: VoteTable
    served_rule: bool
    groups: opinion.Groups
    support: opinion.Support
    assignment: Assignment
    rates: FloatArray
    lists: dict[str, frozenset[tuple[int, int]]]


def clean_world(votes: VoteTable, policy: Policy, *, served_rule: bool, seed: int) -> World:
    """What the votes that count decide without any attack; people without such a vote are out."""
    counted = votes.served_only() if served_rule else votes
    heard = np.flatnonzero(np.diff(counted.values.indptr))
    people = [counted.participants[i] for i in heard.tolist()]
    return _decided(
        _numbered(counted.restrict(people)),
        policy,
        served_rule=served_rule,
        previous=None,
        seed=seed,
    )


def attack(
    clean: World,
    policy: Policy,
    *,
    share: float,
    mode: Mode,
    goal: Goal,
    targets: Iterable[str] | None,
    seed: int,
) -> AttackOutcome:
    """The attack on a crowd whose clean outcome is known."""
    aimed = _aimed(clean, policy, goal=goal, targets=targets)
    n = len(clean.votes.participants)
    fakes = max(1, round(share * n)) if n else 0
    attacked = clean
    if fakes and not (clean.served_rule and mode == "self_selected"):
        ballots = _ballots(clean, fakes, mode=mode, goal=goal, targets=aimed, seed=seed)
        joined = _joined(clean.votes, ballots)
        attacked = _decided(
            joined, policy, served_rule=clean.served_rule, previous=clean.groups, seed=seed
        )
    names = clean.votes.statements
    changes = _strength_changes(clean.assignment, attacked.assignment)
    return AttackOutcome(
        share=share,
        mode=mode,
        goal=goal,
        served_rule=clean.served_rule,
        people=n,
        fakes=fakes,
        targets=tuple(names[j] for j in aimed.tolist()),
        lists=tuple(
            _compared(name, clean, attacked, goal=goal, targets=aimed) for name in clean.lists
        ),
        lost=tuple(names[j] for j in changes["lost"]),
        weakened=tuple(names[j] for j in changes["weakened"]),
        gained=tuple(names[j] for j in changes["gained"]),
        groups_before=clean.groups.k,
        groups_after=attacked.groups.k,
    )


def _decided(
    votes: VoteTable,
    policy: Policy,
    *,
    served_rule: bool,
    previous: opinion.Groups | None,
    seed: int,
) -> World:
    groups = opinion.groups(
        opinion.project(votes), min_mass=policy.min_group_mass, seed=seed, previous=previous
    )
    support = opinion.group_support(votes, groups)
    assignment = assign(support, policy)
    direction, strength = assignment.direction, assignment.strength
    rates = support.agree_all / np.maximum(support.seen_all, 1)
    enough = support.seen_all >= max(policy.min_reactions, 1)
    held = {
        "must": [j for j, one in enumerate(strength) if one == "must"],
        "common_ground": [j for j, one in enumerate(strength) if one is not None],
    }
    lists = {
        name: frozenset((j, int(direction[j])) for j in members) for name, members in held.items()
    }
    for name, scores in (("majority", rates), ("polis", opinion.group_consensus(support))):
        lists[name] = frozenset((j, 1) for j in _top(scores, enough, LIST_LENGTH))
    return World(votes, served_rule, groups, support, assignment, rates, lists)


def _top(scores: FloatArray, allowed: BoolArray, count: int) -> list[int]:
    """The best `count` of the allowed columns, best first, equal ones in table order."""
    order = np.argsort(-np.round(scores, 12), kind="stable")
    best: list[int] = order[allowed[order]][:count].tolist()
    return best


def _aimed(clean: World, policy: Policy, *, goal: Goal, targets: Iterable[str] | None) -> IntArray:
    """The targets' columns."""
    if targets is not None:
        return _columns(list(targets), clean.votes.statements)
    if goal == "topple":
        return _weakest(clean, policy)
    enough = clean.support.seen_all >= max(policy.min_reactions, 1)
    if goal == "bury":
        return np.array(_top(clean.rates, enough, BURIED), dtype=np.int64)
    low, high = UNDECIDED
    common = np.array([one is not None for one in clean.assignment.strength], dtype=bool)
    open_ones = enough & ~common & (clean.rates >= low) & (clean.rates < high)
    return np.array(_top(clean.rates, open_ones, PROMOTED), dtype=np.int64)


def _weakest(clean: World, policy: Policy) -> IntArray:
    people = len(clean.votes.participants)
    found = least_attacks(clean.support, clean.assignment, policy, participants=people)
    place = {name: column for column, name in enumerate(clean.votes.statements)}
    known = [(one.additions, place[one.claim]) for one in found if one.additions is not None]
    return np.array([column for _, column in sorted(known)[:BURIED]], dtype=np.int64)


def _columns(targets: Sequence[str], statements: tuple[str, ...]) -> IntArray:
    place = {name: column for column, name in enumerate(statements)}
    for name in targets:
        if name not in place:
            raise AggregationInputError(
                f"target {name!r} is not a claim of these votes; name claims by their ids."
            )
    return np.array(sorted({place[name] for name in targets}), dtype=np.int64)


def require_share(share: float) -> None:
    """Raise AggregationInputError unless this is a share of fakes that can be simulated."""
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
        raise AggregationInputError(
            f"share {share!r}: give the fakes for each participant, above 0 and below 1."
        )


def _require_options(mode: str, goal: str) -> None:
    for name, given, known in (("mode", mode, get_args(Mode)), ("goal", goal, get_args(Goal))):
        if given not in known:
            raise AggregationInputError(f"{name} {given!r} is none of {', '.join(known)}.")


@dataclass(frozen=True, eq=False)
class _Ballots:
    """The fakes' votes as parallel arrays."""

    fakes: int
    row: IntArray
    column: IntArray
    value: IntArray


def _ballots(
    clean: World, fakes: int, *, mode: Mode, goal: Goal, targets: IntArray, seed: int
) -> _Ballots:
    support, m = clean.support, len(clean.votes.statements)
    rng = np.random.default_rng(seed)
    typical = min(m, round(float(np.median(np.diff(clean.votes.values.indptr)))))
    others = np.setdiff1d(np.arange(m), targets)
    met = support.seen_all[others] + 1.0  # how likely one comes by each of them
    passing = min(max(typical - len(targets), 0), len(others))

    def chosen() -> IntArray:
        if mode == "served_only":
            return np.sort(rng.choice(m, typical, replace=False))
        if not passing:
            return targets
        some = rng.choice(others, passing, replace=False, p=met / met.sum())
        return np.sort(np.concatenate([targets, some]))

    ballots = [chosen() for _ in range(fakes)]
    rows = np.repeat(np.arange(fakes), [len(one) for one in ballots])
    columns = np.concatenate(ballots).astype(np.int64)
    values = _mimicked(support, columns, rng)
    aimed = np.isin(columns, targets)
    against = np.where(clean.assignment.direction < 0, 1, -1)
    values[aimed] = against[columns[aimed]] if goal != "promote" else 1
    return _Ballots(fakes, rows, columns, values)


def _mimicked(support: opinion.Support, columns: IntArray, rng: np.random.Generator) -> IntArray:
    """Answers as the crowd gives them, with one of each kind added."""
    total = support.seen_all + 3.0
    disagrees = (support.disagree_all + 1) / total
    agrees = (support.agree_all + 1) / total
    drawn = rng.random(len(columns))
    turned = drawn >= 1 - disagrees[columns]
    return (drawn < agrees[columns]).astype(np.int64) - turned.astype(np.int64)


def _numbered(votes: VoteTable) -> VoteTable:
    return replace(votes, participants=tuple(str(i) for i in range(len(votes.participants))))


def _joined(votes: VoteTable, ballots: _Ballots) -> VoteTable:
    """The same people, and the fakes after them."""
    n, m = votes.shape
    added = sparse.csr_array(
        (ballots.value.astype(np.int8), (ballots.row, ballots.column)), shape=(ballots.fakes, m)
    )
    count = len(ballots.value)
    unknown = np.full(count, np.nan)
    return VoteTable(
        participants=tuple(str(i) for i in range(n + ballots.fakes)),
        statements=votes.statements,
        values=sparse.vstack([votes.values, added], format="csr"),
        served_data=np.concatenate([votes.served_data, np.ones(count, dtype=bool)]),
        importance_data=np.concatenate([votes.importance_data, unknown]),
        probability_data=np.concatenate([votes.probability_data, unknown]),
    )


def _compared(
    name: str, clean: World, attacked: World, *, goal: Goal, targets: IntArray
) -> ListOutcome:
    before, after = clean.lists[name], attacked.lists[name]
    aimed = set(targets.tolist())
    held, left = ({j for j, _ in one} & aimed for one in (before, before - after))
    if goal == "promote":
        held, left = aimed - held, {j for j, _ in after - before} & aimed
    union = len(before | after)
    jaccard = len(before & after) / union if union else 1.0
    return ListOutcome(name, len(before), len(after), jaccard, len(held), len(left))


def _strength_changes(clean: Assignment, attacked: Assignment) -> dict[str, list[int]]:
    rank: dict[Strength | None, int] = {"must": 2, "should": 1, None: 0}
    before = np.array([rank[one] for one in clean.strength], dtype=np.int64)
    after = np.array([rank[one] for one in attacked.strength], dtype=np.int64)
    turned = clean.direction != attacked.direction
    lost = (before > 0) & ((after == 0) | turned)
    return {
        "lost": np.flatnonzero(lost).tolist(),
        "weakened": np.flatnonzero((after < before) & ~lost).tolist(),
        "gained": np.flatnonzero((after > 0) & ((before == 0) | turned)).tolist(),
    }
