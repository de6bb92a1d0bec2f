"""What a coordinated crowd of fake participants could do: simulated, list by list.

A fake votes against its targets (or for them) and elsewhere like anybody, so that nothing gives it
away. What decides is who chooses what a fake votes on: itself, or the platform.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from aggregation.errors import AggregationInputError
from aggregation.robust.fakes import Goal, Mode, ballots, joined
from aggregation.robust.least import least_attacks
from aggregation.robust.worlds import World, best, clean_world, decided
from aggregation.tiers import Assignment, Policy, Strength
from aggregation.types import IntArray
from aggregation.votes import VoteTable

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
        added = ballots(clean, fakes, mode=mode, goal=goal, targets=aimed, seed=seed)
        crowd = joined(clean.votes, added)
        attacked = decided(
            crowd, policy, served_rule=clean.served_rule, previous=clean.groups, seed=seed
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


def _aimed(clean: World, policy: Policy, *, goal: Goal, targets: Iterable[str] | None) -> IntArray:
    """The targets' columns."""
    if targets is not None:
        return _columns(list(targets), clean.votes.statements)
    if goal == "topple":
        return _weakest(clean, policy)
    enough = clean.support.seen_all >= max(policy.min_reactions, 1)
    if goal == "bury":
        return np.array(best(clean.rates, enough, BURIED), dtype=np.int64)
    low, high = UNDECIDED
    common = np.array([one is not None for one in clean.assignment.strength], dtype=bool)
    open_ones = enough & ~common & (clean.rates >= low) & (clean.rates < high)
    return np.array(best(clean.rates, open_ones, PROMOTED), dtype=np.int64)


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
